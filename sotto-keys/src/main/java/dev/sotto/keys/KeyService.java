package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.AuditSink;
import dev.sotto.core.DataClass;
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

/// Makes, keeps and destroys the keys of all tenants and hands out what seals with them. Thread-safe; may block on
/// the key service, the key rows and the audit log, and fails closed if one of them does not answer.
///
/// Audited: `key.created`, `key.unwrapped` (each use of the root key; the first unwrapping of any other tenant-wide
/// key in this process), `key.destroy.requested`, `key.destroyed`, and `key.discarded` where another node was first.
public final class KeyService implements AutoCloseable {
    private final KeyRecords records;
    private final Clock clock;
    private final KeyHierarchy hierarchy;
    private final RecordKeys recordKeys;
    private final Sealer sealer;
    private final SealedStreams streams;
    private final BlindIndex blindIndex;
    private final SubjectHasher subjectHasher;

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
        requireNonNull(kms, "kms");
        requireNonNull(root, "root");
        this.records = requireNonNull(records, "records");
        this.clock = requireNonNull(clock, "clock");
        requireNonNull(random, "random");
        var keyAudit = new KeyAudit(requireNonNull(audit, "audit"), config.actor());
        this.hierarchy = new KeyHierarchy(
                kms,
                root,
                records,
                keyAudit,
                clock,
                random,
                new KeyCache<>("hierarchy", config, config.hierarchyAge(), clock, meter),
                config.patience());
        var mac = new PurposeMac(hierarchy);
        this.subjectHasher = new KeyedSubjectHasher(mac);
        this.recordKeys = new RecordKeys(
                hierarchy,
                records,
                keyAudit,
                subjectHasher,
                clock,
                random,
                new KeyCache<>("record", config, config.recordAge(), clock, meter),
                config.patience());
        this.sealer = new FieldSealer(recordKeys, random, meter);
        this.streams = new SealedStreams(recordKeys, random, meter);
        this.blindIndex = new BlindIndex(mac);
    }

    /// Makes the tenant's key under the root key unless there is one. Class, purpose and record keys are made at
    /// first use.
    ///
    /// @throws UnavailableException if key service, rows or audit log do not answer; a retry is safe
    public void createTenant(TenantId tenant) {
        hierarchy.createTenant(tenant);
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

    public SubjectHasher subjectHasher() {
        return subjectHasher;
    }

    /// Destroys every record key of the owner and data class: whatever it sealed opens nowhere any more, and nothing
    /// is sealed for the owner and class until [#renewRecordKey]. Another node that holds the key unwrapped forgets
    /// it within [KeyServiceConfig#recordAge()]; a stream that is open goes on. Doing it again is harmless.
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

    /// Destroys the record keys of the owner and data class that a renewal replaced: all but the newest. Whatever is
    /// still sealed under them is lost.
    public void destroyReplacedRecordKeys(TenantId tenant, DataClass dataClass, KeyOwner owner) {
        recordKeys.destroyReplaced(ErasableSlot.of(tenant, dataClass, owner, KeyTier.PRIMARY), owner);
    }

    /// What keys there are, of one tenant or of all: tenant, class and purpose keys, with the number of record keys
    /// under each class key. Never key material.
    public List<KeyStatus> list(Optional<TenantId> tenant) {
        var statuses = new ArrayList<KeyStatus>();
        for (var each : tenant.map(List::of).orElseGet(records::tenants)) {
            var counts = records.countErasable(each);
            hierarchy.list(each).forEach(row -> statuses.add(status(row, counts)));
        }
        return List.copyOf(statuses);
    }

    /// Overwrites every unwrapped key that is held. The next use fetches it anew, with its state.
    public void forgetUnwrapped() {
        recordKeys.clear();
        hierarchy.clear();
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
                row.algorithm(),
                Duration.between(row.createdAt(), clock.instant()),
                counts.getOrDefault(KeyHierarchy.address(row.id()), 0L));
    }
}
