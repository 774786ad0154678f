package dev.sotto.server.node;

import dev.sotto.core.ActorId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.DeniedException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyLifecycle;
import dev.sotto.keys.KeyLifecycle.Progress;
import dev.sotto.keys.KeyLifecycle.Rotated;
import dev.sotto.keys.KeyRecords.Destruction;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyStatus;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeyUri;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What an operator does to keys, on a running node or a stopped one's data. Thread-safe; blocks.
public final class KeyOffice {
    /// The most record keys that one step wraps anew.
    public static final int STEP = KeyLifecycle.MAX_STEP;

    private static final String ALL = "all";

    private final KeyService keys;

    public KeyOffice(KeyService keys) {
        this.keys = keys;
    }

    /// Every key, never a byte of one.
    public List<KeyStatus> list() {
        return keys.list(Optional.empty());
    }

    /// Which keys are meant.
    ///
    /// @param tenant one tenant's; empty means all
    /// @param dataClass the class keys of one class; empty means all classes
    /// @param level tenant keys or class keys; empty means both
    /// @param purpose the index keys of this purpose, or of every one for `all`, and nothing else; empty means none
    public record Chosen(
            Optional<TenantId> tenant,
            Optional<DataClass> dataClass,
            Optional<KeyLevel> level,
            Optional<String> purpose) {
        public Chosen {
            if (purpose.isPresent() && (dataClass.isPresent() || level.isPresent())) {
                throw new RejectedException(
                        ServerError.ARGUMENT_INVALID, "a purpose cannot be given together with a class or level");
            }
        }

        private boolean is(KeyStatus key) {
            return tenant.filter(one -> !key.tenant().equals(one)).isEmpty()
                    && level.filter(one -> key.level() != one).isEmpty()
                    && (dataClass.isEmpty()
                            || (key.level() == KeyLevel.CLASS
                                    && key.name().equals(dataClass.get().code())));
        }
    }

    /// Replaces the chosen keys that are in use.
    ///
    /// @throws NotFoundException if there are none
    public List<Rotated> rotate(Chosen chosen, ActorId by) {
        if (chosen.purpose().isPresent()) {
            return rotateIndexes(chosen.tenant(), chosen.purpose().get(), by);
        }
        var rotated = new ArrayList<Rotated>();
        for (KeyStatus key : keys.list(chosen.tenant())) {
            if (!chosen.is(key) || key.state() != KeyState.ACTIVE) {
                continue;
            }
            if (key.level() == KeyLevel.TENANT) {
                rotated.add(keys.lifecycle().rotateTenantKey(key.tenant(), key.tier(), by));
            } else if (key.level() == KeyLevel.CLASS) {
                rotated.add(
                        keys.lifecycle().rotateClassKey(key.tenant(), DataClass.ofCode(key.name()), key.tier(), by));
            }
        }
        if (rotated.isEmpty()) {
            throw new NotFoundException(ServerError.NOT_HERE, "no key in use is of that tenant, class and level");
        }
        return List.copyOf(rotated);
    }

    private List<Rotated> rotateIndexes(Optional<TenantId> tenant, String purpose, ActorId by) {
        var rotated = new ArrayList<Rotated>();
        for (TenantId each : tenants(tenant)) {
            for (String one : keys.indexKeys().purposes(each)) {
                if (purpose.equals(ALL) || purpose.equals(one)) {
                    rotated.add(keys.indexKeys().rotate(each, one, by));
                }
            }
        }
        if (rotated.isEmpty()) {
            throw new NotFoundException(ServerError.NOT_HERE, "no index key is of that tenant and purpose");
        }
        return List.copyOf(rotated);
    }

    /// One bounded step of bringing every key of the chosen tenants under the newest one above it. Call it until
    /// nothing is left.
    public Progress rewrap(Optional<TenantId> tenant, ActorId by) {
        long done = 0;
        long left = 0;
        for (TenantId each : tenants(tenant)) {
            Progress upper = keys.lifecycle().rewrapKeys(each, by);
            done += upper.done();
            left += upper.left();
            for (Slot slot : slots(each)) {
                if (done < STEP) {
                    Progress step = keys.lifecycle()
                            .rewrapRecordKeys(each, slot.dataClass(), slot.tier(), (int) (STEP - done), by);
                    done += step.done();
                    left += step.left();
                } else {
                    left++; // not looked at in this step
                }
            }
        }
        return new Progress(done, left);
    }

    private record Slot(DataClass dataClass, KeyTier tier) {}

    private Set<Slot> slots(TenantId tenant) {
        var slots = new HashSet<Slot>();
        keys.list(Optional.of(tenant)).stream()
                .filter(key -> key.level() == KeyLevel.CLASS && key.state() == KeyState.ACTIVE)
                .forEach(key -> slots.add(new Slot(DataClass.ofCode(key.name()), key.tier())));
        return slots;
    }

    private List<TenantId> tenants(Optional<TenantId> tenant) {
        return keys.list(tenant).stream().map(KeyStatus::tenant).distinct().toList();
    }

    /// Moves a tenant's key under another root key.
    public Progress move(TenantId tenant, KeyUri root, ActorId by) {
        Progress moved = keys.lifecycle().moveTenant(tenant, KeyTier.PRIMARY, root, by);
        Progress below = keys.lifecycle().rewrapKeys(tenant, by);
        return new Progress(moved.done() + below.done(), moved.left() + below.left());
    }

    /// How a key is taken out of use.
    public enum Revocation {
        /// Nothing under it is sealed or opened until it is reinstated.
        SUSPEND,
        /// It may be known to others: replaced at once, opens until all was sealed anew.
        COMPROMISED,
        /// A suspension is lifted.
        REINSTATE
    }

    /// Takes a key out of use, or back.
    ///
    /// @throws NotFoundException if there is no such key
    /// @throws ConflictException if a key in its state cannot become that
    public KeyStatus revoke(UUID key, Revocation how, ActorId by) {
        KeyStatus before = find(key);
        switch (how) {
            case SUSPEND -> keys.lifecycle().revoke(before.tenant(), key, by);
            case COMPROMISED -> keys.lifecycle().compromised(before.tenant(), key, by);
            case REINSTATE -> keys.lifecycle().reinstate(before.tenant(), key, by);
        }
        return find(key);
    }

    private KeyStatus find(UUID key) {
        return list().stream()
                .filter(each -> each.id().equals(key))
                .findFirst()
                .orElseThrow(() -> new NotFoundException(ServerError.NOT_HERE, "there is no key of that id"));
    }

    /// Requests to destroy, with the certificates of those that were done.
    public List<Destruction> destructions() {
        return tenants(Optional.empty()).stream()
                .flatMap(tenant -> keys.destruction().list(tenant).stream())
                .toList();
    }

    /// Refuses. A destruction needs two people's signatures, and nobody has a key of their own to sign with yet.
    public static SottoException destroyRefused() {
        return new DeniedException(
                ServerError.NOT_ALLOWED,
                "destroying keys needs the signed approvals of two people, and people have no keys of their own to sign"
                        + " with yet\nhint: keys revoke stops all use of a key at once");
    }

    /// Reads the id of a key.
    public static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException malformed) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "a key id must be as keys list shows it", malformed);
        }
    }
}
