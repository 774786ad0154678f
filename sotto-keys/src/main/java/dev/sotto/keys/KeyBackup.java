package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.Sealer;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.BackupItem.Bytes;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Backups of keys: every live key of a tenant, or of all, wrapped anew under fresh keys of the backup
/// tier, in one sealed file. Nothing in it opens with the primary root key, and nothing in it needs that.
/// Making one only wraps under the backup root key and never unwraps with it, so a node may be refused that
/// right. Thread-safe; blocks.
///
/// A backup is refused once it is older than [KeyLifeConfig#copyLife()], the time after which the
/// certificate of a destroyed key promises that its copies are gone: the file must be deleted by then.
public final class KeyBackup {
    private static final int PAGE = 1000;
    private static final int PROBE_LENGTH = 32;

    private final KeyParts parts;
    private final KeyLifeConfig config;
    private final Sealer sealer;
    private final Refusals refusals;

    /// @param sealer that of the primary tier, to try what came back
    KeyBackup(KeyParts parts, KeyLifeConfig config, Sealer sealer, Meter meter) {
        this.parts = parts;
        this.config = config;
        this.sealer = sealer;
        this.refusals = new Refusals(meter);
    }

    /// What was written.
    ///
    /// @param keys tenant, class and purpose keys
    /// @param expires from when on the file is refused, and must be gone
    public record Made(UUID id, Instant at, Instant expires, long tenants, long keys, long recordKeys) {}

    /// What came back.
    ///
    /// @param keys tenant, class and purpose keys that stand now
    /// @param recordKeys record keys that were stored
    /// @param erased record keys that were in the backup and stay destroyed
    /// @param tried one line for each tenant and data class with record keys
    public record Restored(
            UUID id, Instant at, long tenants, long keys, long recordKeys, long erased, List<Tried> tried) {
        public Restored {
            tried = List.copyOf(tried);
        }
    }

    /// A value that was sealed for the backup under a record key of that class, and opened, or not, afterwards.
    public record Tried(TenantId tenant, DataClass dataClass, long recordKeys, Outcome outcome) {}

    /// What became of such a value.
    public enum Outcome {
        /// It opened, and is what was sealed.
        OPENED,
        /// Its record key was destroyed since, or its class key was revoked: it must not open, and did not.
        CLOSED,
        /// It should have opened.
        FAILED
    }

    /// Writes the keys of `tenant`, or of all tenants. Record keys that are made meanwhile may be missing;
    /// one that is destroyed meanwhile may be in it, and comes back from no restore. Audited `key.backup`
    /// before the first key is unwrapped, and `key.backup.written` with the counts.
    ///
    /// @throws RejectedException if there is no root key of the backup tier
    /// @throws UnavailableException if key service, rows or audit log do not answer; `out` then opens nowhere
    /// @throws IntegrityException if a key does not open that should
    public Made create(Optional<TenantId> tenant, WritableByteChannel out, ActorId by) throws IOException {
        var root = parts.kms().newest(parts.roots().of(KeyTier.BACKUP));
        var at = Instant.ofEpochMilli(parts.clock().millis());
        var header = new BackupFile.Header(parts.ids().next(), at, at.plus(config.copyLife()));
        parts.audit().backup(header, root, tenant, by);
        var tenants = tenant.map(List::of).orElseGet(parts.records()::tenants);
        long keys = 0;
        long recordKeys = 0;
        try (var file = BackupFile.create(parts.kms(), root, header, parts.random(), out)) {
            for (var each : tenants) {
                var written = new OfTenant(file, root, each).write();
                keys += written.keys();
                recordKeys += written.recordKeys();
            }
            file.put(new BackupItem.End(tenants.size()));
            file.finish();
        }
        var made = new Made(header.id(), at, header.expires(), tenants.size(), keys, recordKeys);
        parts.audit().backupWritten(made, by);
        return made;
    }

    /// Stores the keys of a backup in this service's rows, wrapped under its own primary root key, and
    /// tries a value of each class. What was destroyed stays so: by the marks in the backup, by those in
    /// the rows, and by `erased`. Doing it again, after it stopped half way, is harmless. Audited
    /// `key.restore` before, `key.restored` after.
    ///
    /// @param erased ids of keys that were destroyed after the backup was made, as the audit log names them
    /// @throws RejectedException if the backup is too old
    /// @throws dev.sotto.core.ConflictException if other keys of one of its tenants are in the rows
    /// @throws IntegrityException if the file was altered or cut, or the backup root key is another
    /// @throws UnavailableException if key service, rows or audit log do not answer; a retry is safe
    public Restored restore(SeekableByteChannel in, Set<UUID> erased, ActorId by) throws IOException {
        try {
            var header = BackupFile.header(in);
            var now = parts.clock().instant();
            if (!now.isBefore(header.expires()) || !now.isBefore(header.at().plus(config.copyLife()))) {
                throw new RejectedException(
                        KeysError.BACKUP_EXPIRED,
                        "the backup is of %s and must not be used any more\nhint: delete it; keys that were destroyed since are in it"
                                .formatted(header.at()));
            }
            try (var items = BackupFile.open(parts.kms(), in, refusals)) {
                items.check();
                parts.audit().restore(header, by);
                var restored = new KeyRestore(parts, sealer, header, erased).all(items);
                parts.audit().restored(restored, by);
                return restored;
            }
        } catch (SealedDataException refused) {
            throw refusals.refuse(refused);
        }
    }

    /// Writes one tenant.
    private final class OfTenant {
        private final BackupFile.Writer to;
        private final KeyUri root;
        private final TenantId tenant;
        private final UUID id = parts.ids().next();
        private final HeldKeys held = new HeldKeys();
        private final DataKey backup = DataKey.random(parts.random());
        private final Set<UUID> written = new HashSet<>();
        private final Set<KeyUri> dead = new HashSet<>();
        private final Map<ErasableSlot, UUID> probed = new HashMap<>();
        private long recordKeys;

        private OfTenant(BackupFile.Writer to, KeyUri root, TenantId tenant) {
            this.to = to;
            this.root = root;
            this.tenant = tenant;
        }

        private BackupItem.TenantEnd write() throws IOException {
            try (held;
                    backup) {
                var context = EncryptionContext.of(KeySlot.tenant(tenant, KeyTier.BACKUP), 1, id);
                to.put(new BackupItem.TenantKey(tenant, id, parts.kms().wrap(root, backup, context)));
                while (writeNewRows()) {
                    // A class key may have taken another's place meanwhile, and record keys with it.
                }
                var end = new BackupItem.TenantEnd(tenant, written.size(), recordKeys, writeMarks());
                to.put(end);
                return end;
            }
        }

        private boolean writeNewRows() throws IOException {
            var rows = parts.records().list(tenant).stream()
                    .filter(row -> !written.contains(row.id()))
                    .sorted(Comparator.comparing((KeyRecord row) -> row.slot().level())
                            .thenComparing(row -> row.slot().name())
                            .thenComparingInt(KeyRecord::version))
                    .toList();
            for (var row : rows) {
                write(row);
                written.add(row.id());
                int opensFrom = parts.records().floor(row.slot()).opensFrom();
                if (opensFrom > 1) {
                    to.put(new BackupItem.Floor(row.slot(), opensFrom));
                }
            }
            for (var row : rows) {
                if (row.slot().level() == KeyLevel.CLASS && !dead.contains(KeyHierarchy.address(row.id()))) {
                    writeRecordKeys(row);
                }
            }
            return !rows.isEmpty();
        }

        private void write(KeyRecord row) throws IOException {
            var parent = row.wrapped().kek();
            if (row.state() == KeyState.DESTROYED) {
                dead.add(KeyHierarchy.address(row.id()));
                var none = WrappedKey.of(KeyHierarchy.address(id), new byte[1]);
                to.put(new BackupItem.Row(KeyRestore.with(row, KeyState.DESTROYED, none), parent));
                return;
            }
            if (row.slot().tier() == KeyTier.BACKUP || IndexKeys.isInService(row)) { // not under the primary root key
                to.put(new BackupItem.Row(row, parent));
                return;
            }
            if (dead.contains(parent)) { // opens nowhere
                write(KeyRestore.with(row, KeyState.DESTROYED, row.wrapped()));
                return;
            }
            try (var key = unwrap(row)) {
                var context = atBackup(EncryptionContext.of(row.slot(), row.version(), row.id()));
                to.put(new BackupItem.Row(KeyRestore.with(row, row.state(), wrapped(key, context)), parent));
                if (row.slot().level() != KeyLevel.PURPOSE) {
                    held.put(row.id(), key.copy());
                }
            }
        }

        /// Whatever its state: carrying a revoked key over is no use of it.
        private DataKey unwrap(KeyRecord row) {
            var context = EncryptionContext.of(row.slot(), row.version(), row.id());
            parts.audit().unwrapped(row);
            return row.slot().level() == KeyLevel.TENANT
                    ? parts.kms().unwrap(row.wrapped(), context)
                    : Wrapping.unwrap(parent(row.wrapped().kek()), row.wrapped().bytes(), context);
        }

        private DataKey parent(KeyUri address) {
            return held.at(address).orElseThrow(KeyHierarchy::invalid);
        }

        private WrappedKey wrapped(DataKey key, EncryptionContext context) {
            return WrappedKey.of(KeyHierarchy.address(id), Wrapping.wrap(backup, key, context, parts.random()));
        }

        private void writeRecordKeys(KeyRecord classKey) throws IOException {
            var kek = KeyHierarchy.address(classKey.id());
            Optional<UUID> after = Optional.empty();
            while (true) {
                var page = parts.records().erasableUnder(tenant, kek, after, PAGE);
                for (var key : page) {
                    write(key);
                    recordKeys++;
                }
                if (page.size() < PAGE) {
                    return;
                }
                after = Optional.of(page.getLast().id());
            }
        }

        private void write(ErasableKey key) throws IOException {
            var parent = key.wrapped().kek();
            if (key.slot().tier() == KeyTier.BACKUP) {
                to.put(new BackupItem.RecordKey(key, parent));
                return;
            }
            var context = EncryptionContext.of(key.slot(), key.version(), key.id());
            try (var record = Wrapping.unwrap(parent(parent), key.wrapped().bytes(), context)) {
                to.put(new BackupItem.RecordKey(
                        new ErasableKey(
                                key.id(),
                                key.slot(),
                                key.version(),
                                key.algorithm(),
                                wrapped(record, atBackup(context)),
                                key.createdAt()),
                        parent));
                probe(key, record);
            }
        }

        /// Once for each data class.
        private void probe(ErasableKey key, DataKey record) throws IOException {
            var ofClass = new ErasableSlot(tenant, key.slot().dataClass(), "", KeyTier.PRIMARY);
            if (probed.putIfAbsent(ofClass, key.id()) != null) {
                return;
            }
            byte[] plain = new byte[PROBE_LENGTH];
            parts.random().nextBytes(plain);
            byte[] bytes = record.reveal();
            try {
                byte[] header = SealedHeader.of(key.id());
                byte[] message = Cobblestone.sealMessage(
                        bytes,
                        parts.random(),
                        KeyRestore.probeContext(key.slot()).associatedData(),
                        plain);
                byte[] sealed = Arrays.copyOf(header, header.length + message.length);
                System.arraycopy(message, 0, sealed, header.length, message.length);
                to.put(new BackupItem.Probe(key.slot(), key.id(), Bytes.of(sealed), Bytes.of(digest(plain))));
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        }

        /// Last: what is destroyed while this runs is among them.
        private long writeMarks() throws IOException {
            long marks = 0;
            Optional<ErasableSlot> after = Optional.empty();
            while (true) {
                var page = parts.records().destroyedMarks(tenant, after, PAGE);
                for (var mark : page) {
                    to.put(new BackupItem.Mark(mark));
                    marks++;
                }
                if (page.size() < PAGE) {
                    return marks;
                }
                after = Optional.of(page.getLast().slot());
            }
        }
    }

    /// The same key, as the backup tier keeps it.
    static EncryptionContext atBackup(EncryptionContext context) {
        return new EncryptionContext(
                context.level(),
                context.tenant(),
                context.name(),
                context.owner(),
                context.version(),
                KeyTier.BACKUP,
                context.keyId());
    }

    static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("this Java runtime has no SHA-256", absent);
        }
    }
}
