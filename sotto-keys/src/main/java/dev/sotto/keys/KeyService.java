package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.AuditSink;
import dev.sotto.core.DataClass;
import dev.sotto.core.IdSource;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.Sealer;
import dev.sotto.core.SubjectHasher;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Makes, keeps and destroys the keys of all tenants and hands out what seals with them. Thread-safe; may block on
/// the key service, the key rows and the audit log, and fails closed if one of them does not answer.
///
/// Audited: `key.created`, `key.unwrapped` (each use of the root key; the first unwrapping of any other tenant-wide
/// key in this process), `key.destroy.requested`, `key.destroyed`, `key.discarded` where another node was first, and
/// what [KeyLifecycle] and [KeyDestruction] do; now and then `key.used` with the counts of what was done with keys.
public final class KeyService implements AutoCloseable {
    private final KeyParts parts;
    private final KeyHierarchy hierarchy;
    private final RecordKeys recordKeys;
    private final Meter meter;
    private final Sealer sealer;
    private final RecordSealer recordSealer;
    private final SealedStreams streams;
    private final IndexKeys indexKeys;
    private final BlindIndex blindIndex;
    private final SubjectHasher subjectHasher;
    private final KeyLifecycle lifecycle;
    private final KeyDestruction destruction;
    private final KeyBackup backup;

    /// With keys of the primary tier only.
    ///
    /// @param root the root key under which tenant keys are wrapped, such as [LocalKms#PRIMARY]
    /// @param audit where key events go; at boot one that queues until the log is open
    public KeyService(
            Kms kms,
            KeyUri root,
            KeyRecords records,
            AuditSink audit,
            Clock clock,
            SecureRandom random,
            Meter meter,
            KeyServiceConfig config) {
        this(kms, KeyRoots.primary(root), records, audit, clock, random, meter, config);
    }

    /// @param roots the root keys under which tenant keys are wrapped
    /// @param audit where key events go; at boot one that queues until the log is open
    public KeyService(
            Kms kms,
            KeyRoots roots,
            KeyRecords records,
            AuditSink audit,
            Clock clock,
            SecureRandom random,
            Meter meter,
            KeyServiceConfig config) {
        requireNonNull(records, "records");
        requireNonNull(clock, "clock");
        requireNonNull(random, "random");
        var keyAudit = new KeyAudit(requireNonNull(audit, "audit"), config.actor());
        this.meter = requireNonNull(meter, "meter");
        this.parts = new KeyParts(
                requireNonNull(kms, "kms"),
                requireNonNull(roots, "roots"),
                records,
                keyAudit,
                clock,
                random,
                new IdSource(clock, random),
                new KeyStates(records, clock, meter, config.life().stateAge()),
                new KeyUsage(records, keyAudit, clock, meter),
                config.patience());
        this.hierarchy =
                new KeyHierarchy(parts, new KeyCache<>("hierarchy", config, config.hierarchyAge(), clock, meter));
        var mac = new PurposeMac(hierarchy, parts.usage());
        this.subjectHasher = new KeyedSubjectHasher(mac);
        this.recordKeys = new RecordKeys(
                parts, hierarchy, subjectHasher, new KeyCache<>("record", config, config.recordAge(), clock, meter));
        var fields = new FieldSealer(recordKeys, KeyTier.PRIMARY, parts.usage(), random, meter);
        this.sealer = fields;
        this.recordSealer = new RecordSealer(fields);
        this.streams = streams(KeyTier.PRIMARY);
        this.indexKeys = new IndexKeys(parts, hierarchy, config);
        this.blindIndex = new BlindIndex(indexKeys);
        this.lifecycle = new KeyLifecycle(parts, hierarchy, indexKeys, config.life());
        this.destruction = new KeyDestruction(parts, hierarchy, recordKeys, config.life());
        this.backup = new KeyBackup(parts, config.life(), sealer, meter);
        parts.states().holders(new Held());
    }

    private final class Held implements KeyStates.Dropping {
        @Override
        public void drop(TenantId tenant) {
            recordKeys.drop(tenant);
            hierarchy.drop(tenant);
            indexKeys.forget(tenant);
        }

        @Override
        public void dropAll() {
            forgetUnwrapped();
        }
    }

    /// Makes the tenant's key under the root key unless there is one. Class, purpose and record keys are made at
    /// first use.
    ///
    /// @throws UnavailableException if key service, rows or audit log do not answer; a retry is safe
    public void createTenant(TenantId tenant) {
        createTenant(tenant, KeyTier.PRIMARY);
    }

    /// As [#createTenant(TenantId)], in a tier.
    ///
    /// @throws dev.sotto.core.RejectedException if there is no root key of the tier
    public void createTenant(TenantId tenant, KeyTier tier) {
        hierarchy.createTenant(tenant, tier);
    }

    /// Who is told of unusual uses of keys.
    public void watch(KeyWatcher watcher) {
        requireNonNull(watcher, "watcher");
        parts.states().watcher(watcher);
        parts.usage().watcher(watcher);
    }

    /// Replaces, rewraps and revokes keys.
    public KeyLifecycle lifecycle() {
        return lifecycle;
    }

    /// Destroys keys with two people's approval.
    public KeyDestruction destruction() {
        return destruction;
    }

    /// Writes backups of keys and brings them back.
    public KeyBackup backup() {
        return backup;
    }

    /// As [#sealer()], in a tier.
    public Sealer sealer(KeyTier tier) {
        return new FieldSealer(recordKeys, tier, parts.usage(), parts.random(), meter);
    }

    /// Seals and opens the fields of a record in one call. Fails on sealing as [#sealer()] does.
    public RecordSealer recordSealer() {
        return recordSealer;
    }

    /// As [#streams()], in a tier.
    public SealedStreams streams(KeyTier tier) {
        return new SealedStreams(recordKeys, tier, parts.states(), parts.usage(), parts.random(), meter);
    }

    /// Seals small values. A destroyed record key or an absent tenant key is a [NotFoundException] on sealing.
    public Sealer sealer() {
        return sealer;
    }

    public SealedStreams streams() {
        return streams;
    }

    public BlindIndex blindIndex() {
        return blindIndex;
    }

    /// The keys of blind indexes, and their replacement.
    public IndexKeys indexKeys() {
        return indexKeys;
    }

    public SubjectHasher subjectHasher() {
        return subjectHasher;
    }

    /// Destroys every record key of the owner and data class: whatever it sealed opens nowhere any more, and nothing
    /// is sealed for the owner and class until [#renewRecordKey]. Another node that holds the key unwrapped forgets
    /// it when it next polls the key state, at the latest after [KeyServiceConfig#recordAge()]; a stream that is
    /// open goes on. Doing it again is harmless.
    ///
    /// @throws UnavailableException if it may not have been done or not been recorded; a retry is safe
    public void destroyRecordKey(TenantId tenant, DataClass dataClass, KeyOwner owner) {
        recordKeys.destroy(ErasableSlot.of(tenant, dataClass, owner, KeyTier.PRIMARY), owner);
    }

    /// Makes a fresh record key that seals from now on. Older live ones still open until they are destroyed. This is
    /// also the only way to seal again after a destruction.
    public void renewRecordKey(TenantId tenant, DataClass dataClass, KeyOwner owner) {
        recordKeys.renew(ErasableSlot.of(tenant, dataClass, owner, KeyTier.PRIMARY), owner);
    }

    /// Makes sure that a key that no compromised class key wraps seals for the owner and data class from now on, here
    /// and, once they have polled, on other nodes. Returns its id.
    ///
    /// @throws dev.sotto.core.NotFoundException if the record key was destroyed
    public UUID freshRecordKey(TenantId tenant, DataClass dataClass, KeyOwner owner) {
        parts.states().reload(tenant);
        try (var held = recordKeys.sealing(ErasableSlot.of(tenant, dataClass, owner, KeyTier.PRIMARY), owner)) {
            return held.id();
        }
    }

    /// Destroys the record keys of the owner and data class that are older than `key`. Whatever is still sealed under
    /// them is lost.
    ///
    /// @param key of [#freshRecordKey]
    public void destroyRecordKeysBefore(TenantId tenant, DataClass dataClass, KeyOwner owner, UUID key) {
        recordKeys.destroyBefore(ErasableSlot.of(tenant, dataClass, owner, KeyTier.PRIMARY), owner, key);
    }

    /// Destroys the record keys of the owner and data class that a renewal replaced: all but the newest. Whatever is
    /// still sealed under them is lost.
    public void destroyReplacedRecordKeys(TenantId tenant, DataClass dataClass, KeyOwner owner) {
        recordKeys.destroyReplaced(ErasableSlot.of(tenant, dataClass, owner, KeyTier.PRIMARY), owner);
    }

    /// What keys there are, of one tenant or of all: tenant, class and purpose keys, with the number of record keys
    /// under each class key. Never key material.
    public List<KeyStatus> list(Optional<TenantId> tenant) {
        var statuses = new ArrayList<KeyStatus>();
        for (var each : tenant.map(List::of).orElseGet(parts.records()::tenants)) {
            var counts = parts.records().countErasable(each);
            hierarchy.list(each).forEach(row -> statuses.add(status(row, counts)));
        }
        return List.copyOf(statuses);
    }

    /// Overwrites every unwrapped key that is held. The next use fetches it anew, with its state.
    public void forgetUnwrapped() {
        recordKeys.clear();
        hierarchy.clear();
        indexKeys.forgetAll();
    }

    /// Overwrites every unwrapped key that is held, and holds none from now on.
    @Override
    public void close() {
        recordKeys.close();
        hierarchy.close();
    }

    private KeyStatus status(KeyRecord row, Map<KeyUri, Long> counts) {
        return new KeyStatus(
                row.id(),
                row.slot().tenant(),
                row.slot().level(),
                row.slot().name(),
                row.slot().tier(),
                row.version(),
                row.state(),
                retired(row),
                row.algorithm(),
                Duration.between(row.createdAt(), parts.clock().instant()),
                counts.getOrDefault(KeyHierarchy.address(row.id()), 0L));
    }

    private boolean retired(KeyRecord row) {
        return IndexKeys.isIndex(row.slot())
                && row.state() != KeyState.ACTIVE
                && row.version() < parts.records().floor(row.slot()).opensFrom();
    }
}
