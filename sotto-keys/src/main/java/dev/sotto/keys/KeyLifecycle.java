package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyRecords.Rewrap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Replaces, rewraps and revokes tenant, class and purpose keys while others seal and open. Thread-safe; may block;
/// several nodes may do the same at once. Every act is audited before it is done, in the name of who wants it.
///
/// Old versions open and never seal. Keys of blind indexes are replaced as [IndexKeys] says; that of subject hashes
/// never, since what it hashed could not be found any more: it is only wrapped anew.
public final class KeyLifecycle {
    /// The most record keys that one step wraps anew.
    public static final int MAX_STEP = 1_000;

    private static final String FORCED = "forced";
    private static final String COMPROMISED = "compromised";

    private final KeyParts parts;
    private final KeyHierarchy hierarchy;
    private final IndexKeys indexKeys;
    private final KeyLifeConfig config;

    KeyLifecycle(KeyParts parts, KeyHierarchy hierarchy, IndexKeys indexKeys, KeyLifeConfig config) {
        this.parts = parts;
        this.hierarchy = hierarchy;
        this.indexKeys = indexKeys;
        this.config = config;
    }

    /// A key that was replaced.
    ///
    /// @param why a code: `age`, `uses`, `bytes`, `forced`, `compromised`
    public record Rotated(
            TenantId tenant, KeyLevel level, String name, KeyTier tier, int version, UUID id, String why) {
        static Rotated of(KeyRecord row, String why) {
            var slot = row.slot();
            return new Rotated(slot.tenant(), slot.level(), slot.name(), slot.tier(), row.version(), row.id(), why);
        }
    }

    /// How far wrapping anew has come.
    ///
    /// @param done keys wrapped anew in this step
    /// @param left keys still under another key than they should be; 0 when there is nothing more to do
    public record Progress(long done, long left) {}

    /// A record key that a compromised class key wrapped: what it sealed must be sealed anew.
    public record Exposed(UUID id, DataClass dataClass, KeyOwner owner) {}

    /// Replaces the tenant key. Class and purpose keys stay under the old one until [#rewrapKeys].
    ///
    /// @throws NotFoundException if the tenant has no key
    public Rotated rotateTenantKey(TenantId tenant, KeyTier tier, ActorId by) {
        return rotate(KeySlot.tenant(tenant, tier), by, FORCED);
    }

    /// Replaces the class key. Record keys stay under the old one, which opens, until [#rewrapRecordKeys].
    ///
    /// @throws NotFoundException if the tenant has no key of that class
    public Rotated rotateClassKey(TenantId tenant, DataClass dataClass, KeyTier tier, ActorId by) {
        return rotate(KeySlot.dataClass(tenant, dataClass, tier), by, FORCED);
    }

    /// Replaces every tenant and class key that is due by age, uses or bytes, and every index key that is as old as a
    /// tenant key may be or not of the configured kind. Safe on several nodes at once: of two
    /// that replace the same key one wins and both use it.
    ///
    /// @param by the node, as a rule
    /// @return what was replaced
    /// @throws SottoException the first failure, after all others were tried
    public List<Rotated> rotateDue(ActorId by) {
        var rotated = new ArrayList<Rotated>();
        Optional<SottoException> failed = Optional.empty();
        for (var tenant : parts.records().tenants()) {
            try {
                rotateDue(tenant, by, rotated);
            } catch (SottoException each) {
                failed = failed.or(() -> Optional.of(each));
            }
        }
        failed.ifPresent(each -> {
            throw each;
        });
        return List.copyOf(rotated);
    }

    private void rotateDue(TenantId tenant, ActorId by, List<Rotated> rotated) {
        var uses = parts.records().uses(tenant);
        for (var row : hierarchy.list(tenant)) {
            if (IndexKeys.isIndex(row.slot())) {
                indexKeys.rotateDue(row, config.tenantAge(), by).ifPresent(rotated::add);
                continue;
            }
            var why = row.state() == KeyState.ACTIVE
                    ? due(row, uses.getOrDefault(row.id(), KeyUse.NONE))
                    : Optional.<String>empty();
            if (why.isPresent()) {
                succeed(row.slot(), by, why.get(), Optional.of(row.version()), Optional.empty())
                        .ifPresent(next -> rotated.add(Rotated.of(next, why.get())));
            }
        }
    }

    private Optional<String> due(KeyRecord row, KeyUse use) {
        var age = Duration.between(row.createdAt(), parts.clock().instant());
        return switch (row.slot().level()) {
            case TENANT -> age.compareTo(config.tenantAge()) >= 0 ? Optional.of("age") : Optional.empty();
            case CLASS -> {
                if (age.compareTo(config.classAge()) >= 0) {
                    yield Optional.of("age");
                }
                if (use.wraps() >= config.classUses()) {
                    yield Optional.of("uses");
                }
                yield use.bytes() >= config.classBytes() ? Optional.of("bytes") : Optional.empty();
            }
            case PURPOSE, RECORD, SECRET -> Optional.empty();
        };
    }

    private Rotated rotate(KeySlot slot, ActorId by, String why) {
        return succeed(slot, by, why, Optional.empty(), Optional.empty())
                .map(row -> Rotated.of(row, why))
                .orElseThrow();
    }

    /// @param expected the version that is to be replaced; if another is newest, nothing is done
    private Optional<KeyRecord> succeed(
            KeySlot slot, ActorId by, String why, Optional<Integer> expected, Optional<KeyUri> root) {
        if (IndexKeys.isIndex(slot)) {
            return indexKeys.succeed(slot, by, why, expected);
        }
        parts.usage().acted(slot.tenant(), by);
        try (var _ = hierarchy.lock(slot)) {
            var newest = hierarchy
                    .newest(slot)
                    .orElseThrow(() -> new NotFoundException(KeysError.KEY_ABSENT, "there is no such key to replace"));
            if (expected.isPresent() && newest.version() != expected.get()) {
                return Optional.empty();
            }
            if (newest.state() == KeyState.DESTROYED) {
                throw refused(newest.state(), KeyState.ACTIVE);
            }
            return Optional.of(hierarchy.succeed(newest, new KeyAudit.Rotation(by, why), root));
        }
    }

    /// Makes a new tenant key under another root key, such as the tenant's own KMS key, and wraps the older versions
    /// anew under it too. Class and purpose keys follow with [#rewrapKeys]. Nothing of the tenant's needs the old
    /// root key afterwards.
    ///
    /// @throws dev.sotto.core.RejectedException if `root` names no key
    public Progress moveTenant(TenantId tenant, KeyTier tier, KeyUri root, ActorId by) {
        var slot = KeySlot.tenant(tenant, tier);
        var newest = hierarchy
                .newest(slot)
                .orElseThrow(() -> new NotFoundException(KeysError.TENANT_KEY_ABSENT, "tenant has no key"));
        if (!newest.wrapped().kek().equals(root) && newest.state() != KeyState.DESTROYED) {
            succeed(slot, by, "moved", Optional.of(newest.version()), Optional.of(root));
        }
        return rewrap(tenant, row -> row.slot().equals(slot), Optional.of(root), by);
    }

    /// Wraps every class and purpose key of the tenant anew that is not under the tenant key in use, and older tenant
    /// keys that are not under the newest root key of their line.
    public Progress rewrapKeys(TenantId tenant, ActorId by) {
        var tenants = rewrap(tenant, row -> row.slot().level() == KeyLevel.TENANT, Optional.empty(), by);
        var others = rewrap(tenant, row -> row.slot().level() != KeyLevel.TENANT, Optional.empty(), by);
        return new Progress(tenants.done() + others.done(), tenants.left() + others.left());
    }

    private interface Chosen {
        boolean is(KeyRecord row);
    }

    private Progress rewrap(TenantId tenant, Chosen chosen, Optional<KeyUri> root, ActorId by) {
        parts.usage().acted(tenant, by);
        long done = 0;
        long left = 0;
        for (var row : hierarchy.list(tenant)) {
            if (!chosen.is(row)
                    || !row.state().opens()
                    || IndexKeys.isInService(row)
                    || row.wrapped().kek().equals(wanted(row, root))) {
                continue;
            }
            var to = hierarchy.wrapAnew(row, root);
            parts.audit().rewrapped(row, to, by);
            if (parts.records().rewrap(row, to)) {
                done++;
            } else {
                left++;
            }
        }
        return new Progress(done, left);
    }

    private KeyUri wanted(KeyRecord row, Optional<KeyUri> root) {
        if (row.slot().level() == KeyLevel.TENANT) {
            return root.orElseGet(() -> parts.kms().newest(row.wrapped().kek()));
        }
        try (var parent =
                hierarchy.sealing(KeySlot.tenant(row.slot().tenant(), row.slot().tier()))) {
            return KeyHierarchy.address(parent.id());
        }
    }

    /// One bounded step of wrapping record keys anew under the class key in use. No data is touched. Call it until
    /// nothing is left; it goes on where it, or another node, stopped. Record keys under a compromised
    /// class key stay there, see [#exposed], until what they sealed was sealed anew.
    ///
    /// @param limit at most so many keys, 1 to [#MAX_STEP]
    public Progress rewrapRecordKeys(TenantId tenant, DataClass dataClass, KeyTier tier, int limit, ActorId by) {
        if (limit < 1 || limit > MAX_STEP) {
            throw new IllegalArgumentException("limit (%d) must be 1 to %d".formatted(limit, MAX_STEP));
        }
        var slot = KeySlot.dataClass(tenant, dataClass, tier);
        try (var to = hierarchy.sealing(slot)) {
            var counts = parts.records().countErasable(tenant);
            long left = 0;
            long done = 0;
            for (var old : retired(slot, to.id())) {
                var kek = KeyHierarchy.address(old.id());
                long under = counts.getOrDefault(kek, 0L);
                if (under > 0 && done == 0) {
                    done = step(slot, kek, to, limit, by);
                    under -= done;
                }
                left += Math.max(0, under);
            }
            return new Progress(done, left);
        }
    }

    /// Versions that may still wrap record keys. Those that do not open cannot be read and are left. Those
    /// that are compromised are left too: their record keys may be known, and wrapped anew they would look
    /// as if they were not.
    private List<KeyRecord> retired(KeySlot slot, UUID current) {
        return hierarchy.list(slot.tenant()).stream()
                .filter(row -> row.slot().equals(slot)
                        && !row.id().equals(current)
                        && row.state().opens()
                        && row.state() != KeyState.COMPROMISED)
                .toList();
    }

    private int step(KeySlot slot, KeyUri kek, HeldKey<KeySlot> to, int limit, ActorId by) {
        var keys = parts.records().erasableUnder(slot.tenant(), kek, Optional.empty(), limit);
        if (keys.isEmpty()) {
            return 0;
        }
        var rewraps = new ArrayList<Rewrap>(keys.size());
        try (var from = hierarchy.opening(slot.tenant(), kek, KeyLevel.CLASS, slot.tier())) {
            for (var key : keys) {
                var context = EncryptionContext.of(key.slot(), key.version(), key.id());
                try (var record = Wrapping.unwrap(from.key(), key.wrapped().bytes(), context)) {
                    byte[] wrapped = Wrapping.wrap(to.key(), record, context, parts.random());
                    rewraps.add(
                            new Rewrap(key.id(), key.wrapped(), WrappedKey.of(KeyHierarchy.address(to.id()), wrapped)));
                }
                parts.usage().unwrapped(slot.tenant(), from.id());
                parts.usage().wrapped(slot.tenant(), to.id());
            }
        }
        parts.audit()
                .rewrapped(slot, kek, to.id(), rewraps.size(), rewraps.getLast().id(), by);
        return parts.records().rewrap(slot.tenant(), rewraps);
    }

    /// Record keys that the key wraps, behind the one with the id `after`. For a background job that seals anew what
    /// a compromised class key exposed.
    ///
    /// @param limit at most so many, 1 to [#MAX_STEP]
    public List<Exposed> exposed(TenantId tenant, UUID key, Optional<UUID> after, int limit) {
        return parts
                .records()
                .erasableUnder(tenant, KeyHierarchy.address(key), after, Math.clamp(limit, 1, MAX_STEP))
                .stream()
                .map(row -> new Exposed(
                        row.id(),
                        row.slot().dataClass(),
                        DestructionRequest.owner(row.slot().owner())))
                .toList();
    }

    /// Stops all use of a key, here at once and on every node that polls within its interval: nothing under it is
    /// sealed or opened, and streams under way stop, until [#reinstate].
    ///
    /// @throws NotFoundException if the tenant has no such key
    /// @throws ConflictException if a key in its state cannot be revoked
    public void revoke(TenantId tenant, UUID key, ActorId by) {
        change(hierarchy.find(tenant, key), KeyState.SUSPENDED, by, "revoked");
    }

    /// Lifts [#revoke].
    public void reinstate(TenantId tenant, UUID key, ActorId by) {
        var row = hierarchy.find(tenant, key);
        if (row.state() != KeyState.SUSPENDED) {
            throw refused(row.state(), KeyState.ACTIVE);
        }
        boolean newest = hierarchy
                .newest(row.slot())
                .filter(last -> last.id().equals(key))
                .isPresent();
        change(row, newest ? KeyState.ACTIVE : KeyState.DEACTIVATED, by, "reinstated");
    }

    /// Takes a key out of use that may be known to others. It is replaced at once; what it protects still
    /// opens, so that it can be sealed anew. With a tenant key its class and index keys are replaced and marked
    /// too, since who has the one has the others; an index key that is being replaced just now must be marked by
    /// itself afterwards, and the key of subject hashes is wrapped anew only.
    ///
    /// @return what was made in their place
    public List<Rotated> compromised(TenantId tenant, UUID key, ActorId by) {
        var row = hierarchy.find(tenant, key);
        var made = new ArrayList<Rotated>();
        replaceAndMark(row, by, made);
        if (row.slot().level() == KeyLevel.TENANT) {
            for (var child : hierarchy.list(tenant)) {
                if ((child.slot().level() == KeyLevel.CLASS || indexKeys.isReplaceable(child))
                        && child.slot().tier() == row.slot().tier()
                        && child.state().mayBecome(KeyState.COMPROMISED)
                        && child.wrapped().kek().equals(KeyHierarchy.address(key))) {
                    replaceAndMark(child, by, made);
                }
            }
            rewrapKeys(tenant, by);
        }
        return List.copyOf(made);
    }

    private void replaceAndMark(KeyRecord row, ActorId by, List<Rotated> made) {
        if (row.slot().level() == KeyLevel.PURPOSE && !IndexKeys.isIndex(row.slot())) {
            throw new ConflictException(
                    KeysError.KEY_TRANSITION_REFUSED,
                    "a purpose key cannot be replaced: what it hashed is found by it");
        }
        if (!row.state().mayBecome(KeyState.COMPROMISED)) {
            throw refused(row.state(), KeyState.COMPROMISED);
        }
        if (row.state() == KeyState.ACTIVE) {
            succeed(row.slot(), by, COMPROMISED, Optional.of(row.version()), Optional.empty())
                    .ifPresent(next -> made.add(Rotated.of(next, COMPROMISED)));
        }
        change(hierarchy.find(row.slot().tenant(), row.id()), KeyState.COMPROMISED, by, COMPROMISED);
    }

    private void change(KeyRecord row, KeyState to, ActorId by, String why) {
        parts.usage().acted(row.slot().tenant(), by);
        if (!row.state().mayBecome(to)) {
            throw refused(row.state(), to);
        }
        parts.audit().changed(row, to, by, why);
        if (!parts.records().changeState(row, to)) {
            throw new ConflictException(KeysError.KEY_TRANSITION_REFUSED, "the key was changed by another meanwhile");
        }
        parts.states().reload(row.slot().tenant());
    }

    private static ConflictException refused(KeyState from, KeyState to) {
        return new ConflictException(
                KeysError.KEY_TRANSITION_REFUSED, "a key that is %s cannot become %s".formatted(from, to));
    }

    /// The counts of use of the tenant's keys that were reported so far, by key id.
    public Map<UUID, KeyUse> uses(TenantId tenant) {
        return parts.records().uses(tenant);
    }

    /// Reports what was done with keys since the last time: `key.used` in the audit log.
    ///
    /// @throws UnavailableException if log or rows did not answer; nothing is lost
    public void reportUse() {
        parts.usage().flush();
    }

    /// Reads what other nodes changed about keys. From the first call on, what cannot be read for longer than
    /// [KeyLifeConfig#stateAge()] stops all sealing and opening.
    ///
    /// @throws SottoException if it could not be read: nothing is sealed or opened until it can
    public void refresh() {
        parts.states().refresh();
    }
}
