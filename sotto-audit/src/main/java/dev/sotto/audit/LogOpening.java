package dev.sotto.audit;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/// What must hold before a log takes entries: the database keeps what it acknowledges, its rows fit together,
/// and it continues the newest checkpoint known. All in one transaction, which takes the epoch last.
final class LogOpening {
    private static final String HINT =
            "\nhint: this database was rolled back or replaced; restore the newer one, or open a new log under a new id";

    private final AuditConfig config;
    private final TrustedKeys keys;
    private final List<CheckpointFiles.Saved> saved;
    private final UUID holder;

    LogOpening(AuditConfig config, TrustedKeys keys, List<CheckpointFiles.Saved> saved, UUID holder) {
        this.config = config;
        this.keys = keys;
        this.saved = saved;
        this.holder = holder;
    }

    Sequencer.Opened open(DataSource database) {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                Sequencer.Opened opened = open(connection);
                connection.commit();
                return opened;
            } finally {
                connection.rollback();
            }
        } catch (SQLException failure) {
            throw new UnavailableException(AuditError.AUDIT_DATABASE, "audit log cannot be opened", failure);
        }
    }

    private Sequencer.Opened open(Connection connection) throws SQLException {
        requireDurable(connection, "fsync");
        requireDurable(connection, "synchronous_commit");
        createIfAbsent(connection);
        LogReads reads = new LogReads(connection, config.logId());
        Frontier frontier = head(connection, reads);
        TenantHeads heads = tenantHeads(reads, frontier.size());
        for (Known known : newestKnown(reads)) {
            requireContinues(known, reads, frontier.size());
        }
        return new Sequencer.Opened(holder, takeEpoch(connection), frontier, heads);
    }

    private static void requireDurable(Connection connection, String setting) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select current_setting(?)")) {
            statement.setString(1, setting);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next() || "off".equals(rows.getString(1))) {
                    throw new RejectedException(
                            AuditError.AUDIT_NOT_DURABLE,
                            "database setting %s (off) must be on: an acknowledged entry could be lost"
                                    .formatted(setting));
                }
            }
        }
    }

    private void createIfAbsent(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("insert into audit.log (log_id, origin, epoch, holder, size, root)"
                        + " values (?, ?, 0, ?, 0, ?) on conflict do nothing")) {
            statement.setString(1, config.logId());
            statement.setString(2, config.origin());
            statement.setObject(3, holder);
            statement.setBytes(4, MerkleTree.empty().bytes());
            statement.executeUpdate();
        }
    }

    private Frontier head(Connection connection, LogReads reads) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select origin, size, root from audit.log where log_id = ? for update")) {
            statement.setString(1, config.logId());
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                if (!config.origin().equals(rows.getString(1))) {
                    throw new RejectedException(
                            AuditError.AUDIT_SOURCE,
                            "log (%s) has another origin than (%s)".formatted(config.logId(), config.origin()));
                }
                Frontier frontier = Frontier.load(reads, rows.getLong(2));
                if (!frontier.root().equals(MerkleHash.of(rows.getBytes(3)))) {
                    throw damaged("its head is not the root of its entries");
                }
                return frontier;
            }
        }
    }

    private TenantHeads tenantHeads(LogReads reads, long size) {
        TenantHeads heads = new TenantHeads();
        for (StoredEntry last : reads.tenantHeads()) {
            AuditEntry entry = read(last);
            boolean same = last.columns()
                    .filter(columns -> columns.tenant().equals(entry.tenant().value())
                            && columns.tenantSequence() == entry.tenantSequence())
                    .isPresent();
            if (!same) {
                throw damaged("entry (%d) stands under another tenant".formatted(last.sequence()));
            }
            heads.put(entry.tenant().value(), entry.tenantSequence() + 1, entry.leafHash());
        }
        if (heads.total() != size) {
            throw damaged("its tenants have %d entries and it has %d".formatted(heads.total(), size));
        }
        return heads;
    }

    private AuditEntry read(StoredEntry entry) {
        try {
            return entry.read();
        } catch (RejectedException malformed) {
            throw damaged("entry (%d) is altered".formatted(entry.sequence()));
        }
    }

    /// A checkpoint the log must continue.
    private record Known(String name, Checkpoint checkpoint) {}

    private List<Known> newestKnown(LogReads reads) {
        List<Known> known = new ArrayList<>();
        reads.newestCheckpoint().ifPresent(note -> known.add(new Known("stored", checked("stored", note))));
        // Latest and the newest of the history: a crash between the two writes leaves the history ahead.
        for (CheckpointFiles.Saved file : saved.subList(Math.max(0, saved.size() - 2), saved.size())) {
            known.add(new Known(file.name(), checked(file.name(), file.note())));
        }
        return known;
    }

    private Checkpoint checked(String name, Bytes note) {
        SignedCheckpoint signed;
        try {
            signed = SignedCheckpoint.parse(note.array());
        } catch (RejectedException malformed) {
            throw new IntegrityException(
                    AuditError.AUDIT_CHECKPOINT, "checkpoint (%s) cannot be read".formatted(name), malformed);
        }
        return switch (signed.check(keys)) {
            case SignedCheckpoint.Check.Signed _
            when signed.checkpoint().origin().equals(config.origin()) -> signed.checkpoint();
            case SignedCheckpoint.Check.Signed _ ->
                throw new IntegrityException(
                        AuditError.AUDIT_CHECKPOINT, "checkpoint (%s) is of another log".formatted(name));
            case SignedCheckpoint.Check.Refused refused ->
                throw new IntegrityException(
                        AuditError.AUDIT_CHECKPOINT,
                        "checkpoint (%s) must not be believed: %s".formatted(name, refused.reason()));
        };
    }

    private void requireContinues(Known known, LogReads reads, long size) {
        Checkpoint checkpoint = known.checkpoint();
        if (checkpoint.size() > size) {
            throw new IntegrityException(
                    AuditError.AUDIT_ROLLBACK,
                    "log (%s) has %d entries and its checkpoint (%s) signed %d%s"
                            .formatted(config.logId(), size, known.name(), checkpoint.size(), HINT));
        }
        if (!MerkleProofs.root(new TileNodes(reads), 0, checkpoint.size()).equals(checkpoint.root())) {
            throw new IntegrityException(
                    AuditError.AUDIT_ROLLBACK,
                    "log (%s) does not continue its checkpoint (%s) of %d entries%s"
                            .formatted(config.logId(), known.name(), checkpoint.size(), HINT));
        }
    }

    private long takeEpoch(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "update audit.log set epoch = epoch + 1, holder = ? where log_id = ? returning epoch")) {
            statement.setObject(1, holder);
            statement.setString(2, config.logId());
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private IntegrityException damaged(String what) {
        return new IntegrityException(
                AuditError.AUDIT_DAMAGED, "log (%s) is damaged: %s".formatted(config.logId(), what));
    }
}
