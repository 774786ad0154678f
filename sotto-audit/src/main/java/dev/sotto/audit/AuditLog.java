package dev.sotto.audit;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.AuditSink;
import dev.sotto.core.Meter;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
/// skeleton

@SuppressWarnings("DoNotCallSuggester")
public final class AuditLog implements AuditSink, AutoCloseable {
    private AuditLog() {}

    public static AuditLog open(
            AuditConfig config,
            DataSource sequencerRole,
            CheckpointSigner signer,
            Clock clock,
            SecureRandom random,
            Meter meter) {
        throw Pending.yet();
    }

    @Override
    public AuditReceipt append(AuditEvent event) {
        throw Pending.yet();
    }

    public SignedCheckpoint checkpointNow() {
        throw Pending.yet();
    }

    public Optional<SignedCheckpoint> latestCheckpoint() {
        throw Pending.yet();
    }

    public InclusionProof prove(long sequence, long treeSize) {
        throw Pending.yet();
    }

    public ConsistencyProof proveConsistency(long from, long to) {
        throw Pending.yet();
    }
    /// Records `audit.exported` by `actor`, signs a checkpoint and writes the whole log up to it.
    public void export(OutputStream out, ActorId actor) {
        throw Pending.yet();
    }

    public List<AuditEntry> entries(AuditQuery query) {
        throw Pending.yet();
    }

    @Override
    public void close() {
        throw Pending.yet();
    }
}
