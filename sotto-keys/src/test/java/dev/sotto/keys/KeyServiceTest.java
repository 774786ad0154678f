package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.groups.Tuple.tuple;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.TestkitError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyServiceTest {
    private static final byte[] WORDS = {1, 2, 3};

    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final FakeKms kms = new FakeKms();
    private final KeysFixture keys = new KeysFixture(kms, records);
    private final TenantId tenant = keys.tenant();
    private final CallId call = keys.ids.callId();
    private final KeyOwner owner = new KeyOwner.OfCall(call);
    private final SealContext context = KeysFixture.recording(tenant, call);

    @AfterEach
    void close() {
        keys.close();
    }

    @Test
    void createTenant_again_changesNothing() {
        keys.service.createTenant(tenant);

        assertThat(records.list(tenant)).hasSize(1);
        assertThat(keys.audit.types()).containsExactly("key.created");
    }

    @Test
    void seal_firstTime_makesEachKeyOnceUnderTheOneAbove() {
        keys.service.sealer().seal(context, WORDS);
        keys.service.sealer().seal(context, WORDS);

        var tenantKey = records.latest(KeySlot.tenant(tenant, KeyTier.PRIMARY)).orElseThrow();
        var classKey = records.latest(KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY))
                .orElseThrow();
        var recordKey = records.latest(FieldSealer.slot(context)).orElseThrow();
        assertThat(tenantKey.wrapped().kek()).isEqualTo(FakeKms.PRIMARY);
        assertThat(classKey.wrapped().kek().text()).isEqualTo("key:" + tenantKey.id());
        assertThat(recordKey.wrapped().kek().text()).isEqualTo("key:" + classKey.id());
        assertThat(keys.audit.types()).containsExactly("key.created", "key.created", "key.created");
        assertThat(keys.audit.events().stream().map(AuditEvent::resource))
                .containsExactly("key/" + tenantKey.id(), "key/" + classKey.id(), "key/" + recordKey.id());
        assertThat(kms.unwraps()).isZero();
    }

    @Test
    void audit_ofASubjectsKey_namesItsHashAndNotItsId() {
        var subject = keys.ids.subjectId();
        var of = new KeyOwner.OfSubject(subject);
        keys.service.sealer().seal(new SealContext(tenant, DataClass.SUBJECT, of, "subject", "1", "name", 1), WORDS);
        keys.service.destroyRecordKey(tenant, DataClass.SUBJECT, of);

        var hash = keys.service.subjectHasher().hash(tenant, subject);
        assertThat(keys.audit.events()).noneMatch(event -> event.toString().contains(subject.toString()));
        assertThat(keys.audit.events("key.destroyed"))
                .singleElement()
                .satisfies(event -> assertThat(event.subjectHash()).contains(hash));
    }

    @Test
    void openAfterARestart_unwrapsTheChainOnceAndAuditsIt() {
        byte[] sealed = keys.service.sealer().seal(context, WORDS);
        try (var restarted = new KeysFixture(kms, records)) {
            assertThat(restarted.service.sealer().open(context, sealed)).isEqualTo(WORDS);
            assertThat(restarted.service.sealer().open(context, sealed)).isEqualTo(WORDS);

            assertThat(kms.unwraps()).isEqualTo(1);
            assertThat(restarted.audit.types()).containsExactly("key.unwrapped", "key.unwrapped");
            assertThat(restarted.meter.counted("keys.cache.record.use")).isEqualTo(1);
        }
    }

    @Test
    void keyEvents_whileTheAuditLogIsDown_doNotHappen() {
        byte[] sealed = keys.service.sealer().seal(context, WORDS);
        keys.service.forgetUnwrapped();
        keys.audit.goDown();
        var other = KeysFixture.recording(tenant, keys.ids.callId());
        var nobody = keys.ids.tenantId();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.sealer().open(context, sealed));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.sealer().seal(other, WORDS));
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> keys.service.createTenant(nobody));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.destroyRecordKey(tenant, DataClass.RECORDING, owner));

        assertThat(records.list(nobody)).isEmpty();
        assertThat(records.latest(FieldSealer.slot(other))).isEmpty();
        assertThat(records.latest(FieldSealer.slot(context))).isPresent();
        keys.audit.comeBack();
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    @Test
    void open_whileTheKmsIsDown_failsClosedAndWorksAgain() {
        byte[] sealed = keys.service.sealer().seal(context, WORDS);
        keys.service.forgetUnwrapped();
        kms.goDown(new UnavailableException(TestkitError.FAKE_IS_DOWN, "the key service does not answer"));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.sealer().open(context, sealed));

        kms.comeBack();
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    @Test
    void destroyRecordKey_isAuditedAndFinalUntilRenewed() {
        byte[] sealed = keys.service.sealer().seal(context, WORDS);
        var id = records.latest(FieldSealer.slot(context)).orElseThrow().id();

        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, owner);

        assertThat(keys.audit.types()).endsWith("key.destroy.requested", "key.destroyed");
        assertThat(keys.audit.events("key.destroyed").getFirst().resource()).isEqualTo("key/" + id);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> keys.service.sealer().seal(context, WORDS))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.RECORD_KEY_DESTROYED));
        assertThat(keys.audit.types()).endsWith("key.destroyed");
        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, owner);

        keys.service.renewRecordKey(tenant, DataClass.RECORDING, owner);
        byte[] fresh = keys.service.sealer().seal(context, WORDS);
        assertThat(keys.service.sealer().open(context, fresh)).isEqualTo(WORDS);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> keys.service.sealer().open(context, sealed));
        assertThat(records.latest(FieldSealer.slot(context)).orElseThrow().version())
                .isEqualTo(2);
    }

    @Test
    void destroyRecordKey_beforeThereIsOne_keepsTheFirstFromBeingMade() {
        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, owner);

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> keys.service.sealer().seal(context, WORDS));
        assertThat(keys.audit.events("key.destroyed").getFirst().details()).containsEntry("keys", "0");
    }

    @Test
    void destroyRecordKey_leavesOtherClassesAndOwners() {
        var transcript = new SealContext(tenant, DataClass.TRANSCRIPT, owner, "turn", "1", "text", 1);
        byte[] sealed = keys.service.sealer().seal(transcript, WORDS);
        keys.service.sealer().seal(context, WORDS);

        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, owner);

        assertThat(keys.service.sealer().open(transcript, sealed)).isEqualTo(WORDS);
    }

    @Test
    void destroyRecordKey_ofRenewedKeys_destroysEveryVersion() {
        byte[] first = keys.service.sealer().seal(context, WORDS);
        keys.service.renewRecordKey(tenant, DataClass.RECORDING, owner);
        byte[] second = keys.service.sealer().seal(context, WORDS);
        assertThat(keys.service.sealer().open(context, first)).isEqualTo(WORDS);

        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, owner);

        for (byte[] sealed : List.of(first, second)) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> keys.service.sealer().open(context, sealed));
        }
        assertThat(keys.audit.events("key.destroyed")).hasSize(2);
    }

    @Test
    void anotherNode_forgetsADestroyedKeyWithinTheRecordAge() {
        byte[] sealed = keys.service.sealer().seal(context, WORDS);
        try (var node = new KeysFixture(kms, records)) {
            assertThat(node.service.sealer().open(context, sealed)).isEqualTo(WORDS);
            keys.service.destroyRecordKey(tenant, DataClass.RECORDING, owner);

            node.clock.advance(Duration.ofSeconds(30));

            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> node.service.sealer().open(context, sealed));
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> node.service.sealer().seal(context, WORDS));
        }
    }

    @Test
    void classKey_byState_opensAndSealsAsNistSays() {
        byte[] sealed = keys.service.sealer().seal(context, WORDS);
        var slot = KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY);
        var row = records.latest(slot).orElseThrow();
        var fresh = KeysFixture.recording(tenant, keys.ids.callId());
        for (var state : KeyState.values()) {
            records.tamper(new KeyRecord(
                    row.id(), slot, row.version(), state, row.algorithm(), row.wrapped(), row.createdAt()));
            keys.service.forgetUnwrapped();

            if (state.opens()) {
                assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
            } else if (state == KeyState.SUSPENDED) {
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> keys.service.sealer().open(context, sealed))
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_REVOKED));
            } else {
                assertThatExceptionOfType(IntegrityException.class)
                        .isThrownBy(() -> keys.service.sealer().open(context, sealed));
            }
            if (!state.seals()) {
                assertThatExceptionOfType(UnavailableException.class)
                        .as("%s", state)
                        .isThrownBy(() -> keys.service.sealer().seal(fresh, WORDS))
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_NOT_ACTIVE));
            }
        }
    }

    @Test
    void recordKey_underACompromisedClassKey_sealsNoMore() {
        keys.service.sealer().seal(context, WORDS);
        var slot = KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY);
        var row = records.latest(slot).orElseThrow();
        records.tamper(new KeyRecord(
                row.id(), slot, 1, KeyState.COMPROMISED, row.algorithm(), row.wrapped(), row.createdAt()));
        keys.service.forgetUnwrapped();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.sealer().seal(context, WORDS));
    }

    @Test
    void hierarchyRow_alteredOrOfAnUnknownAlgorithm_isRefused() {
        byte[] sealed = keys.service.sealer().seal(context, WORDS);
        var row = records.latest(KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY))
                .orElseThrow();
        var subjectRow = sealedUnder(DataClass.SUBJECT);
        keys.service.forgetUnwrapped();
        var altered = List.of(
                new KeyRecord(row.id(), row.slot(), 1, row.state(), "aes-128-ecb", row.wrapped(), row.createdAt()),
                new KeyRecord(row.id(), row.slot(), 2, row.state(), row.algorithm(), row.wrapped(), row.createdAt()),
                new KeyRecord(
                        row.id(), row.slot(), 1, row.state(), row.algorithm(), subjectRow.wrapped(), row.createdAt()),
                new KeyRecord(
                        row.id(), subjectRow.slot(), 1, row.state(), row.algorithm(), row.wrapped(), row.createdAt()));
        for (var each : altered) {
            records.tamper(each);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> keys.service.sealer().open(context, sealed))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.SEALED_DATA_INVALID));
        }
        records.tamper(row);
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    private KeyRecord sealedUnder(DataClass dataClass) {
        keys.service.sealer().seal(new SealContext(tenant, dataClass, owner, "x", "1", "y", 1), WORDS);
        return records.latest(KeySlot.dataClass(tenant, dataClass, KeyTier.PRIMARY))
                .orElseThrow();
    }

    @Test
    void list_tellsStatesAgesAndCountsButNoKeys() {
        keys.service.sealer().seal(context, WORDS);
        keys.service.sealer().seal(KeysFixture.recording(tenant, keys.ids.callId()), WORDS);
        keys.service.blindIndex().of(tenant, "phone", "15551234417");
        keys.clock.advance(Duration.ofDays(2));
        keys.tenant();

        var statuses = keys.service.list(Optional.of(tenant));

        assertThat(statuses)
                .extracting(KeyStatus::level, KeyStatus::name, KeyStatus::algorithm, KeyStatus::recordKeys)
                .containsExactly(
                        tuple(KeyLevel.TENANT, "", "cobblestone-256", 0L),
                        tuple(KeyLevel.CLASS, "recording", "cobblestone-256", 2L),
                        tuple(KeyLevel.PURPOSE, "blind-index/phone", "hmac-sha-256", 0L));
        assertThat(statuses).allMatch(status -> status.age().equals(Duration.ofDays(2)) && status.version() == 1);
        assertThat(keys.service.list(Optional.empty())).hasSize(4);
    }

    @Test
    void closedService_holdsNoKeys() {
        keys.service.sealer().seal(context, WORDS);

        keys.service.close();

        assertThat(keys.meter.gauged("keys.cache.record.size")).isZero();
        assertThat(keys.meter.gauged("keys.cache.hierarchy.size")).isZero();
    }
}
