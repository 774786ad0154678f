package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyLifecycle.Rotated;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The keys of blind indexes, and their replacement. The newest version is for new rows. The one before stays live, so
/// that searches ask for its hashes too, until whoever keeps rows has computed them anew and calls [#retire]. So at
/// most two versions are live, and the next replacement is refused while there are two. Thread-safe; may block; several
/// nodes may do the same at once. Every act is audited before it is done.
///
/// A version is a key under the tenant key, or the address of a key inside a key service that computes HMAC: one of
/// these serves all tenants and purposes, which are part of what is hashed.
public final class IndexKeys {
    static final String IN_SERVICE = "kms-hmac-sha-256";
    private static final String PREFIX = "blind-index/";
    private static final String FORCED = "forced";
    private static final String MOVED = "moved";
    private static final int MAX_LIVE = 2;
    private static final int MAX_SLOTS = 4_096;
    private static final int TRIES = 3;
    private static final byte[] NOTHING = {};

    private final KeyParts parts;
    private final KeyHierarchy hierarchy;
    private final KeyServiceConfig config;
    private final Map<KeySlot, Known> known = new LinkedHashMap<>();
    private long generation;

    IndexKeys(KeyParts parts, KeyHierarchy hierarchy, KeyServiceConfig config) {
        this.parts = parts;
        this.hierarchy = hierarchy;
        this.config = config;
    }

    private record Known(List<Live> live, Instant since) {}

    /// A version under which rows may be.
    ///
    /// @param id of its row; what a row of the store keeps beside a hash
    /// @param madeAt with a precision of milliseconds
    /// @param service the address of the key, if it is inside a key service
    public record Live(UUID id, int version, Instant madeAt, Optional<KeyUri> service) {}

    /// The live versions, newest first, 1 or 2. Makes the first one.
    ///
    /// @throws NotFoundException if the tenant has no key
    /// @throws UnavailableException if one was revoked, or its service does not answer
    /// @throws IntegrityException if a key inside a service is not the one it was
    public List<Live> live(TenantId tenant, String purpose) {
        return live(slot(tenant, purpose));
    }

    /// The purposes for which the tenant has a key.
    public List<String> purposes(TenantId tenant) {
        return hierarchy.list(tenant).stream()
                .map(KeyRecord::slot)
                .filter(IndexKeys::isIndex)
                .map(slot -> slot.name().substring(PREFIX.length()))
                .distinct()
                .toList();
    }

    /// Replaces the key, by one of the kind that is configured. New rows are under it once every node has heard of it;
    /// the one before stays live until [#retire].
    ///
    /// @throws NotFoundException if there is no such key
    /// @throws ConflictException if the one before is not retired yet
    /// @throws RejectedException if the configured key of a service is the one in use
    public Rotated rotate(TenantId tenant, String purpose, ActorId by) {
        var slot = slot(tenant, purpose);
        return succeed(slot, by, FORCED, Optional.empty())
                .map(row -> Rotated.of(row, FORCED))
                .orElseThrow(IndexKeys::retiring);
    }

    /// Ends every version before `newest`: nothing is looked for under it any more, and it never comes back. To be
    /// called when no row is under it and none can be added. Doing it again is harmless.
    ///
    /// @param newest the version that stays
    /// @return whether anything was to be ended
    public boolean retire(TenantId tenant, String purpose, int newest, ActorId by) {
        var slot = slot(tenant, purpose);
        var row = hierarchy.newest(slot).orElseThrow(IndexKeys::absent);
        if (row.version() < newest || parts.records().floor(slot).opensFrom() >= newest) {
            return false;
        }
        parts.audit().retired(row, newest, by);
        parts.records().raiseFloor(slot, newest);
        parts.states().reload(tenant);
        forget(tenant);
        return true;
    }

    /// Replaces the newest version if it is older than allowed or not of the kind that is configured, and only one is
    /// live. In the token an old key is replaced when another is configured; its age alone changes nothing.
    Optional<Rotated> rotateDue(KeyRecord newest, Duration longest, ActorId by) {
        boolean old =
                Duration.between(newest.createdAt(), parts.clock().instant()).compareTo(longest) >= 0;
        var service = serviceOf(newest);
        boolean moved = !service.equals(config.indexKey());
        if (!moved && (!old || service.isPresent())) {
            return Optional.empty();
        }
        if (!isReplaceable(newest)) {
            return Optional.empty();
        }
        var why = moved ? MOVED : "age";
        return succeed(newest.slot(), by, why, Optional.of(newest.version())).map(row -> Rotated.of(row, why));
    }

    /// @param expected the version that is to be replaced; if another is newest, nothing is done
    Optional<KeyRecord> succeed(KeySlot slot, ActorId by, String why, Optional<Integer> expected) {
        parts.usage().acted(slot.tenant(), by);
        try (var _ = hierarchy.lock(slot)) {
            var newest = hierarchy.newest(slot).orElseThrow(IndexKeys::absent);
            if (expected.isPresent() && newest.version() != expected.get()) {
                return Optional.empty();
            }
            if (isRetiring(slot)) {
                throw retiring();
            }
            var rotation = new KeyAudit.Rotation(by, why);
            return Optional.of(
                    config.indexKey().isEmpty()
                            ? hierarchy.succeed(newest, rotation, Optional.empty())
                            : succeedInside(newest, config.indexKey().get(), rotation));
        } finally {
            forget(slot.tenant());
        }
    }

    private KeyRecord succeedInside(KeyRecord newest, KeyUri key, KeyAudit.Rotation rotation) {
        if (serviceOf(newest).equals(Optional.of(key))) {
            throw new RejectedException(
                    KeysError.INDEX_KEY_SAME,
                    "the index key is the configured one already\nhint: make another in the key service and name it in"
                            + " keys.blind-index");
        }
        var row = inside(newest.slot(), newest.version() + 1, key);
        parts.audit().rotated(row, newest, rotation);
        var stands = parts.records().succeed(row);
        parts.states().seen().saw(stands);
        if (!stands.id().equals(row.id())) {
            parts.audit().discarded(row);
        }
        return stands;
    }

    /// Whether two versions are live.
    boolean isRetiring(KeySlot slot) {
        return rows(slot).size() >= MAX_LIVE;
    }

    boolean isReplaceable(KeyRecord row) {
        return isIndex(row.slot()) && row.state() == KeyState.ACTIVE && !isRetiring(row.slot());
    }

    static KeySlot slot(TenantId tenant, String purpose) {
        return KeySlot.purpose(tenant, PREFIX + purpose, KeyTier.PRIMARY);
    }

    static boolean isIndex(KeySlot slot) {
        return slot.level() == KeyLevel.PURPOSE
                && slot.tier() == KeyTier.PRIMARY
                && slot.name().startsWith(PREFIX);
    }

    /// True if the row holds no key but says where in a key service it is.
    static boolean isInService(KeyRecord row) {
        return row.algorithm().equals(IN_SERVICE);
    }

    List<Live> live(KeySlot slot) {
        parts.states().requireReadable();
        long ticket;
        synchronized (known) {
            var held = known.get(slot);
            if (held != null
                    && held.since()
                            .plus(config.hierarchyAge())
                            .isAfter(parts.clock().instant())) {
                return held.live();
            }
            ticket = generation;
        }
        var live = read(slot);
        synchronized (known) {
            if (ticket == generation) {
                if (known.size() >= MAX_SLOTS) {
                    known.remove(known.keySet().iterator().next());
                }
                known.put(slot, new Known(live, parts.clock().instant()));
            }
        }
        return live;
    }

    /// 32 bytes under that version.
    byte[] mac(KeySlot slot, Live key, byte[] message) {
        if (key.service().isPresent()) {
            parts.usage().hashed(slot.tenant(), key.id());
            return new TokenMac(service(), key.service().get()).of(slot.tenant(), slot.name(), message);
        }
        try (var held =
                hierarchy.opening(slot.tenant(), KeyHierarchy.address(key.id()), KeyLevel.PURPOSE, slot.tier())) {
            parts.usage().hashed(slot.tenant(), key.id());
            return PurposeMac.mac(held.key(), message);
        }
    }

    void forget(TenantId tenant) {
        synchronized (known) {
            generation++;
            known.keySet().removeIf(slot -> slot.tenant().equals(tenant));
        }
    }

    void forgetAll() {
        synchronized (known) {
            generation++;
            known.clear();
        }
    }

    private List<Live> read(KeySlot slot) {
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            var newest = hierarchy.newest(slot);
            if (newest.isEmpty()) {
                create(slot);
                continue;
            }
            var rows = rows(slot);
            if (!rows.isEmpty() && rows.getFirst().id().equals(newest.get().id())) {
                rows.forEach(IndexKeys::requireUsable);
                if (!rows.getFirst().state().seals() || rows.size() > MAX_LIVE) {
                    throw new UnavailableException(
                            KeysError.KEY_NOT_ACTIVE,
                            "purpose key version (%d) is not active"
                                    .formatted(newest.get().version()));
                }
                return rows.stream().map(this::checked).toList();
            }
        }
        throw new UnavailableException(KeysError.KEY_BUSY, "the index key is being replaced by others");
    }

    private static void requireUsable(KeyRecord row) {
        if (!row.state().opens()) {
            throw new UnavailableException(KeysError.KEY_REVOKED, "purpose key was revoked");
        }
    }

    /// Rows of versions that are not retired, newest first. One that was destroyed finds nothing.
    private List<KeyRecord> rows(KeySlot slot) {
        int opensFrom = parts.records().floor(slot).opensFrom();
        return hierarchy.list(slot.tenant()).stream()
                .filter(row ->
                        row.slot().equals(slot) && row.version() >= opensFrom && row.state() != KeyState.DESTROYED)
                .sorted(Comparator.comparingInt(KeyRecord::version).reversed())
                .toList();
    }

    private void create(KeySlot slot) {
        if (config.indexKey().isEmpty()) {
            hierarchy.sealing(slot).close();
            return;
        }
        try (var _ = hierarchy.lock(slot)) {
            if (hierarchy.newest(slot).isPresent()) {
                return;
            }
            if (hierarchy.newest(KeySlot.tenant(slot.tenant(), slot.tier())).isEmpty()) {
                throw new NotFoundException(
                        KeysError.TENANT_KEY_ABSENT, "tenant has no key; it was never created here");
            }
            var row = inside(slot, 1, config.indexKey().get());
            parts.audit().created(row);
            var stands = parts.records().insert(row);
            parts.states().seen().saw(stands);
            if (!stands.id().equals(row.id())) {
                parts.audit().discarded(row);
            }
        }
    }

    /// A row whose wrapped bytes are a code that only that key makes, over the place of the row.
    private KeyRecord inside(KeySlot slot, int version, KeyUri key) {
        var id = parts.ids().next();
        return new KeyRecord(
                id,
                slot,
                version,
                KeyState.ACTIVE,
                IN_SERVICE,
                WrappedKey.of(key, check(slot, version, id, key)),
                parts.clock().instant());
    }

    private byte[] check(KeySlot slot, int version, UUID id, KeyUri key) {
        return new TokenMac(service(), key).check(EncryptionContext.of(slot, version, id));
    }

    /// @throws IntegrityException if the service has another key at that address, or the row was moved
    private Live checked(KeyRecord row) {
        var service = serviceOf(row);
        byte[] check = service.map(key -> check(row.slot(), row.version(), row.id(), key))
                .orElse(NOTHING);
        byte[] kept = service.isPresent() ? row.wrapped().bytes() : NOTHING;
        boolean same = MessageDigest.isEqual(check, kept);
        Arrays.fill(kept, (byte) 0);
        if (!same) {
            throw new IntegrityException(
                    KeysError.INDEX_KEY_CHANGED, "the key service has another index key at that address");
        }
        return new Live(row.id(), row.version(), row.createdAt(), service);
    }

    private static Optional<KeyUri> serviceOf(KeyRecord row) {
        return isInService(row) ? Optional.of(row.wrapped().kek()) : Optional.empty();
    }

    private KmsMac service() {
        if (parts.kms() instanceof KmsMac service) {
            return service;
        }
        throw new UnavailableException(KeysError.KMS_SCHEME_UNKNOWN, "no key service here computes message codes");
    }

    private static NotFoundException absent() {
        return new NotFoundException(KeysError.KEY_ABSENT, "there is no such key to replace");
    }

    private static ConflictException retiring() {
        return new ConflictException(
                KeysError.INDEX_KEY_RETIRING,
                "the index key before is not retired yet: rows are still being computed anew");
    }
}
