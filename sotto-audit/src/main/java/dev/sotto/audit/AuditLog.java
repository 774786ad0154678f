package dev.sotto.audit;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.AuditSink;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node's audit log, open for appending. Thread-safe. Appends block until durable and are committed in
/// groups; a log that was opened again elsewhere is fenced out and never writes again.
public final class AuditLog implements AuditSink, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
    private static final String METRIC_APPEND = "audit.append.time";
    /// Readers share the sequencer's connections and must leave it some.
    private static final int MOST_READERS = 2;

    private final AuditConfig config;
    private final DataSource database;
    private final CheckpointSigner signer;
    private final Clock clock;
    private final SecureRandom random;
    private final Meter meter;
    private final Sequencer sequencer;
    private final Checkpointer checkpointer;
    private final Semaphore readers = new Semaphore(MOST_READERS, true);

    private AuditLog(
            AuditConfig config,
            DataSource database,
            CheckpointSigner signer,
            Clock clock,
            SecureRandom random,
            Meter meter,
            Sequencer sequencer,
            Checkpointer checkpointer) {
        this.config = config;
        this.database = database;
        this.signer = signer;
        this.clock = clock;
        this.random = random;
        this.meter = meter;
        this.sequencer = sequencer;
        this.checkpointer = checkpointer;
    }

    /// Opens the log, creating it if it is new, takes it from whoever has it open, and signs its head.
    ///
    /// @param sequencerRole connections of the sequencer's role, at least four at once; the log does not close
    ///     it
    /// @throws IntegrityException if the database is behind, or does not continue, a checkpoint saved outside
    ///     (`AUDIT_ROLLBACK`), or its rows do not fit together; nothing was changed
    /// @throws RejectedException if the log has another origin, or the database may lose what it acknowledged
    /// @throws UnavailableException if the database or the checkpoint directory does not answer
    public static AuditLog open(
            AuditConfig config,
            DataSource sequencerRole,
            CheckpointSigner signer,
            Clock clock,
            SecureRandom random,
            Meter meter) {
        if (!signer.name().equals(config.origin())) {
            throw new IllegalArgumentException(
                    "signer (%s) must have the name of the origin (%s)".formatted(signer.name(), config.origin()));
        }
        CheckpointFiles files = new CheckpointFiles(config.checkpointDirectory(), config.checkpointHistory());
        LogStore store = new LogStore(sequencerRole, config.logId(), config.appendTimeout());
        UUID holder = new UUID(random.nextLong(), random.nextLong());
        Sequencer.Opened opened = new LogOpening(config, signer.publicKeys(), files.read(), holder).open(sequencerRole);
        Sequencer sequencer = new Sequencer(config, store, opened, meter);
        Checkpointer checkpointer = new Checkpointer(sequencer, store, files, signer, clock, meter);
        checkpointer.now();
        sequencer.start();
        checkpointer.start(config.checkpointInterval());
        log.atInfo()
                .addKeyValue("event", "audit.log.opened")
                .addKeyValue("log", config.logId())
                .addKeyValue("size", sequencer.size())
                .log("the audit log is open");
        return new AuditLog(config, sequencerRole, signer, clock, random, meter, sequencer, checkpointer);
    }

    /// Records `event`. On any doubt it fails, and the entry may or may not be in the log.
    ///
    /// @throws UnavailableException if it may not be durable; the caller must not act
    @Override
    public AuditReceipt append(AuditEvent event) {
        long started = System.nanoTime();
        AuditReceipt receipt = submit(Draft.of(event, clock, random), false).await(config.appendTimeout());
        meter.time(METRIC_APPEND, Duration.ofNanos(System.nanoTime() - started));
        return receipt;
    }

    /// Queues a draft that may already have been appended, as part of a group.
    PendingAppend submit(Draft draft, boolean mayExist) {
        return sequencer.submit(draft, mayExist);
    }

    Duration appendTimeout() {
        return config.appendTimeout();
    }

    /// Signs the head as it is now and saves it in the database and outside.
    ///
    /// @throws UnavailableException if it could not be saved in both places
    public SignedCheckpoint checkpointNow() {
        return checkpointer.now();
    }

    /// The newest checkpoint this log made.
    public Optional<SignedCheckpoint> latestCheckpoint() {
        return checkpointer.latest();
    }

    /// Proves that an entry is in the tree of the first `treeSize` entries.
    ///
    /// @throws NotFoundException if the log is smaller than that
    public InclusionProof prove(long sequence, long treeSize) {
        if (sequence < 0 || sequence >= treeSize || treeSize > sequencer.size()) {
            throw new NotFoundException(
                    AuditError.AUDIT_NO_SUCH_ENTRY,
                    "entry (%d) is not in a tree of (%d) entries".formatted(sequence, treeSize));
        }
        return read(reads -> MerkleProofs.inclusion(new TileNodes(reads), sequence, treeSize));
    }

    /// Proves that the tree of the first `to` entries continues that of the first `from`.
    ///
    /// @throws NotFoundException if `from` is not 1 to `to`, or the log is smaller than `to`
    public ConsistencyProof proveConsistency(long from, long to) {
        if (from < 1 || from > to || to > sequencer.size()) {
            throw new NotFoundException(
                    AuditError.AUDIT_NO_SUCH_ENTRY, "there are no trees of (%d) and (%d) entries".formatted(from, to));
        }
        return read(reads -> MerkleProofs.consistency(new TileNodes(reads), from, to));
    }

    /// Records `audit.exported` by `actor`, signs the head, and writes the whole log up to it. Format:
    /// `docs/spec/audit-log.md`, "Export". The stream stays open.
    public void export(OutputStream out, ActorId actor) {
        append(AuditEvent.of("audit.exported", actor)
                .resource("log", config.logId())
                .build());
        checkpointNow();
        reading(() -> AuditExport.write(database, config.logId(), signer.publicKeys(), out));
    }

    /// Lists entries in order. Each one is checked against its leaf hash.
    ///
    /// @throws IntegrityException if a stored entry does not hash to its leaf
    /// @throws UnavailableException if too many read at once, or the database does not answer
    public List<AuditEntry> entries(AuditQuery query) {
        return read(
                reads -> reads.entries(query).stream().map(AuditLog::checked).toList());
    }

    /// Lists entries in order as the bytes they are kept as. Nothing of them is checked: [EntryCheck] does.
    ///
    /// @throws UnavailableException if too many read at once, or the database does not answer
    public List<EntryBytes> bytes(AuditQuery query) {
        return read(reads -> reads.entries(query).stream().map(EntryBytes::of).toList());
    }

    private static AuditEntry checked(StoredEntry entry) {
        try {
            return entry.read();
        } catch (RejectedException altered) {
            throw new IntegrityException(
                    AuditError.AUDIT_DAMAGED, "entry (%d) is altered".formatted(entry.sequence()), altered);
        }
    }

    private <T> T read(Function<LogReads, T> work) {
        return reading(() -> {
            try (Connection connection = database.getConnection()) {
                connection.setAutoCommit(true);
                return work.apply(new LogReads(connection, config.logId()));
            } catch (SQLException failure) {
                throw LogReads.unreadable(failure);
            }
        });
    }

    private <T> T reading(Supplier<T> work) {
        try {
            if (!readers.tryAcquire(config.appendTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new UnavailableException(AuditError.AUDIT_BUSY, "too many read the audit log at once");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(AuditError.AUDIT_BUSY, "interrupted before reading the audit log");
        }
        try {
            return work.get();
        } finally {
            readers.release();
        }
    }

    /// Commits what waits, signs the last head and stops. Appends after it fail. Safe to call again.
    @Override
    public void close() {
        sequencer.close(config.appendTimeout());
        checkpointer.close();
        if (sequencer.fenced()) {
            return;
        }
        try {
            checkpointer.now();
        } catch (SottoException failure) {
            log.atError()
                    .addKeyValue("event", "audit.checkpoint.failed")
                    .addKeyValue("code", failure.code().name())
                    .log("the last checkpoint could not be made");
        }
    }
}
