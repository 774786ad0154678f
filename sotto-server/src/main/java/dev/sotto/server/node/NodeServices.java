package dev.sotto.server.node;

import dev.sotto.audit.AuditLog;
import dev.sotto.audit.AuditSource;
import dev.sotto.audit.AuditVerifier;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.audit.Verification;
import dev.sotto.core.ActorId;
import dev.sotto.keys.KeyService;
import dev.sotto.media.TwilioEdge;
import dev.sotto.store.Store;
import java.nio.file.Path;
import java.util.Optional;
import javax.sql.DataSource;

/// The parts of a running node that answer requests. All are thread-safe and closed by the node.
///
/// @param edge where carriers connect
/// @param auditReader connections that may read the audit log and nothing else
/// @param checkpoints where signed heads are kept outside the data directory
/// @param guard what decides disclosures, as it is shown
public record NodeServices(
        ActorId actor,
        Store store,
        AuditLog audit,
        KeyService keys,
        TwilioEdge edge,
        TrustedKeys trustedKeys,
        DataSource auditReader,
        Path checkpoints,
        GuardView guard) {
    /// Reads the whole audit log again and checks it against the checkpoints saved outside. Takes as long as the
    /// log is.
    public Verification verifyAudit() {
        return new AuditVerifier()
                .verify(
                        AuditSource.fromDatabase(auditReader).withCheckpoints(checkpoints),
                        trustedKeys,
                        Optional.empty());
    }
}
