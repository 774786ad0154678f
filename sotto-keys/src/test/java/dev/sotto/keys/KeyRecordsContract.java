package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IdSource;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyRecords.Insertion;
import dev.sotto.keys.KeyRecords.Rewrap;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What every [KeyRecords] must do. Each method of a test uses tenants and calls of its own, so one store may serve
/// all. A store that needs its tenants to exist first overrides [#newTenant()].
public abstract class KeyRecordsContract {
    protected static final Instant NOW = Instant.parse("2026-03-01T09:30:00.123Z");
    private static final KeyUri ROOT = new KeyUri("local:primary");
    private static final int THREADS = 8;

    protected final IdSource ids = new IdSource(Clock.systemUTC(), new SecureRandom());

    protected abstract KeyRecords records();

    protected TenantId newTenant() {
        return ids.tenantId();
    }

    @Test
    void insert_intoAFreeSlot_standsAndIsFound() {
        var row = tenantKey(newTenant(), 1);

        assertThat(records().insert(row)).isEqualTo(row);
        assertThat(records().find(row.slot().tenant(), row.id())).contains(row);
        assertThat(records().latest(row.slot())).contains(row);
    }

    @Test
    void insert_intoATakenSlot_returnsTheFirst() {
        var tenant = newTenant();
        var first = records().insert(tenantKey(tenant, 1));
        var second = tenantKey(tenant, 1);

        assertThat(records().insert(second)).isEqualTo(first);
        assertThat(records().find(tenant, second.id())).isEmpty();
    }

    @Test
    void latest_withSeveralVersions_isTheHighestWhateverItsState() {
        var tenant = newTenant();
        records().insert(tenantKey(tenant, 1));
        var second = new KeyRecord(
                UUID.randomUUID(),
                KeySlot.tenant(tenant, KeyTier.PRIMARY),
                2,
                KeyState.DEACTIVATED,
                "cobblestone-256",
                wrapped(ROOT, 7),
                NOW);
        records().insert(second);

        assertThat(records().latest(second.slot())).contains(second);
    }

    @Test
    void slots_differInEachPart() {
        var tenant = newTenant();
        var other = newTenant();
        var slots = List.of(
                KeySlot.tenant(tenant, KeyTier.PRIMARY),
                KeySlot.tenant(tenant, KeyTier.BACKUP),
                KeySlot.tenant(other, KeyTier.PRIMARY),
                KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY),
                KeySlot.dataClass(tenant, DataClass.SUBJECT, KeyTier.PRIMARY),
                KeySlot.purpose(tenant, "recording", KeyTier.PRIMARY));
        var rows = slots.stream().map(slot -> row(slot, 1)).toList();
        rows.forEach(row -> assertThat(records().insert(row)).isEqualTo(row));

        rows.forEach(row -> assertThat(records().latest(row.slot())).contains(row));
    }

    @Test
    void find_ofAnotherTenantsRow_isEmpty() {
        var row = records().insert(tenantKey(newTenant(), 1));
        var key = stands(records().insert(recordKey(slot(newTenant()), 1)));
        var stranger = newTenant();

        assertThat(records().find(stranger, row.id())).isEmpty();
        assertThat(records().findErasable(stranger, key.id())).isEmpty();
    }

    @Test
    void list_ofATenant_isItsOwnAndWhole() {
        var tenant = newTenant();
        records().insert(tenantKey(newTenant(), 1));
        var rows = List.of(
                tenantKey(tenant, 1),
                row(KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY), 1),
                row(KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY), 2),
                row(KeySlot.dataClass(tenant, DataClass.SUBJECT, KeyTier.PRIMARY), 1),
                row(KeySlot.purpose(tenant, "phone", KeyTier.PRIMARY), 1));
        rows.reversed().forEach(records()::insert);

        assertThat(records().list(tenant)).containsExactlyInAnyOrderElementsOf(rows);
        assertThat(records().tenants()).contains(tenant).doesNotHaveDuplicates();
    }

    @Test
    void erasable_insertedTwice_returnsTheFirst() {
        var slot = slot(newTenant());
        var first = stands(records().insert(recordKey(slot, 1)));

        assertThat(stands(records().insert(recordKey(slot, 1)))).isEqualTo(first);
        assertThat(records().latest(slot)).contains(first);
        assertThat(records().findErasable(slot.tenant(), first.id())).contains(first);
    }

    @Test
    void erasable_renewed_latestIsTheNewestAndTheOldIsStillThere() {
        var slot = slot(newTenant());
        var first = stands(records().insert(recordKey(slot, 1)));
        var second = stands(records().insert(recordKey(slot, 2)));

        assertThat(records().latest(slot)).contains(second);
        assertThat(records().findErasable(slot.tenant(), first.id())).contains(first);
    }

    @Test
    void destroy_removesTheRowAndRefusesThatVersionEverAfter() {
        var slot = slot(newTenant());
        var key = stands(records().insert(recordKey(slot, 1)));

        assertThat(records().destroy(slot, 1, NOW)).containsExactly(key.id());
        assertThat(records().findErasable(slot.tenant(), key.id())).isEmpty();
        assertThat(records().latest(slot)).isEmpty();
        assertThat(records().destroyedThrough(slot)).isEqualTo(1);
        assertThat(records().insert(recordKey(slot, 1))).isEqualTo(new Insertion.Destroyed());
        assertThat(records().insert(recordKey(slot, 2))).isInstanceOf(Insertion.Stands.class);
    }

    @Test
    void destroy_ofASlotWithoutKey_stillRefusesTheFirstOne() {
        var slot = slot(newTenant());

        assertThat(records().destroyedThrough(slot)).isZero();
        assertThat(records().destroy(slot, 1, NOW)).isEmpty();
        assertThat(records().insert(recordKey(slot, 1))).isEqualTo(new Insertion.Destroyed());
    }

    @Test
    void destroy_throughAVersion_leavesTheNewerAndNeverMovesBack() {
        var slot = slot(newTenant());
        var first = stands(records().insert(recordKey(slot, 1)));
        var second = stands(records().insert(recordKey(slot, 2)));
        var third = stands(records().insert(recordKey(slot, 3)));

        assertThat(records().destroy(slot, 2, NOW)).containsExactlyInAnyOrder(first.id(), second.id());
        assertThat(records().destroy(slot, 1, NOW)).isEmpty();
        assertThat(records().destroyedThrough(slot)).isEqualTo(2);
        assertThat(records().latest(slot)).contains(third);
    }

    @Test
    void destroy_leavesEveryOtherSlot() {
        var tenant = newTenant();
        var call = ids.callId();
        var mine = stands(records().insert(recordKey(slot(tenant, DataClass.RECORDING, call), 1)));
        var otherClass = stands(records().insert(recordKey(slot(tenant, DataClass.TRANSCRIPT, call), 1)));
        var otherCall = stands(records().insert(recordKey(slot(tenant, DataClass.RECORDING, ids.callId()), 1)));

        records().destroy(mine.slot(), 1, NOW);

        assertThat(records().latest(otherClass.slot())).contains(otherClass);
        assertThat(records().latest(otherCall.slot())).contains(otherCall);
    }

    @Test
    void countErasable_countsLiveKeysByClassKey() {
        var tenant = newTenant();
        var kek = new KeyUri("key:" + UUID.randomUUID());
        for (int i = 0; i < 3; i++) {
            records().insert(recordKey(slot(tenant, DataClass.RECORDING, ids.callId()), 1, kek));
        }
        var doomed = slot(tenant, DataClass.RECORDING, ids.callId());
        records().insert(recordKey(doomed, 1, kek));
        records().destroy(doomed, 1, NOW);

        assertThat(records().countErasable(tenant)).isEqualTo(Map.of(kek, 3L));
        assertThat(records().countErasable(newTenant())).isEmpty();
    }

    @Test
    void insert_fromManyNodesAtOnce_leavesOneRow() throws Exception {
        var tenant = newTenant();
        var won = atOnce(() -> records().insert(tenantKey(tenant, 1)).id());

        assertThat(Set.copyOf(won)).hasSize(1);
        assertThat(records().list(tenant)).hasSize(1);
    }

    @Test
    void erasable_fromManyNodesAtOnce_leavesOneRow() throws Exception {
        var slot = slot(newTenant());
        var won = atOnce(() -> stands(records().insert(recordKey(slot, 1))).id());

        assertThat(Set.copyOf(won)).hasSize(1);
    }

    @Test
    void erasable_insertedWhileDestroyed_neverSurvives() throws Exception {
        for (int round = 0; round < 20; round++) {
            var slot = slot(newTenant());
            var turn = new AtomicInteger();
            atOnce(() -> turn.getAndIncrement() % 2 == 0
                    ? records().insert(recordKey(slot, 1))
                    : records().destroy(slot, 1, NOW));

            assertThat(records().latest(slot)).isEmpty();
        }
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
            all.add(stands(records().insert(recordKey(slot(tenant, DataClass.RECORDING, ids.callId()), 1, kek)))
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
            keys.add(stands(records().insert(recordKey(slot(tenant, DataClass.RECORDING, ids.callId()), 1, old))));
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
        var owner = new DestructionRequest.Target.OfOwner(new KeyOwner.OfSubject(ids.subjectId()));
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

    private static <T> List<T> atOnce(Callable<T> work) throws Exception {
        var start = new CyclicBarrier(THREADS);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<T>>();
            for (int i = 0; i < THREADS; i++) {
                futures.add(executor.submit(() -> {
                    start.await();
                    return work.call();
                }));
            }
            var results = new ArrayList<T>();
            for (var future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }

    private static ErasableKey stands(Insertion insertion) {
        assertThat(insertion).isInstanceOf(Insertion.Stands.class);
        return ((Insertion.Stands) insertion).key();
    }

    private ErasableSlot slot(TenantId tenant) {
        return slot(tenant, DataClass.RECORDING, ids.callId());
    }

    private static ErasableSlot slot(TenantId tenant, DataClass dataClass, CallId call) {
        return ErasableSlot.of(tenant, dataClass, new KeyOwner.OfCall(call), KeyTier.PRIMARY);
    }

    private static KeyRecord tenantKey(TenantId tenant, int version) {
        return row(KeySlot.tenant(tenant, KeyTier.PRIMARY), version);
    }

    private static KeyRecord row(KeySlot slot, int version) {
        return new KeyRecord(
                UUID.randomUUID(), slot, version, KeyState.ACTIVE, "cobblestone-256", wrapped(ROOT, version), NOW);
    }

    private static ErasableKey recordKey(ErasableSlot slot, int version) {
        return recordKey(slot, version, new KeyUri("key:" + new UUID(0, 1)));
    }

    private static ErasableKey recordKey(ErasableSlot slot, int version, KeyUri kek) {
        return new ErasableKey(UUID.randomUUID(), slot, version, "cobblestone-256", wrapped(kek, version), NOW);
    }

    private static WrappedKey wrapped(KeyUri kek, int filling) {
        byte[] bytes = new byte[105];
        Arrays.fill(bytes, (byte) filling);
        return WrappedKey.of(kek, bytes);
    }
}
