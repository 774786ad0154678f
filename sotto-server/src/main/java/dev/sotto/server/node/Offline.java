package dev.sotto.server.node;

import dev.sotto.audit.AuditExport;
import dev.sotto.audit.AuditSource;
import dev.sotto.audit.AuditVerifier;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.audit.Verification;
import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyBackup.Restored;
import dev.sotto.keys.KeyRecords.Destruction;
import dev.sotto.keys.KeyStatus;
import dev.sotto.store.PostgresNode;
import dev.sotto.store.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/// The data of a stopped node, opened by a tool. What only reads leaves no trace; what uses keys is audited as
/// ever.
public final class Offline implements AutoCloseable {
    private final Foundation foundation;

    private Offline(Foundation foundation) {
        this.foundation = foundation;
    }

    /// Opens the data for this process alone.
    public static Offline open(NodePlaces places, NodeConfig config, PassphraseSource passphrase) {
        return new Offline(Foundation.existing(places, config, passphrase));
    }

    /// As [#open], with fresh root keys in the key store, which wrap what is wrapped from now on.
    public static Offline openWithNewRoots(NodePlaces places, NodeConfig config, PassphraseSource passphrase) {
        return new Offline(Foundation.existing(places, config, passphrase, Foundation.Purpose.NEW_ROOTS));
    }

    /// As [#open], for [#restoreKeys]: the node's own secret is opened with the backup root key, if the primary one
    /// that
    /// it had is gone.
    public static Offline openToRestore(NodePlaces places, NodeConfig config, PassphraseSource passphrase) {
        return new Offline(Foundation.existing(places, config, passphrase, Foundation.Purpose.RESTORE));
    }

    /// Reads the audit log in the database again.
    ///
    /// @param since a signed checkpoint handed out earlier, which the log must continue
    public Verification verifyAudit(Optional<String> since) {
        try (PostgresNode database = foundation.startDatabase()) {
            AuditSource source = AuditSource.fromDatabase(database.dataSource(Role.READER))
                    .withCheckpoints(Vault.checkpoints(foundation));
            return new AuditVerifier().verify(source, trustedKeys(), since);
        }
    }

    /// Writes the audit log as a file and gives the number of its entries. Not itself an entry: nothing is running.
    public long exportAudit(OutputStream out) {
        try (PostgresNode database = foundation.startDatabase()) {
            return AuditExport.write(database.dataSource(Role.READER), trustedKeys(), out);
        }
    }

    /// Lists keys without using any.
    public List<KeyStatus> keys() {
        return reading(KeyOffice::list);
    }

    /// Lists requests to destroy keys, and certificates, without using a key.
    public List<Destruction> destructions() {
        return reading(KeyOffice::destructions);
    }

    private <T> T reading(Function<KeyOffice, T> question) {
        try (PostgresNode database = foundation.startDatabase();
                var keys = foundation.keys(database, Offline::unexpected, Meter.none())) {
            return question.apply(new KeyOffice(keys));
        }
    }

    private static AuditReceipt unexpected(AuditEvent event) {
        throw new IllegalStateException("listing keys used one (%s)".formatted(event.type()));
    }

    /// Keys and audit log, for tools that seal and open.
    public Vault vault() {
        return Vault.open(foundation, Meter.none());
    }

    /// Brings the keys of a backup back, before any other is used. What the audit log in this database, or the export,
    /// tells was destroyed stays destroyed.
    ///
    /// @param erased an audit export of this node's log, which must verify
    public Restored restoreKeys(Path backup, Optional<Path> erased) {
        var restored = new AtomicReference<Restored>();
        try (FileChannel in = FileChannel.open(backup, StandardOpenOption.READ);
                Vault _ = Vault.open(foundation, Meter.none(), (database, keys) -> {
                    Set<UUID> gone = new HashSet<>();
                    if (Files.exists(foundation.state().trustedAuditKeys())) {
                        gone.addAll(ErasedKeys.of(database.dataSource(Role.READER), trustedKeys()));
                    }
                    erased.ifPresent(export -> gone.addAll(ErasedKeys.of(export, trustedKeys())));
                    try {
                        restored.set(keys.backup().restore(in, gone, foundation.actor()));
                    } catch (IOException unreadable) {
                        throw unusable(backup, unreadable);
                    }
                })) {
            return Objects.requireNonNull(restored.get());
        } catch (IOException unreadable) {
            throw unusable(backup, unreadable);
        }
    }

    private static UnavailableException unusable(Path backup, IOException cause) {
        return new UnavailableException(
                ServerError.FILE_UNUSABLE, "the file (%s) cannot be read".formatted(backup), cause);
    }

    /// The node, as the audit log names it.
    public ActorId actor() {
        return foundation.actor();
    }

    private TrustedKeys trustedKeys() {
        return TrustedKeys.read(foundation.state().trustedAuditKeys());
    }

    @Override
    public void close() {
        foundation.close();
    }
}
