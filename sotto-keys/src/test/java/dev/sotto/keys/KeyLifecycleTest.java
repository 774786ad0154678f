package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.groups.Tuple.tuple;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyLifecycle.Progress;
import dev.sotto.keys.KeyLifecycle.Rotated;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyLifecycleTest {
    private static final byte[] WORDS = {1, 2, 3};
    private static final ActorId OPS = new ActorId(ActorId.Kind.USER, "ops");

    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final FakeKms kms = new FakeKms();
    private final KeysFixture keys = new KeysFixture(kms, records);
    private final KeyLifecycle life = keys.service.lifecycle();
    private final TenantId tenant = keys.tenant();
    private final SealContext context = KeysFixture.recording(tenant, keys.ids.callId());
    private final KeySlot slot = KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY);

    @AfterEach
    void close() {
        keys.close();
    }

    private byte[] seal(SealContext where) {
        return keys.service.sealer().seal(where, WORDS);
    }

    private KeyRecord current(KeySlot of) {
        return records.latest(of).orElseThrow();
    }

    private SealContext anotherCall() {
        return KeysFixture.recording(tenant, keys.ids.callId());
    }

    @Test
    void rotateClassKey_oldOpensNewSeals() {
        byte[] before = seal(context);
        var first = current(slot);

        var rotated = life.rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);

        var other = anotherCall();
        byte[] after = seal(other);
        assertThat(rotated.version()).isEqualTo(2);
        assertThat(current(slot).id()).isEqualTo(rotated.id());
        assertThat(records.find(tenant, first.id()).orElseThrow().state()).isEqualTo(KeyState.DEACTIVATED);
        assertThat(records.latest(FieldSealer.slot(other))
                        .orElseThrow()
                        .wrapped()
                        .kek())
                .isEqualTo(KeyHierarchy.address(rotated.id()));
        keys.service.forgetUnwrapped();
        assertThat(keys.service.sealer().open(context, before)).isEqualTo(WORDS);
        assertThat(keys.service.sealer().open(other, after)).isEqualTo(WORDS);
        assertThat(keys.audit.events("key.rotated")).singleElement().satisfies(event -> {
            assertThat(event.actor()).isEqualTo(OPS);
            assertThat(event.resource()).isEqualTo("key/" + rotated.id());
            assertThat(event.details())
                    .containsEntry("before", first.id().toString())
                    .containsEntry("why", "forced");
        });
    }

    @Test
    void rotate_whileTheAuditLogIsDown_doesNothing() {
        seal(context);
        keys.audit.goDown();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> life.rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS));
        assertThat(current(slot).version()).isEqualTo(1);
    }

    @Test
    void rotate_ofAKeyThatIsNotThere_isRefused() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> life.rotateClassKey(tenant, DataClass.SUMMARY, KeyTier.PRIMARY, OPS));
    }

    @Test
    void rotateDue_byAge_replacesClassKeysBeforeNinetyDaysAndTenantKeysYearly() {
        seal(context);
        keys.service.blindIndex().of(tenant, "phone", "15551234417");
        keys.clock.advance(Duration.ofDays(79));
        assertThat(life.rotateDue(KeysFixture.NODE)).isEmpty();

        keys.clock.advance(Duration.ofDays(1));
        assertThat(life.rotateDue(KeysFixture.NODE))
                .extracting(Rotated::level, Rotated::version, Rotated::why)
                .containsExactly(tuple(KeyLevel.CLASS, 2, "age"));
        assertThat(life.rotateDue(KeysFixture.NODE)).isEmpty();

        keys.clock.advance(Duration.ofDays(270));
        assertThat(life.rotateDue(KeysFixture.NODE))
                .extracting(Rotated::level)
                .containsExactlyInAnyOrder(KeyLevel.TENANT, KeyLevel.CLASS, KeyLevel.PURPOSE);
        assertThat(current(KeySlot.purpose(tenant, "blind-index/phone", KeyTier.PRIMARY))
                        .version())
                .isEqualTo(2);
        assertThat(keys.service.sealer().open(context, seal(context))).isEqualTo(WORDS);
    }

    @Test
    void rotateDue_byUsesAndBytes_countsWhatWasReported() {
        var config = new KeyLifeConfig(
                Duration.ofDays(80), 3, 100, Duration.ofDays(350), Duration.ZERO, Duration.ZERO, Duration.ofSeconds(5));
        try (var node = new KeysFixture(
                kms, records, KeyServiceConfig.defaults(KeysFixture.NODE).withLife(config))) {
            var due = node.service.lifecycle();
            for (int i = 0; i < 3; i++) {
                node.service.sealer().seal(anotherCall(), WORDS);
            }
            assertThat(due.rotateDue(KeysFixture.NODE)).isEmpty();
            due.reportUse();
            assertThat(due.rotateDue(KeysFixture.NODE)).extracting(Rotated::why).containsExactly("uses");

            node.service.sealer().seal(anotherCall(), new byte[100]);
            due.reportUse();
            assertThat(due.rotateDue(KeysFixture.NODE)).extracting(Rotated::why).containsExactly("bytes");
        }
    }

    @Test
    void rewrapRecordKeys_inSteps_movesAllWithoutTouchingData() {
        var sealed = new ArrayList<byte[]>();
        var contexts = new ArrayList<SealContext>();
        for (int i = 0; i < 25; i++) {
            contexts.add(anotherCall());
            sealed.add(seal(contexts.getLast()));
        }
        var old = current(slot);
        life.rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);

        assertThat(life.rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 10, OPS))
                .isEqualTo(new Progress(10, 15));
        assertThat(life.rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 10, OPS))
                .isEqualTo(new Progress(10, 5));
        try (var other = new KeysFixture(kms, records)) { // another node goes on
            assertThat(other.service
                            .lifecycle()
                            .rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 10, OPS))
                    .isEqualTo(new Progress(5, 0));
        }
        assertThat(life.rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 10, OPS))
                .isEqualTo(new Progress(0, 0));

        assertThat(records.countErasable(tenant))
                .containsOnlyKeys(KeyHierarchy.address(current(slot).id()));
        records.destroy(old);
        keys.service.forgetUnwrapped();
        for (int i = 0; i < sealed.size(); i++) {
            assertThat(keys.service.sealer().open(contexts.get(i), sealed.get(i)))
                    .isEqualTo(WORDS);
        }
        assertThat(keys.audit.events("key.rewrapped"))
                .extracting(event -> event.details().get("count"))
                .containsExactly("10", "10");
    }

    @Test
    void rewrapKeys_afterATenantRotation_leavesNothingUnderTheOldOne() {
        byte[] sealed = seal(context);
        var index = keys.service.blindIndex().of(tenant, "phone", "15551234417");
        var old = current(KeySlot.tenant(tenant, KeyTier.PRIMARY));
        life.rotateTenantKey(tenant, KeyTier.PRIMARY, OPS);

        assertThat(life.rewrapKeys(tenant, OPS)).isEqualTo(new Progress(2, 0));
        assertThat(life.rewrapKeys(tenant, OPS)).isEqualTo(new Progress(0, 0));

        records.destroy(old);
        keys.service.forgetUnwrapped();
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
        assertThat(keys.service.blindIndex().of(tenant, "phone", "15551234417")).isEqualTo(index);
    }

    @Test
    void moveTenant_toItsOwnRootKey_needsTheOldOneNoMore() {
        byte[] sealed = seal(context);

        var progress = life.moveTenant(tenant, KeyTier.PRIMARY, FakeKms.OWN, OPS);
        life.rewrapKeys(tenant, OPS);

        assertThat(progress).isEqualTo(new Progress(1, 0));
        kms.lose(FakeKms.PRIMARY);
        keys.service.forgetUnwrapped();
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
        life.rotateTenantKey(tenant, KeyTier.PRIMARY, OPS);
        assertThat(current(KeySlot.tenant(tenant, KeyTier.PRIMARY)).wrapped().kek())
                .isEqualTo(FakeKms.OWN);
    }

    @Test
    void moveTenant_toARootKeyThatIsNotThere_changesNothing() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> life.moveTenant(tenant, KeyTier.PRIMARY, new KeyUri("fake:nobody"), OPS));
        assertThat(current(KeySlot.tenant(tenant, KeyTier.PRIMARY)).version()).isEqualTo(1);
    }

    @Test
    void rootRotation_isFollowedByTenantKeys() {
        byte[] sealed = seal(context);
        kms.rotate();

        life.rewrapKeys(tenant, OPS);
        life.rotateTenantKey(tenant, KeyTier.PRIMARY, OPS);

        assertThat(records.list(tenant).stream().filter(row -> row.slot().level() == KeyLevel.TENANT))
                .allMatch(row -> row.wrapped().kek().equals(FakeKms.SECOND));
        kms.lose(FakeKms.PRIMARY);
        keys.service.forgetUnwrapped();
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    @Test
    void backupTier_hangsOnItsOwnRootAlone() {
        try (var both = new KeyService(
                kms,
                new KeyRoots(FakeKms.PRIMARY, Optional.of(FakeKms.BACKUP)),
                records,
                keys.audit,
                keys.clock,
                new SecureRandom(),
                keys.meter,
                KeyServiceConfig.defaults(KeysFixture.NODE))) {
            both.createTenant(tenant, KeyTier.BACKUP);
            byte[] primary = both.sealer().seal(context, WORDS);
            byte[] backup = both.sealer(KeyTier.BACKUP).seal(context, WORDS);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> both.sealer(KeyTier.BACKUP).open(context, primary));

            both.forgetUnwrapped();
            kms.lose(FakeKms.PRIMARY);

            assertThat(both.sealer(KeyTier.BACKUP).open(context, backup)).isEqualTo(WORDS);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> both.sealer().open(context, primary));
        }
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> keys.service.createTenant(keys.ids.tenantId(), KeyTier.BACKUP));
    }

    @Test
    void revoke_refusesAtOnce_andReinstateBringsBack() {
        byte[] sealed = seal(context);
        var key = current(slot);

        life.revoke(tenant, key.id(), OPS);

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.sealer().open(context, sealed))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.KEY_REVOKED));
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> seal(context));
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> seal(anotherCall()));
        assertThat(keys.audit.events("key.revoked"))
                .extracting(AuditEvent::actor)
                .containsExactly(OPS);
        assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> life.revoke(tenant, key.id(), OPS));

        life.reinstate(tenant, key.id(), OPS);

        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
        assertThat(current(slot).state()).isEqualTo(KeyState.ACTIVE);
        assertThat(keys.audit.events("key.reinstated")).hasSize(1);
    }

    @Test
    void revoke_ofATenantKey_stopsAllBelowIt() {
        byte[] sealed = seal(context);

        life.revoke(tenant, current(KeySlot.tenant(tenant, KeyTier.PRIMARY)).id(), OPS);

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.sealer().open(context, sealed));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.blindIndex().of(tenant, "phone", "1"));
        var other = keys.tenant();
        keys.service.sealer().seal(KeysFixture.recording(other, keys.ids.callId()), WORDS);
    }

    @Test
    void compromisedClassKey_isReplaced_andTheRecordKeyRenewedAtTheNextSeal() {
        byte[] before = seal(context);
        var key = current(slot);

        var made = life.compromised(tenant, key.id(), OPS);

        assertThat(made).extracting(Rotated::why).containsExactly("compromised");
        byte[] after = seal(context);
        assertThat(records.latest(FieldSealer.slot(context)).orElseThrow()).satisfies(row -> {
            assertThat(row.version()).isEqualTo(2);
            assertThat(row.wrapped().kek())
                    .isEqualTo(KeyHierarchy.address(made.getFirst().id()));
        });
        assertThat(keys.service.sealer().open(context, before)).isEqualTo(WORDS);
        assertThat(keys.service.sealer().open(context, after)).isEqualTo(WORDS);
        assertThat(life.exposed(tenant, key.id(), Optional.empty(), 10))
                .singleElement()
                .satisfies(each -> assertThat(each.owner()).isEqualTo(context.owner()));
    }

    @Test
    void compromisedTenantKey_takesItsClassAndIndexKeysWithIt() {
        byte[] sealed = seal(context);
        var index = keys.service.blindIndex().of(tenant, "phone", "1");
        var tenantKey = current(KeySlot.tenant(tenant, KeyTier.PRIMARY));
        var classKey = current(slot);

        var made = life.compromised(tenant, tenantKey.id(), OPS);

        assertThat(made).extracting(Rotated::level).containsExactly(KeyLevel.TENANT, KeyLevel.CLASS, KeyLevel.PURPOSE);
        for (var id : List.of(tenantKey.id(), classKey.id(), index.key())) {
            assertThat(records.find(tenant, id).orElseThrow().state()).isEqualTo(KeyState.COMPROMISED);
        }
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
        assertThat(keys.service.blindIndex().all(tenant, "phone", "1"))
                .hasSize(2)
                .endsWith(index);
        assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> life.reinstate(tenant, classKey.id(), OPS));
    }

    @Test
    void everyTransition_isAllowedAsNistSays() {
        for (var from : KeyState.values()) {
            assertThat(from.mayBecome(from)).isFalse();
            assertThat(from.mayBecome(KeyState.PRE_ACTIVATION)).isFalse();
            assertThat(KeyState.DESTROYED.mayBecome(from)).isFalse();
        }
        assertThat(KeyState.ACTIVE.mayBecome(KeyState.DESTROYED)).isFalse();
        assertThat(KeyState.COMPROMISED.mayBecome(KeyState.ACTIVE)).isFalse();
        assertThat(KeyState.DEACTIVATED.mayBecome(KeyState.ACTIVE)).isFalse();
        assertThat(KeyState.DEACTIVATED.mayBecome(KeyState.DESTROYED)).isTrue();
    }

    @Test
    void reportUse_tellsCountsOfCachedUse_andLosesNoneWhileTheLogIsDown() {
        byte[] sealed = seal(context);
        keys.service.sealer().open(context, sealed);
        keys.service.sealer().open(context, sealed);
        keys.audit.goDown();
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(life::reportUse);
        keys.audit.comeBack();

        life.reportUse();
        life.reportUse();

        assertThat(keys.audit.events("key.used"))
                .filteredOn(
                        event -> event.resource().equals("key/" + current(slot).id()))
                .singleElement()
                .satisfies(event -> assertThat(event.details())
                        .containsEntry("wraps", "1")
                        .containsEntry("seals", "1")
                        .containsEntry("opens", "2")
                        .containsEntry("bytes", "3"));
        assertThat(life.uses(tenant).get(current(slot).id()).opens()).isEqualTo(2);
    }

    @Test
    void owners_areReadFromTheirText() {
        for (var owner : List.of(
                new KeyOwner.OfCall(keys.ids.callId()),
                new KeyOwner.OfSubject(keys.ids.subjectId()),
                new KeyOwner.OfTenant(tenant))) {
            assertThat(DestructionRequest.owner(owner.text())).isEqualTo(owner);
        }
    }
}
