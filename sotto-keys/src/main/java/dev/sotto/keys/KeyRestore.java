package dev.sotto.keys;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SealContext;
import dev.sotto.core.Sealer;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyBackup.Outcome;
import dev.sotto.keys.KeyBackup.Restored;
import dev.sotto.keys.KeyBackup.Tried;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Brings the keys of one backup back. For one thread, once.
final class KeyRestore {
    private static final int BATCH = 500;

    private final KeyParts parts;
    private final Sealer sealer;
    private final BackupFile.Header header;
    private final Set<UUID> erased;
    private final KeyUri root;
    private final Set<UUID> dead = new HashSet<>();
    private final List<ErasableKey> batch = new ArrayList<>(BATCH);
    private final List<Tried> tried = new ArrayList<>();
    private final Map<DataClass, BackupItem.Probe> probes = new TreeMap<>();
    private final Map<DataClass, Long> ofClass = new TreeMap<>();
    private HeldKeys held = new HeldKeys();
    private @Nullable DataKey backup;
    private @Nullable TenantId tenant;
    /// The last record key that was left out; a probe follows its key at once.
    private Optional<UUID> skipped = Optional.empty();

    private final Set<UUID> closed = new HashSet<>();
    private long tenants;
    private long keys;
    private long recordKeys;
    private long gone;

    KeyRestore(KeyParts parts, Sealer sealer, BackupFile.Header header, Set<UUID> erased) {
        this.parts = parts;
        this.sealer = sealer;
        this.header = header;
        this.erased = Set.copyOf(erased);
        this.root = parts.kms().newest(parts.roots().primary());
    }

    Restored all(BackupFile.Reader items) throws IOException {
        try {
            while (true) {
                var item = items.next();
                if (!(item instanceof BackupItem.RecordKey)) {
                    storeBatch();
                }
                switch (item) {
                    case BackupItem.TenantKey begin -> begin(begin);
                    case BackupItem.Row row -> store(row);
                    case BackupItem.Floor(var slot, var opensFrom) -> {
                        requireTenant(slot.tenant());
                        parts.records().raiseFloor(slot, opensFrom);
                    }
                    case BackupItem.RecordKey key -> add(key);
                    case BackupItem.Mark(var mark) -> {
                        requireTenant(mark.slot().tenant());
                        gone += parts.records()
                                .destroy(mark.slot(), mark.throughVersion(), mark.at())
                                .size();
                    }
                    case BackupItem.Probe probe -> {
                        requireTenant(probe.slot().tenant());
                        probes.put(probe.slot().dataClass(), probe);
                        if (skipped.filter(probe.key()::equals).isPresent()) {
                            closed.add(probe.key());
                        }
                    }
                    case BackupItem.TenantEnd last -> {
                        requireTenant(last.tenant());
                        end(last);
                    }
                    case BackupItem.End(var count) -> {
                        if (tenant != null || count != tenants) {
                            throw KeyHierarchy.invalid();
                        }
                        return new Restored(header.id(), header.at(), tenants, keys, recordKeys, gone, tried);
                    }
                }
            }
        } finally {
            forget();
        }
    }

    private void begin(BackupItem.TenantKey begin) {
        if (tenant != null) {
            throw KeyHierarchy.invalid();
        }
        var context = EncryptionContext.of(KeySlot.tenant(begin.tenant(), KeyTier.BACKUP), 1, begin.id());
        backup = parts.kms().unwrap(begin.wrapped(), context);
        tenant = begin.tenant();
        tenants++;
    }

    private void store(BackupItem.Row item) {
        var row = item.row();
        requireTenant(row.slot().tenant());
        KeyRecord candidate;
        if (row.state() == KeyState.DESTROYED || erased.contains(row.id()) || isDead(item.parent())) {
            dead.add(row.id());
            candidate = with(row, KeyState.DESTROYED, WrappedKey.of(item.parent(), new byte[1]));
        } else if (row.slot().tier() == KeyTier.BACKUP || IndexKeys.isInService(row)) {
            candidate = row;
        } else {
            candidate = with(row, row.state(), home(row, item.parent()));
        }
        var stands = parts.records().insert(candidate);
        if (!stands.id().equals(row.id())) {
            throw new ConflictException(
                    KeysError.BACKUP_REFUSED,
                    "a tenant of the backup has other keys here\nhint: restore into an empty database");
        }
        keys++;
    }

    /// What a destroyed key wraps opens nowhere.
    private boolean isDead(KeyUri parent) {
        return parent.scheme().equals(KeyHierarchy.ROW_SCHEME) && dead.contains(KeyHierarchy.rowId(parent));
    }

    private WrappedKey home(KeyRecord row, KeyUri parent) {
        var context = EncryptionContext.of(row.slot(), row.version(), row.id());
        try (var key = unwrap(row.wrapped(), context)) {
            if (row.slot().level() != KeyLevel.PURPOSE) {
                held.put(row.id(), key.copy());
            }
            return row.slot().level() == KeyLevel.TENANT
                    ? parts.kms().wrap(root, key, context)
                    : under(parent, key, context);
        }
    }

    private DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        if (backup == null) {
            throw KeyHierarchy.invalid();
        }
        return Wrapping.unwrap(backup, wrapped.bytes(), KeyBackup.atBackup(context));
    }

    private WrappedKey under(KeyUri parent, DataKey key, EncryptionContext context) {
        var above = held.at(parent).orElseThrow(KeyHierarchy::invalid);
        return WrappedKey.of(parent, Wrapping.wrap(above, key, context, parts.random()));
    }

    static KeyRecord with(KeyRecord row, KeyState state, WrappedKey wrapped) {
        return new KeyRecord(row.id(), row.slot(), row.version(), state, row.algorithm(), wrapped, row.createdAt());
    }

    private void add(BackupItem.RecordKey item) {
        var key = item.key();
        requireTenant(key.slot().tenant());
        ofClass.merge(key.slot().dataClass(), 1L, Long::sum);
        if (isDead(item.parent())) {
            skip(key);
            return;
        }
        if (erased.contains(key.id())) {
            storeBatch();
            parts.records().destroy(key.slot(), key.version(), parts.clock().instant());
            skip(key);
            return;
        }
        batch.add(key.slot().tier() == KeyTier.BACKUP ? key : home(key, item.parent()));
        if (batch.size() == BATCH) {
            storeBatch();
        }
    }

    private void skip(ErasableKey key) {
        gone++;
        skipped = Optional.of(key.id());
    }

    private ErasableKey home(ErasableKey key, KeyUri parent) {
        var context = EncryptionContext.of(key.slot(), key.version(), key.id());
        try (var record = unwrap(key.wrapped(), context)) {
            return new ErasableKey(
                    key.id(),
                    key.slot(),
                    key.version(),
                    key.algorithm(),
                    under(parent, record, context),
                    key.createdAt());
        }
    }

    private void storeBatch() {
        if (batch.isEmpty() || tenant == null) {
            return;
        }
        int stored = parts.records().insertAll(tenant, batch);
        recordKeys += stored;
        gone += batch.size() - stored;
        batch.clear();
    }

    private void end(BackupItem.TenantEnd last) {
        long seen = ofClass.values().stream().mapToLong(Long::longValue).sum();
        if (tenant == null || seen != last.recordKeys()) {
            throw KeyHierarchy.invalid();
        }
        for (var count : ofClass.entrySet()) {
            var probe = probes.get(count.getKey());
            if (probe != null) {
                tried.add(new Tried(tenant, count.getKey(), count.getValue(), outcome(probe)));
            }
        }
        forget();
    }

    private Outcome outcome(BackupItem.Probe probe) {
        try {
            byte[] plain =
                    sealer.open(probeContext(probe.slot()), probe.sealed().array());
            return MessageDigest.isEqual(KeyBackup.digest(plain), probe.digest().array())
                    ? Outcome.OPENED
                    : Outcome.FAILED;
        } catch (IntegrityException | NotFoundException refused) {
            return mustNotOpen(probe) ? Outcome.CLOSED : Outcome.FAILED;
        } catch (UnavailableException revoked) {
            if (revoked.code() == KeysError.KEY_REVOKED) {
                return Outcome.CLOSED;
            }
            throw revoked;
        }
    }

    private boolean mustNotOpen(BackupItem.Probe probe) {
        var row = parts.records().findErasable(probe.slot().tenant(), probe.key());
        if (row.isEmpty()) {
            return closed.contains(probe.key()) || parts.records().destroyedThrough(probe.slot()) > 0;
        }
        var above = parts.records()
                .find(
                        probe.slot().tenant(),
                        KeyHierarchy.rowId(row.get().wrapped().kek()));
        return above.isPresent()
                && above.get().version()
                        < parts.records().floor(above.get().slot()).opensFrom();
    }

    private void requireTenant(TenantId other) {
        if (!other.equals(tenant)) {
            throw KeyHierarchy.invalid();
        }
    }

    private void forget() {
        held.close();
        held = new HeldKeys();
        if (backup != null) {
            backup.close();
        }
        backup = null;
        tenant = null;
        probes.clear();
        dead.clear();
        closed.clear();
        ofClass.clear();
    }

    static SealContext probeContext(ErasableSlot slot) {
        return new SealContext(
                slot.tenant(),
                slot.dataClass(),
                DestructionRequest.owner(slot.owner()),
                "key-backup",
                "probe",
                slot.dataClass().code(),
                0);
    }
}
