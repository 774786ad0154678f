package dev.sotto.keys;

import static dev.sotto.keys.KeyRows.IDS;
import static dev.sotto.keys.KeyRows.NOW;
import static dev.sotto.keys.KeyRows.ROOT;
import static dev.sotto.keys.KeyRows.THREADS;
import static dev.sotto.keys.KeyRows.atOnce;
import static dev.sotto.keys.KeyRows.recordKey;
import static dev.sotto.keys.KeyRows.row;
import static dev.sotto.keys.KeyRows.slot;
import static dev.sotto.keys.KeyRows.stands;
import static dev.sotto.keys.KeyRows.tenantKey;
import static dev.sotto.keys.KeyRows.wrapped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyRecords.Rewrap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What every [KeyRecords] must do for the life of keys: succession, states, floors, rewrapping, counts, destruction.
/// As with [KeyRecordsContract], one store may serve all tests.
public abstract class KeyLifeRecordsContract {
    protected abstract KeyRecords records();

    protected TenantId newTenant() {
        return IDS.tenantId();
    }

    @Test
    void succeed_deactivatesOlderActiveVersionsAndRaisesTheFloor() {
        var tenant = newTenant();
        var slot = KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY);
        var first = records().insert(row(slot, 1));
        var other = records().insert(row(KeySlot.dataClass(tenant, DataClass.SUBJECT, KeyTier.PRIMARY), 1));
        var second = row(slot, 2);

        assertThat(records().succeed(second)).isEqualTo(second);

        assertThat(records().latest(slot)).contains(second);
        assertThat(state(first)).isEqualTo(KeyState.DEACTIVATED);
        assertThat(state(other)).isEqualTo(KeyState.ACTIVE);
        assertThat(records().floor(slot)).isEqualTo(new KeyFloor(2, 1));
        assertThat(records().floor(other.slot())).isEqualTo(new KeyFloor(1, 1));
    }

    @Test
    void succeed_intoATakenVersion_returnsTheFirstAndChangesNothing() {
        var slot = KeySlot.dataClass(newTenant(), DataClass.RECORDING, KeyTier.PRIMARY);
        records().insert(row(slot, 1));
        var second = records().succeed(row(slot, 2));
        var late = row(slot, 2);

        assertThat(records().succeed(late)).isEqualTo(second);
        assertThat(records().find(slot.tenant(), late.id())).isEmpty();
        assertThat(state(second)).isEqualTo(KeyState.ACTIVE);
    }

    @Test
    void succeed_fromManyNodesAtOnce_leavesOneActiveVersion() throws Exception {
        var slot = KeySlot.dataClass(newTenant(), DataClass.RECORDING, KeyTier.PRIMARY);
        records().insert(row(slot, 1));

        var won = atOnce(() -> records().succeed(row(slot, 2)).id());

        assertThat(Set.copyOf(won)).hasSize(1);
        assertThat(records().list(slot.tenant()))
                .extracting(KeyRecord::state)
                .containsExactlyInAnyOrder(KeyState.ACTIVE, KeyState.DEACTIVATED);
    }

    @Test
    void floor_neverMovesBack() {
        var slot = KeySlot.dataClass(newTenant(), DataClass.RECORDING, KeyTier.PRIMARY);
        assertThat(records().floor(slot)).isEqualTo(new KeyFloor(0, 1));
        records().insert(row(slot, 3));
        records().raiseFloor(slot, 3);

        records().insert(row(slot, 2));
        records().raiseFloor(slot, 2);

        assertThat(records().floor(slot)).isEqualTo(new KeyFloor(3, 3));
    }

    @Test
    void changeState_fromAStateThatIsNoMore_changesNothing() {
        var row = records().insert(tenantKey(newTenant(), 1));

        assertThat(records().changeState(row, KeyState.SUSPENDED)).isTrue();
        assertThat(records().changeState(row, KeyState.COMPROMISED)).isFalse();
        assertThat(state(row)).isEqualTo(KeyState.SUSPENDED);
    }

    @Test
    void destroy_ofAKey_leavesNothingOfIt() {
        var row = records().insert(tenantKey(newTenant(), 1));

        assertThat(records().destroy(row)).isTrue();

        var after = records().find(row.slot().tenant(), row.id()).orElseThrow();
        assertThat(after.state()).isEqualTo(KeyState.DESTROYED);
        assertThat(after.wrapped().bytes()).containsExactly(0);
    }

    @Test
    void rewrap_ofAKey_replacesOnlyWhatWasRead() {
        var row = records().insert(tenantKey(newTenant(), 1));
        var to = wrapped(new KeyUri("local:other"), 9);

        assertThat(records().rewrap(row, to)).isTrue();
        assertThat(records().rewrap(row, wrapped(ROOT, 8))).isFalse();

        var after = records().find(row.slot().tenant(), row.id()).orElseThrow();
        assertThat(after.wrapped()).isEqualTo(to);
        assertThat(after.state()).isEqualTo(KeyState.ACTIVE);
        assertThat(after.id()).isEqualTo(row.id());
    }

    @Test
    void erasableUnder_givesEachKeyOnceInOrder() {
        var tenant = newTenant();
        var kek = new KeyUri("key:" + UUID.randomUUID());
        var all = new ArrayList<UUID>();
        for (int i = 0; i < 7; i++) {
            all.add(stands(records().insert(recordKey(slot(tenant, DataClass.RECORDING, IDS.callId()), 1, kek)))
                    .id());
        }
        records().insert(recordKey(slot(tenant), 1));

        var seen = new ArrayList<UUID>();
        var page = records().erasableUnder(tenant, kek, Optional.empty(), 3);
        while (!page.isEmpty()) {
            assertThat(page).hasSizeLessThanOrEqualTo(3);
            page.forEach(key -> seen.add(key.id()));
            page = records().erasableUnder(tenant, kek, Optional.of(seen.getLast()), 3);
        }

        assertThat(seen).containsExactlyInAnyOrderElementsOf(all);
        assertThat(records().erasableUnder(newTenant(), kek, Optional.empty(), 3))
                .isEmpty();
    }

    @Test
    void rewrap_ofRecordKeys_replacesTheLiveOnesOnly() {
        var tenant = newTenant();
        var old = new KeyUri("key:" + UUID.randomUUID());
        var target = new KeyUri("key:" + UUID.randomUUID());
        var keys = new ArrayList<ErasableKey>();
        for (int i = 0; i < 4; i++) {
            keys.add(stands(records().insert(recordKey(slot(tenant, DataClass.RECORDING, IDS.callId()), 1, old))));
        }
        var gone = keys.removeLast();
        records().destroy(gone.slot(), 1, NOW);
        var rewraps = new ArrayList<Rewrap>();
        rewraps.add(new Rewrap(gone.id(), gone.wrapped(), wrapped(target, 50)));
        for (int i = 0; i < keys.size(); i++) {
            rewraps.add(new Rewrap(keys.get(i).id(), keys.get(i).wrapped(), wrapped(target, 100 + i)));
        }

        assertThat(records().rewrap(newTenant(), rewraps)).isZero();
        assertThat(records().rewrap(tenant, rewraps)).isEqualTo(3);
        assertThat(records().rewrap(tenant, rewraps)).isZero();

        for (int i = 0; i < keys.size(); i++) {
            var key = keys.get(i);
            assertThat(records().findErasable(tenant, key.id()))
                    .contains(new ErasableKey(
                            key.id(), key.slot(), 1, key.algorithm(), wrapped(target, 100 + i), key.createdAt()));
        }
        assertThat(records().findErasable(tenant, gone.id())).isEmpty();
        assertThat(records().countErasable(tenant)).isEqualTo(Map.of(target, 3L));
    }

    @Test
    void stateEpoch_risesWithEveryChangeAndNamesWhose() {
        var tenant = newTenant();
        var slot = KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY);
        var row = records().insert(row(slot, 1));
        var key = stands(records().insert(recordKey(slot(tenant), 1)));

        for (Runnable change : List.<Runnable>of(
                () -> records().succeed(row(slot, 2)),
                () -> records().changeState(records().find(tenant, row.id()).orElseThrow(), KeyState.COMPROMISED),
                () -> records().raiseFloor(slot, 2),
                () -> records().destroy(row),
                () -> records().destroy(key.slot(), 1, NOW))) {
            long before = records().stateEpoch();
            change.run();
            assertThat(records().stateEpoch()).isGreaterThan(before);
            assertThat(records().changedSince(before)).contains(tenant);
        }
        assertThat(records().changedSince(records().stateEpoch())).doesNotContain(tenant);
    }

    /// A reader that follows the number must hear of every change, though they commit side by side.
    @Test
    void stateEpoch_followedWhileManyChange_missesNone() throws Exception {
        var tenants = new ArrayList<TenantId>();
        for (int i = 0; i < THREADS; i++) {
            tenants.add(newTenant());
        }
        long start = records().stateEpoch();
        var turn = new AtomicInteger();
        var heard = new HashMap<TenantId, Integer>();
        var done = new AtomicInteger();
        var follower = Thread.ofVirtual().start(() -> {
            long last = start;
            boolean over = false;
            while (!over) {
                over = done.get() == THREADS;
                long now = records().stateEpoch();
                if (now > last) {
                    for (var tenant : records().changedSince(last)) {
                        heard.put(tenant, records().destroyedThrough(slotOf(tenant)));
                    }
                    last = now;
                }
            }
        });
        atOnce(() -> {
            var tenant = tenants.get(turn.getAndIncrement());
            try {
                for (int version = 1; version <= 10; version++) {
                    records().destroy(slotOf(tenant), version, NOW);
                }
            } finally {
                done.incrementAndGet();
            }
            return 0;
        });
        follower.join();

        for (var tenant : tenants) {
            assertThat(heard).containsEntry(tenant, 10);
        }
    }

    private static ErasableSlot slotOf(TenantId tenant) {
        return ErasableSlot.of(tenant, DataClass.RECORDING, new KeyOwner.OfTenant(tenant), KeyTier.PRIMARY);
    }

    @Test
    void use_addsUp() {
        var tenant = newTenant();
        var key = UUID.randomUUID();
        var other = UUID.randomUUID();
        assertThat(records().uses(tenant)).isEmpty();

        records().addUse(tenant, Map.of(key, new KeyUse(1, 2, 3, 4, 5)), NOW);
        records().addUse(tenant, Map.of(key, new KeyUse(10, 20, 30, 40, 50), other, new KeyUse(0, 1, 0, 0, 7)), NOW);

        assertThat(records().uses(tenant))
                .isEqualTo(Map.of(key, new KeyUse(11, 22, 33, 44, 55), other, new KeyUse(0, 1, 0, 0, 7)));
        assertThat(records().uses(newTenant())).isEmpty();
    }

    @Test
    void request_isKeptAsItWas_andCertifiedOnce() {
        var tenant = newTenant();
        var by = new ActorId(ActorId.Kind.API_KEY, "ops-1");
        var owner = new DestructionRequest.Target.OfOwner(new KeyOwner.OfSubject(IDS.subjectId()));
        var request = new DestructionRequest(UUID.randomUUID(), tenant, owner, "erasure", by, NOW, NOW.plusSeconds(60));
        var second = new DestructionRequest(
                UUID.randomUUID(),
                tenant,
                new DestructionRequest.Target.OfKey(UUID.randomUUID()),
                "old",
                by,
                NOW.plusSeconds(1),
                NOW.plusSeconds(2));

        records().request(request);
        records().request(second);

        assertThat(records().destruction(tenant, request.id()))
                .contains(new KeyRecords.Destruction(request, Optional.empty()));
        assertThat(records().destruction(newTenant(), request.id())).isEmpty();
        assertThat(records().certify(tenant, request.id(), "keys=1")).isTrue();
        assertThat(records().certify(tenant, request.id(), "keys=2")).isFalse();
        assertThat(records().destructions(tenant))
                .containsExactly(
                        new KeyRecords.Destruction(request, Optional.of("keys=1")),
                        new KeyRecords.Destruction(second, Optional.empty()));
    }

    private KeyState state(KeyRecord row) {
        return records().find(row.slot().tenant(), row.id()).orElseThrow().state();
    }
}
