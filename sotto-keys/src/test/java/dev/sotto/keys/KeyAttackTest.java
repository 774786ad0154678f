package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.TestkitError;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Someone who can write every row, and a key service that misbehaves.
class KeyAttackTest {
    private static final byte[] WORDS = {1, 2, 3};
    private static final ActorId OPS = new ActorId(ActorId.Kind.USER, "ops");

    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final FakeKms kms = new FakeKms();
    private final KeysFixture keys = new KeysFixture(kms, records);
    private final TenantId tenant = keys.tenant();
    private final TenantId other = keys.tenant();
    private final KeyOwner call = new KeyOwner.OfCall(keys.ids.callId());
    private final SealContext context = context(tenant, DataClass.TRANSCRIPT, call, "turn", "7", "text", 3);
    private final byte[] sealed = keys.service.sealer().seal(context, WORDS);

    @AfterEach
    void close() {
        keys.close();
    }

    private static SealContext context(
            TenantId tenant, DataClass dataClass, KeyOwner owner, String type, String id, String field, long version) {
        return new SealContext(tenant, dataClass, owner, type, id, field, version);
    }

    private void assertRefused(SealContext where, byte[] what) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> keys.service.sealer().open(where, what))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.SEALED_DATA_INVALID));
    }

    @Test
    void ciphertext_movedToAnotherPlace_opensNowhere() {
        var stranger = new KeyOwner.OfCall(keys.ids.callId());
        for (var place : List.of(
                context(other, DataClass.TRANSCRIPT, call, "turn", "7", "text", 3),
                context(tenant, DataClass.SUMMARY, call, "turn", "7", "text", 3),
                context(tenant, DataClass.TRANSCRIPT, stranger, "turn", "7", "text", 3),
                context(tenant, DataClass.TRANSCRIPT, call, "call", "7", "text", 3),
                context(tenant, DataClass.TRANSCRIPT, call, "turn", "8", "text", 3),
                context(tenant, DataClass.TRANSCRIPT, call, "turn", "7", "note", 3),
                context(tenant, DataClass.TRANSCRIPT, call, "turn", "7", "text", 2))) {
            keys.service.sealer().seal(place, WORDS); // so that there is a key of its own
            assertRefused(place, sealed);
            keys.service.forgetUnwrapped();
            assertRefused(place, sealed);
        }
    }

    @Test
    void wrappedRecordKey_swapped_opensNowhere() {
        var row = records.latest(FieldSealer.slot(context)).orElseThrow();
        var others = new ArrayList<ErasableKey>();
        for (var place : List.of(
                context(other, DataClass.TRANSCRIPT, call, "turn", "7", "text", 3),
                context(tenant, DataClass.SUMMARY, call, "turn", "7", "text", 3),
                context(tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(keys.ids.callId()), "t", "7", "text", 3))) {
            keys.service.sealer().seal(place, WORDS);
            others.add(records.latest(FieldSealer.slot(place)).orElseThrow());
        }
        keys.service.renewRecordKey(tenant, DataClass.TRANSCRIPT, call);
        others.add(records.latest(row.slot()).orElseThrow()); // another version of the same slot

        for (var each : others) {
            records.tamper(new ErasableKey(
                    row.id(), row.slot(), row.version(), row.algorithm(), each.wrapped(), row.createdAt()));
            keys.service.forgetUnwrapped();
            assertRefused(context, sealed);
        }
    }

    @Test
    void recordKeyRow_changedInAnyPart_opensNowhere() {
        var row = records.latest(FieldSealer.slot(context)).orElseThrow();
        for (UnaryOperator<ErasableKey> change : List.<UnaryOperator<ErasableKey>>of(
                key -> new ErasableKey(
                        key.id(), key.slot(), key.version() + 1, key.algorithm(), key.wrapped(), key.createdAt()),
                key -> new ErasableKey(
                        key.id(), key.slot(), key.version(), "aes-256-cbc", key.wrapped(), key.createdAt()),
                key -> new ErasableKey(
                        key.id(),
                        new ErasableSlot(
                                other,
                                key.slot().dataClass(),
                                key.slot().owner(),
                                key.slot().tier()),
                        key.version(),
                        key.algorithm(),
                        key.wrapped(),
                        key.createdAt()),
                key -> new ErasableKey(
                        key.id(),
                        new ErasableSlot(
                                tenant, key.slot().dataClass(), key.slot().owner(), KeyTier.BACKUP),
                        key.version(),
                        key.algorithm(),
                        key.wrapped(),
                        key.createdAt()))) {
            records.tamper(change.apply(row));
            keys.service.forgetUnwrapped();
            assertRefused(context, sealed);
        }
        records.tamper(row);
        keys.service.forgetUnwrapped();
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    @Test
    void newestVersionTakenAway_sealsNothing_evenWithItsFloorPutBack() {
        var slot = KeySlot.dataClass(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY);
        var first = records.latest(slot).orElseThrow();
        keys.service.lifecycle().rotateClassKey(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY, OPS);
        records.rollBack(slot, 1);
        records.tamper(first); // active again
        keys.service.forgetUnwrapped();
        var fresh = context(tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(keys.ids.callId()), "t", "1", "x", 1);

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> keys.service.sealer().seal(fresh, WORDS))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.KEY_ROLLED_BACK));
    }

    @Test
    void newestVersionTakenAway_isSeenByANewProcessThroughTheFloor() {
        var slot = KeySlot.dataClass(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY);
        keys.service.lifecycle().rotateClassKey(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY, OPS);
        records.rollBack(slot, 1);
        records.raiseFloor(slot, 1);
        var fresh = context(tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(keys.ids.callId()), "t", "1", "x", 1);
        try (var node = new KeysFixture(kms, new SealsFrom(records, slot, 2).records())) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> node.service.sealer().seal(fresh, WORDS))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.KEY_ROLLED_BACK));
        }
    }

    @Test
    void compromisedKey_madeActiveAgainInItsRow_isRefused() {
        var slot = KeySlot.dataClass(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY);
        var first = records.latest(slot).orElseThrow();
        keys.service.lifecycle().compromised(tenant, first.id(), OPS);
        records.tamper(first);
        keys.service.forgetUnwrapped();

        assertRefused(context, sealed);
        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> keys.service.sealer().seal(context, WORDS))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.KEY_ROLLED_BACK));
    }

    @Test
    void destroyedVersion_putBackFromABackup_staysBelowTheFloor() {
        var slot = KeySlot.dataClass(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY);
        var backup = records.latest(slot).orElseThrow();
        keys.service.lifecycle().rotateClassKey(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY, OPS);
        records.destroy(backup);
        records.raiseFloor(slot, 2);
        records.tamper(backup);
        try (var node = new KeysFixture(kms, records)) { // it saw nothing of it
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> node.service.sealer().open(context, sealed));
        }
    }

    @Test
    void kmsThatAnswersWrongly_hasNothingWrappedUnderIt() {
        keys.service.forgetUnwrapped();
        kms.answerWrongly();
        var fresh = context(tenant, DataClass.SUMMARY, call, "summary", "1", "text", 1);

        assertRefused(context, sealed);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> keys.service.sealer().seal(fresh, WORDS));

        kms.comeBack();
        byte[] later = keys.service.sealer().seal(fresh, WORDS);
        keys.service.forgetUnwrapped();
        assertThat(keys.service.sealer().open(fresh, later)).isEqualTo(WORDS);
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    @Test
    void kmsThatThrottles_isUnavailableAndNothingIsLost() {
        keys.service.forgetUnwrapped();
        kms.goDown(new UnavailableException(TestkitError.FAKE_IS_DOWN, "too many requests"));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.sealer().open(context, sealed));

        kms.comeBack();
        assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    @Test
    void kmsThatIsSlow_holdsUpOthersNoLongerThanTheirPatience() throws Exception {
        var config = new KeyServiceConfig(
                KeysFixture.NODE, 10, 4096, Duration.ofMinutes(5), Duration.ofSeconds(30), 100, Duration.ofMillis(50));
        try (var node = new KeysFixture(kms, records, config)) {
            var opened = new CountDownLatch(1);
            kms.hold(opened);
            var first = Thread.ofVirtual().start(() -> node.service.sealer().open(context, sealed));
            while (first.isAlive() && first.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> node.service.sealer().open(context, sealed))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.KEY_BUSY));

            opened.countDown();
            first.join();
            assertThat(node.service.sealer().open(context, sealed)).isEqualTo(WORDS);
        }
    }

    /// An attacker who once had the class key can wrap a record key of their own choice under it.
    @Test
    void recordKeyForgedUnderACompromisedClassKey_sealsNothing() {
        var slot = KeySlot.dataClass(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY);
        var classKey = records.latest(slot).orElseThrow();
        var row = records.latest(FieldSealer.slot(context)).orElseThrow();
        var forged = DataKey.random(new SecureRandom());
        keys.service.lifecycle().compromised(tenant, classKey.id(), OPS);
        try (var stolen = stolen(classKey)) {
            byte[] wrapped =
                    Wrapping.wrap(stolen, forged, EncryptionContext.of(row.slot(), 1, row.id()), new SecureRandom());
            records.tamper(new ErasableKey(
                    row.id(),
                    row.slot(),
                    1,
                    row.algorithm(),
                    WrappedKey.of(row.wrapped().kek(), wrapped),
                    row.createdAt()));
        }

        byte[] after = keys.service.sealer().seal(context, WORDS);

        assertThat(Arrays.copyOfRange(after, 1, 17)).isNotEqualTo(Parts.bytes(row.id()));
        assertThat(records.latest(row.slot()).orElseThrow().id()).isNotEqualTo(row.id());
    }

    private DataKey stolen(KeyRecord classKey) {
        var tenantKey = records.latest(KeySlot.tenant(tenant, KeyTier.PRIMARY)).orElseThrow();
        try (var above = kms.unwrap(tenantKey.wrapped(), EncryptionContext.of(tenantKey.slot(), 1, tenantKey.id()))) {
            return Wrapping.unwrap(
                    above, classKey.wrapped().bytes(), EncryptionContext.of(classKey.slot(), 1, classKey.id()));
        }
    }

    /// The floor as it stands where the attacker could not reach it.
    private record SealsFrom(KeyRecords behind, KeySlot slot, int version) {
        KeyRecords records() {
            return (KeyRecords) Proxy.newProxyInstance(
                    KeyRecords.class.getClassLoader(),
                    new Class<?>[] {KeyRecords.class},
                    (_, method, arguments) -> method.getName().equals("floor") && arguments[0].equals(slot)
                            ? new KeyFloor(version, 1)
                            : method.invoke(behind, arguments));
        }
    }
}
