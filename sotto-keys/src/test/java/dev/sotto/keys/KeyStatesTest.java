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
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two nodes on the same rows; the second one polls.
class KeyStatesTest {
    private static final byte[] WORDS = {1, 2, 3};
    private static final ActorId OPS = new ActorId(ActorId.Kind.USER, "ops");
    private static final UnavailableException DOWN =
            new UnavailableException(TestkitError.FAKE_IS_DOWN, "the rows do not answer");

    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final FakeKms kms = new FakeKms();
    private final KeysFixture keys = new KeysFixture(kms, records);
    private final KeysFixture node = new KeysFixture(kms, records);
    private final List<KeyAnomaly> told = new CopyOnWriteArrayList<>();
    private final TenantId tenant = keys.tenant();
    private final SealContext context = KeysFixture.recording(tenant, keys.ids.callId());
    private final byte[] sealed = keys.service.sealer().seal(context, WORDS);
    private final KeySlot slot = KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY);

    @BeforeEach
    void warm() {
        node.service.watch(told::add);
        node.service.lifecycle().refresh();
        assertThat(node.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    @AfterEach
    void close() {
        node.close();
        keys.close();
    }

    private void assertNothingWorks(KeysError code) {
        for (Runnable use : List.<Runnable>of(
                () -> node.service.sealer().open(context, sealed),
                () -> node.service.sealer().seal(context, WORDS),
                () -> node.service.blindIndex().of(tenant, "phone", "1"))) {
            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(use::run)
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(code));
        }
        assertThat(node.meter.gauged("keys.cache.record.size")).isZero();
        assertThat(node.meter.gauged("keys.cache.hierarchy.size")).isZero();
    }

    @Test
    void anotherNodesRevocation_isHeardAtTheNextPoll() {
        keys.service
                .lifecycle()
                .revoke(tenant, records.latest(slot).orElseThrow().id(), OPS);

        node.service.lifecycle().refresh();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> node.service.sealer().open(context, sealed))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.KEY_REVOKED));
    }

    @Test
    void anotherNodesDestruction_isHeardAtTheNextPoll() {
        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, context.owner());

        node.service.lifecycle().refresh();

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> node.service.sealer().open(context, sealed));
    }

    @Test
    void anotherNodesRotation_isFollowedAtTheNextPoll() {
        var rotated = keys.service.lifecycle().rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);

        node.service.lifecycle().refresh();

        var other = KeysFixture.recording(tenant, keys.ids.callId());
        node.service.sealer().seal(other, WORDS);
        assertThat(records.latest(FieldSealer.slot(other))
                        .orElseThrow()
                        .wrapped()
                        .kek())
                .isEqualTo(KeyHierarchy.address(rotated.id()));
    }

    @Test
    void changeOfOneTenant_leavesWhatIsHeldOfOthers() {
        var other = keys.tenant();
        var theirs = KeysFixture.recording(other, keys.ids.callId());
        byte[] words = node.service.sealer().seal(theirs, WORDS);
        int unwraps = kms.unwraps();
        keys.service.lifecycle().rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);

        node.service.lifecycle().refresh();

        assertThat(node.service.sealer().open(theirs, words)).isEqualTo(WORDS);
        assertThat(kms.unwraps()).isEqualTo(unwraps);
        assertThat(node.service.sealer().open(context, sealed)).isEqualTo(WORDS);
        assertThat(kms.unwraps()).isEqualTo(unwraps + 1);
    }

    @Test
    void statesThatCannotBeRead_closeEverythingUntilTheyCan() {
        records.goDown(DOWN);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> node.service.lifecycle().refresh());

        assertNothingWorks(KeysError.KEY_STATE_UNREADABLE);
        assertThat(told).extracting(KeyAnomaly::kind).containsExactly(KeyAnomaly.Kind.STATE_UNREADABLE);

        records.comeBack();
        assertNothingWorks(KeysError.KEY_STATE_UNREADABLE);
        node.service.lifecycle().refresh();
        assertThat(node.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    @Test
    void pollThatStoppedComing_isMadeUpForByWhoUsesAKey_andClosesEverythingIfItCannotBe() {
        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, context.owner());
        node.clock.advance(Duration.ofSeconds(5));
        assertThat(node.service.sealer().open(context, sealed)).isEqualTo(WORDS); // nothing was heard yet

        node.clock.advance(Duration.ofMillis(1));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> node.service.sealer().open(context, sealed));

        node.clock.advance(Duration.ofSeconds(6));
        records.goDown(DOWN);
        assertNothingWorks(KeysError.KEY_STATE_UNREADABLE);
        records.comeBack();
        assertNothingWorks(KeysError.KEY_STATE_UNREADABLE);
    }

    @Test
    void keyStatePutBack_closesEverything() {
        keys.service.lifecycle().rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);
        node.service.lifecycle().refresh();
        records.tamperEpoch(1);

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> node.service.lifecycle().refresh())
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.KEY_ROLLED_BACK));
        assertNothingWorks(KeysError.KEY_STATE_UNREADABLE);
    }

    @Test
    void streamUnderWay_goesOnWhileNothingCanBeRead() throws IOException {
        var out = new MemoryChannel();
        try (var writer = node.service.streams().create(context, out)) {
            writer.write(ByteBuffer.allocate(40_000));
            records.goDown(DOWN);
            kms.goDown(DOWN);
            assertThatExceptionOfType(SottoException.class)
                    .isThrownBy(() -> node.service.lifecycle().refresh());

            writer.write(ByteBuffer.allocate(40_000));
            writer.finish();
        }
        records.comeBack();
        kms.comeBack();
        try (var reader = keys.service.streams().open(context, out)) {
            assertThat(reader.size()).isEqualTo(80_000);
        }
    }

    @Test
    void streamUnderWay_stopsWithAnAlertWhenItsKeyIsRevoked_andIsNeverWrittenInClear() throws IOException {
        var out = new MemoryChannel();
        try (var writer = node.service.streams().create(context, out)) {
            writer.write(ByteBuffer.allocate(40_000));
            long durable = out.size();
            var key = records.latest(slot).orElseThrow().id();
            keys.service.lifecycle().revoke(tenant, key, OPS);
            node.service.lifecycle().refresh();

            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> writer.write(ByteBuffer.allocate(40_000)))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.KEY_REVOKED));
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(writer::finish);

            assertThat(out.size()).isEqualTo(durable);
            assertThat(told).singleElement().satisfies(anomaly -> {
                assertThat(anomaly.kind()).isEqualTo(KeyAnomaly.Kind.STREAM_STOPPED);
                assertThat(anomaly.key()).contains(key);
            });
            keys.service.lifecycle().reinstate(tenant, key, OPS);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> writer.write(ByteBuffer.allocate(1)));
        }
        try (var recovered = keys.service.streams().recover(context, out)) {
            assertThat(recovered.wholeChunks()).isEqualTo(2);
        }
    }

    @Test
    void kmsThatWentAway_isNotMissedUntilTheLeasesEnd_thenNothingOpens() {
        kms.goDown(DOWN);
        for (int i = 0; i < 9; i++) { // record keys are kept 30 seconds, those above five minutes
            node.clock.advance(Duration.ofSeconds(31));
            node.service.lifecycle().refresh();
            assertThat(node.service.sealer().open(context, sealed)).isEqualTo(WORDS);
        }
        node.clock.advance(Duration.ofSeconds(31));
        node.service.lifecycle().refresh();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> node.service.sealer().open(context, sealed));
        var fresh = new SealContext(
                tenant, DataClass.SUMMARY, new KeyOwner.OfCall(keys.ids.callId()), "summary", "1", "text", 1);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> node.service.sealer().seal(fresh, WORDS));

        kms.comeBack();
        assertThat(node.service.sealer().open(context, sealed)).isEqualTo(WORDS);
    }

    /// A row read before a revocation must not be kept behind it.
    @Test
    void rowReadBeforeADrop_isNotKept() {
        var cache = new KeyCache<String>(
                "t", KeyServiceConfig.defaults(KeysFixture.NODE), Duration.ofMinutes(1), keys.clock, keys.meter);
        long ticket = cache.ticket();
        cache.dropIf("tenant"::equals);
        var held = new HeldKey<>(UUID.randomUUID(), "tenant", KeyState.ACTIVE, DataKey.copyOf(new byte[32]));

        assertThat(cache.keep(held, true, ticket)).isSameAs(held);
        assertThat(cache.size()).isZero();
        cache.keep(held, true, cache.ticket());
        assertThat(cache.size()).isEqualTo(1);
    }

    /// What a poll hears while a row is on its way does not make that row one that was put back.
    @Test
    void sealing_whileAnotherNodeRotates_andAPollHearsOfIt_goesOn() {
        var between = new AtomicReference<Runnable>(() -> {});
        var slow = (KeyRecords) Proxy.newProxyInstance(
                KeyRecords.class.getClassLoader(), new Class<?>[] {KeyRecords.class}, (_, method, arguments) -> {
                    try {
                        Object answer = method.invoke(records, arguments);
                        if (method.getName().equals("latest") && slot.equals(arguments[0])) {
                            between.getAndSet(() -> {}).run();
                        }
                        return answer;
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
        try (var third = new KeysFixture(kms, slow)) {
            third.service.lifecycle().refresh();
            between.set(() -> {
                keys.service.lifecycle().rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);
                third.service.lifecycle().refresh();
            });
            var other = KeysFixture.recording(tenant, keys.ids.callId());

            byte[] kept = third.service.sealer().seal(other, WORDS);

            assertThat(records.latest(slot).orElseThrow().version()).isEqualTo(2);
            assertThat(keys.service.sealer().open(other, kept)).isEqualTo(WORDS);
        }
    }
}
