package dev.sotto.keys;

import static dev.sotto.keys.KeyRows.IDS;
import static dev.sotto.keys.KeyRows.NOW;
import static dev.sotto.keys.KeyRows.ROOT;
import static dev.sotto.keys.KeyRows.atOnce;
import static dev.sotto.keys.KeyRows.recordKey;
import static dev.sotto.keys.KeyRows.row;
import static dev.sotto.keys.KeyRows.slot;
import static dev.sotto.keys.KeyRows.stands;
import static dev.sotto.keys.KeyRows.tenantKey;
import static dev.sotto.keys.KeyRows.wrapped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.DataClass;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyRecords.Insertion;
import dev.sotto.keys.KeyRecords.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What every [KeyRecords] must do. Each method of a test uses tenants and calls of its own, so one store may serve
/// all. A store that needs its tenants to exist first overrides [#newTenant()].
public abstract class KeyRecordsContract {
    protected abstract KeyRecords records();

    protected TenantId newTenant() {
        return IDS.tenantId();
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
    void standing_isTheNewestRow_orHowFarTheSlotWasDestroyed() {
        var slot = slot(newTenant());
        assertThat(records().standing(slot)).isEqualTo(new Standing(Optional.empty(), 0));

        stands(records().insert(recordKey(slot, 1)));
        var second = stands(records().insert(recordKey(slot, 2)));
        assertThat(records().standing(slot)).isEqualTo(new Standing(Optional.of(second), 0));

        records().destroy(slot, 2, NOW);
        assertThat(records().standing(slot)).isEqualTo(new Standing(Optional.empty(), 2));
    }

    @Test
    void obtain_makesTheFirstKeys_findsThoseThatAreThere_andMakesNoneAgain() {
        var tenant = newTenant();
        var call = IDS.callId();
        var there = slot(tenant, DataClass.RECORDING, call);
        var gone = slot(tenant, DataClass.SUMMARY, call);
        var free = slot(tenant, DataClass.TRANSCRIPT, call);
        var alsoFree = slot(tenant, DataClass.ANALYTICS, call);
        stands(records().insert(recordKey(there, 1)));
        var newest = stands(records().insert(recordKey(there, 2)));
        records().destroy(gone, 1, NOW);
        var made = new ArrayList<ErasableKey>();

        var became = records().obtain(tenant, List.of(there, gone, free, alsoFree), slot -> {
            made.add(recordKey(slot, 1));
            return made.getLast();
        });

        assertThat(made).extracting(ErasableKey::slot).containsExactly(free, alsoFree);
        assertThat(became)
                .isEqualTo(Map.of(
                        there,
                        new Insertion.Stands(newest),
                        gone,
                        new Insertion.Destroyed(),
                        free,
                        new Insertion.Stands(made.getFirst()),
                        alsoFree,
                        new Insertion.Stands(made.getLast())));
        assertThat(records().latest(free)).contains(made.getFirst());
        assertThat(records().latest(gone)).isEmpty();
    }

    /// What another does between the look and the insert decides.
    @Test
    void obtain_ofWhatIsMadeOrDestroyedMeanwhile_yieldsToThat() {
        var tenant = newTenant();
        var taken = slot(tenant, DataClass.RECORDING, IDS.callId());
        var gone = slot(tenant, DataClass.RECORDING, IDS.callId());
        var first = recordKey(taken, 1);

        var became = records().obtain(tenant, List.of(taken, gone), slot -> {
            if (slot.equals(taken)) {
                records().insert(first);
            } else {
                records().destroy(gone, 1, NOW);
            }
            return recordKey(slot, 1);
        });

        assertThat(became).isEqualTo(Map.of(taken, new Insertion.Stands(first), gone, new Insertion.Destroyed()));
        assertThat(records().latest(gone)).isEmpty();
    }

    @Test
    void obtain_ofOneSlotAtOnce_oneStandsForAll() throws Exception {
        var tenant = newTenant();
        var call = IDS.callId();
        var slots = List.of(slot(tenant, DataClass.TRANSCRIPT, call), slot(tenant, DataClass.SUMMARY, call));

        var turn = new AtomicInteger();

        var became = atOnce(() -> records()
                .obtain(
                        tenant,
                        turn.getAndIncrement() % 2 == 0 ? slots : slots.reversed(),
                        slot -> recordKey(slot, 1)));

        assertThat(Set.copyOf(became)).hasSize(1);
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
        var call = IDS.callId();
        var mine = stands(records().insert(recordKey(slot(tenant, DataClass.RECORDING, call), 1)));
        var otherClass = stands(records().insert(recordKey(slot(tenant, DataClass.TRANSCRIPT, call), 1)));
        var otherCall = stands(records().insert(recordKey(slot(tenant, DataClass.RECORDING, IDS.callId()), 1)));

        records().destroy(mine.slot(), 1, NOW);

        assertThat(records().latest(otherClass.slot())).contains(otherClass);
        assertThat(records().latest(otherCall.slot())).contains(otherCall);
    }

    @Test
    void countErasable_countsLiveKeysByClassKey() {
        var tenant = newTenant();
        var kek = new KeyUri("key:" + UUID.randomUUID());
        for (int i = 0; i < 3; i++) {
            records().insert(recordKey(slot(tenant, DataClass.RECORDING, IDS.callId()), 1, kek));
        }
        var doomed = slot(tenant, DataClass.RECORDING, IDS.callId());
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
    void destroyedMarks_comeInOrderPageByPage_ofOneTenant() {
        var tenant = newTenant();
        var slots = new ArrayList<ErasableSlot>();
        for (int i = 0; i < 5; i++) {
            var key = recordKey(slot(tenant), 1);
            slots.add(key.slot());
            records().destroy(key.slot(), i + 1, NOW);
        }
        records().destroy(slot(newTenant()), 1, NOW);
        records().destroy(slots.getFirst(), 7, NOW.plusSeconds(1));

        var found = new ArrayList<KeyRecords.DestroyedMark>();
        Optional<ErasableSlot> after = Optional.empty();
        while (true) {
            var page = records().destroyedMarks(tenant, after, 2);
            found.addAll(page);
            if (page.isEmpty()) {
                break;
            }
            after = Optional.of(page.getLast().slot());
        }

        assertThat(found).extracting(KeyRecords.DestroyedMark::slot).containsExactlyInAnyOrderElementsOf(slots);
        assertThat(found).contains(new KeyRecords.DestroyedMark(slots.getFirst(), 7, NOW.plusSeconds(1)));
        assertThat(records().destroyedMarks(tenant, Optional.empty(), 2)).isEqualTo(found.subList(0, 2));
    }

    @Test
    void insertAll_leavesOutWhatWasDestroyedOrTaken() {
        var tenant = newTenant();
        var fresh = recordKey(slot(tenant), 1);
        var taken = recordKey(slot(tenant), 1);
        var other = recordKey(taken.slot(), 1);
        var gone = recordKey(slot(tenant), 1);
        records().insert(other);
        records().destroy(gone.slot(), 1, NOW);

        assertThat(records().insertAll(tenant, List.of(fresh, taken, gone))).isEqualTo(1);
        assertThat(records().insertAll(tenant, List.of(fresh, taken, gone))).isEqualTo(1);
        assertThat(records().findErasable(tenant, fresh.id())).contains(fresh);
        assertThat(records().findErasable(tenant, taken.id())).isEmpty();
        assertThat(records().findErasable(tenant, gone.id())).isEmpty();
    }
}
