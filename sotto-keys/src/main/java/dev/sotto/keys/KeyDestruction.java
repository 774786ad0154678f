package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.DestructionRequest.Target;
import dev.sotto.keys.KeyRecords.Destruction;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/// Destroys keys for good: asked for, approved by two people, done after a waiting period, certified in the audit
/// log. Thread-safe; may block. A destruction that failed half way is done again with the same request.
public final class KeyDestruction {
    private static final int APPROVALS = 2;
    private static final byte[] PROBE = new byte[DataKey.LENGTH];

    private final KeyParts parts;
    private final KeyHierarchy hierarchy;
    private final RecordKeys recordKeys;
    private final KeyLifeConfig config;

    KeyDestruction(KeyParts parts, KeyHierarchy hierarchy, RecordKeys recordKeys, KeyLifeConfig config) {
        this.parts = parts;
        this.hierarchy = hierarchy;
        this.recordKeys = recordKeys;
        this.config = config;
    }

    /// Asks for a destruction. Destroys nothing. Audited `key.destruction.requested`.
    ///
    /// @param reason a code, 1 to 64 lower-case letters, digits and hyphens
    /// @throws NotFoundException if the tenant has no such key
    public DestructionRequest request(TenantId tenant, Target target, String reason, ActorId by) {
        if (target instanceof Target.OfKey(var key)) {
            hierarchy.find(tenant, key);
        }
        var now = parts.clock().instant();
        var request =
                new DestructionRequest(parts.ids().next(), tenant, target, reason, by, now, now.plus(config.waiting()));
        parts.usage().acted(tenant, by);
        parts.audit().destructionRequested(request);
        parts.records().request(request);
        return request;
    }

    /// What was asked for, and the certificates of what was done, oldest first.
    public List<Destruction> list(TenantId tenant) {
        return parts.records().destructions(tenant);
    }

    /// Does what was asked for. Audited `key.destruction.begun`, `key.destroyed` for each key and
    /// `key.destruction.certified`.
    ///
    /// @param by who does it, which may be one of the approvers
    /// @throws DeniedException if there are not two people's approvals over this request, or it is too early
    /// @throws ConflictException if it was done before, or the key is still in use
    /// @throws IntegrityException if something still opened afterwards
    public DestructionCertificate destroy(
            TenantId tenant, UUID id, List<DestructionApproval> approvals, ApproverKeys keys, ActorId by) {
        var destruction = parts.records()
                .destruction(tenant, id)
                .orElseThrow(() -> new NotFoundException(KeysError.KEY_ABSENT, "there is no such request"));
        var request = destruction.request();
        if (destruction.certificate().isPresent()) {
            throw new ConflictException(KeysError.KEY_TRANSITION_REFUSED, "the destruction was done before");
        }
        var approvers = approved(request, approvals, keys);
        if (parts.clock().instant().isBefore(request.notBefore())) {
            throw new DeniedException(
                    KeysError.DESTRUCTION_TOO_EARLY, "the waiting period ends at %s".formatted(request.notBefore()));
        }
        var probe = probe(request);
        parts.audit()
                .destructionBegun(
                        request, by, approvers.stream().map(ActorId::toString).collect(Collectors.joining(",")));
        var covered = covered(request);
        long gone = destroy(request, by);
        var at = parts.clock().instant();
        boolean refused = refusedAfterwards(probe);
        var certificate = new DestructionCertificate(
                id,
                request.target().text(),
                gone,
                covered,
                List.copyOf(approvers),
                at,
                at.plus(config.copyLife()),
                refused);
        parts.audit().certified(request, by, certificate.details());
        parts.records().certify(tenant, id, certificate.lines());
        return certificate;
    }

    private static Set<ActorId> approved(
            DestructionRequest request, List<DestructionApproval> approvals, ApproverKeys keys) {
        var people = new LinkedHashSet<ActorId>();
        var used = new HashSet<PublicKey>();
        for (var approval : approvals) {
            var key = keys.of(approval.approver());
            if (approval.approver().kind() == ActorId.Kind.USER
                    && key.isPresent()
                    && approval.verifies(request, key.get())
                    && used.add(key.get())) {
                people.add(approval.approver());
            }
        }
        if (people.size() < APPROVALS) {
            throw new DeniedException(
                    KeysError.DESTRUCTION_NOT_APPROVED,
                    "a destruction needs the signed approvals of two people over the same request");
        }
        return people;
    }

    private long destroy(DestructionRequest request, ActorId by) {
        return switch (request.target()) {
            case Target.OfOwner(var owner) -> destroyOwner(request.tenant(), owner);
            case Target.OfKey(var key) -> destroyKey(request.tenant(), key, by);
            case Target.OfTenant() -> {
                var rows = hierarchy.list(request.tenant());
                rows.reversed().forEach(row -> destroyRow(row, by)); // children first
                yield rows.size();
            }
        };
    }

    private long destroyOwner(TenantId tenant, KeyOwner owner) {
        long gone = 0;
        for (var slot : slots(tenant, owner)) {
            gone += recordKeys.destroy(slot, owner);
        }
        return gone;
    }

    private long destroyKey(TenantId tenant, UUID key, ActorId by) {
        var row = hierarchy.find(tenant, key);
        if (row.state() == KeyState.DESTROYED) {
            return 0;
        }
        if (!row.state().mayBecome(KeyState.DESTROYED)) {
            throw new ConflictException(
                    KeysError.KEY_TRANSITION_REFUSED,
                    "a key that is %s cannot be destroyed; rotate or revoke it first".formatted(row.state()));
        }
        destroyRow(row, by);
        var lowest = hierarchy.list(tenant).stream()
                .filter(other -> other.slot().equals(row.slot()) && other.state() != KeyState.DESTROYED)
                .mapToInt(KeyRecord::version)
                .min();
        parts.records().raiseFloor(row.slot(), lowest.orElse(row.version() + 1));
        return 1;
    }

    private void destroyRow(KeyRecord row, ActorId by) {
        if (row.state() != KeyState.DESTROYED) {
            parts.audit().keyDestroyed(row, by);
            parts.records().destroy(row);
        }
        parts.states().reload(row.slot().tenant());
    }

    /// How many record keys will open no more, by data class.
    private Map<String, Long> covered(DestructionRequest request) {
        var tenant = request.tenant();
        var covered = new TreeMap<String, Long>();
        switch (request.target()) {
            case Target.OfOwner(var owner) ->
                slots(tenant, owner)
                        .forEach(slot -> parts.records()
                                .latest(slot)
                                .ifPresent(_ -> covered.merge(slot.dataClass().code(), 1L, Long::sum)));
            case Target.OfKey(var key) -> count(tenant, below(tenant, key), covered);
            case Target.OfTenant() -> count(tenant, hierarchy.list(tenant), covered);
        }
        return covered;
    }

    private void count(TenantId tenant, List<KeyRecord> keys, Map<String, Long> covered) {
        var counts = parts.records().countErasable(tenant);
        for (var key : keys) {
            long under = counts.getOrDefault(KeyHierarchy.address(key.id()), 0L);
            if (under > 0) {
                covered.merge(key.slot().name(), under, Long::sum);
            }
        }
    }

    /// The key, and those that are wrapped under it.
    private List<KeyRecord> below(TenantId tenant, UUID key) {
        return hierarchy.list(tenant).stream()
                .filter(row -> row.id().equals(key) || row.wrapped().kek().equals(KeyHierarchy.address(key)))
                .toList();
    }

    private static List<ErasableSlot> slots(TenantId tenant, KeyOwner owner) {
        var slots = new ArrayList<ErasableSlot>();
        for (var dataClass : DataClass.values()) {
            for (var tier : KeyTier.values()) {
                slots.add(ErasableSlot.of(tenant, dataClass, owner, tier));
            }
        }
        return slots;
    }

    /// Something sealed before, to be tried afterwards.
    private static final class Probe {
        private final ErasableKey key;
        private final byte[] sealed;

        private Probe(ErasableKey key, byte[] sealed) {
            this.key = key;
            this.sealed = sealed;
        }
    }

    /// Seals nothing of anybody's under one of the keys that will be gone.
    private Optional<Probe> probe(DestructionRequest request) {
        var tenant = request.tenant();
        var victim = switch (request.target()) {
            case Target.OfOwner(var owner) ->
                slots(tenant, owner).stream()
                        .flatMap(slot -> parts.records().latest(slot).stream())
                        .findFirst();
            case Target.OfKey(var key) -> anyUnder(tenant, below(tenant, key));
            case Target.OfTenant() -> anyUnder(tenant, hierarchy.list(tenant));
        };
        return victim.flatMap(this::sealProbe);
    }

    private Optional<ErasableKey> anyUnder(TenantId tenant, List<KeyRecord> keys) {
        return keys.stream()
                .flatMap(key ->
                        parts
                                .records()
                                .erasableUnder(tenant, KeyHierarchy.address(key.id()), Optional.empty(), 1)
                                .stream())
                .findFirst();
    }

    private Optional<Probe> sealProbe(ErasableKey row) {
        try (var held = recordKeys.opening(row.slot(), row.id())) {
            byte[] key = held.key().reveal();
            try {
                return Optional.of(
                        new Probe(row, Cobblestone.sealMessage(key, parts.random(), Parts.bytes(row.id()), PROBE)));
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        } catch (SealedDataException | SottoException alreadyUnusable) {
            return Optional.empty(); // a revoked key opens nothing now either
        }
    }

    /// Tries to open what was sealed before, with nothing held from then.
    private boolean refusedAfterwards(Optional<Probe> probe) {
        if (probe.isEmpty()) {
            return false;
        }
        recordKeys.clear();
        hierarchy.clear();
        var row = probe.get().key;
        try (var held = recordKeys.opening(row.slot(), row.id())) {
            byte[] key = held.key().reveal();
            Cobblestone.openMessage(key, Parts.bytes(row.id()), probe.get().sealed);
        } catch (SealedDataException | IntegrityException refused) {
            return true;
        }
        throw new IntegrityException(
                KeysError.DESTRUCTION_INCOMPLETE, "what was to be destroyed still opened afterwards");
    }
}
