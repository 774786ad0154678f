package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SealContext;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeyServiceConcurrencyTest {
    private static final int THREADS = 16;
    private static final byte[] WORDS = {1, 2, 3};

    @Test
    void seal_firstTimeFromManyThreads_makesOneKeyOfEachKind() throws Exception {
        try (var keys = new KeysFixture()) {
            var tenant = keys.tenant();
            var context = KeysFixture.recording(tenant, keys.ids.callId());

            var sealed = atOnce(() -> keys.service.sealer().seal(context, WORDS));

            var ids = new HashSet<String>();
            for (byte[] each : sealed) {
                ids.add(Arrays.toString(Arrays.copyOfRange(each, 1, 17)));
                assertThat(keys.service.sealer().open(context, each)).isEqualTo(WORDS);
            }
            assertThat(ids).hasSize(1);
            assertThat(keys.audit.types()).containsExactly("key.created", "key.created", "key.created");
        }
    }

    @Test
    void seal_firstTimeOnManyNodes_usesTheOneThatWon() throws Exception {
        var kms = new FakeKms();
        var records = new InMemoryKeyRecords();
        for (int round = 0; round < 20; round++) {
            var nodes = new ArrayList<KeysFixture>();
            for (int i = 0; i < THREADS; i++) {
                nodes.add(new KeysFixture(kms, records));
            }
            var first = nodes.getFirst();
            var tenant = first.ids.tenantId();
            var context = KeysFixture.recording(tenant, first.ids.callId());
            var next = new AtomicInteger();

            var sealed = atOnce(() -> {
                var node = nodes.get(next.getAndIncrement());
                node.service.createTenant(tenant);
                return node.service.sealer().seal(context, WORDS);
            });

            for (byte[] each : sealed) {
                assertThat(first.service.sealer().open(context, each)).isEqualTo(WORDS);
            }
            assertThat(records.list(tenant)).hasSize(2);
            int created = 0;
            int discarded = 0;
            for (var node : nodes) {
                created += node.audit.events("key.created").size();
                discarded += node.audit.events("key.discarded").size();
                node.close();
            }
            assertThat(created - discarded).isEqualTo(3);
        }
    }

    @Test
    void sealAndOpen_ofManyCallsOnATinyCache_neverFail() throws Exception {
        var config = new KeyServiceConfig(
                KeysFixture.NODE, 2, 4096, Duration.ofMinutes(5), Duration.ofSeconds(30), 3, Duration.ofSeconds(30));
        try (var keys = new KeysFixture(new FakeKms(), new InMemoryKeyRecords(), config)) {
            var tenant = keys.tenant();
            var contexts = new ArrayList<SealContext>();
            for (int i = 0; i < 20; i++) {
                contexts.add(KeysFixture.recording(tenant, keys.ids.callId()));
            }
            atOnce(() -> {
                for (int i = 0; i < 100; i++) {
                    var context = contexts.get(i % contexts.size());
                    byte[] sealed = keys.service.sealer().seal(context, WORDS);
                    assertThat(keys.service.sealer().open(context, sealed)).isEqualTo(WORDS);
                }
                return 0;
            });
            assertThat(keys.meter.gauged("keys.cache.record.size")).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void destroy_whileOthersSealAndOpen_leavesNothingThatOpens() throws Exception {
        for (int round = 0; round < 20; round++) {
            try (var keys = new KeysFixture()) {
                var call = keys.ids.callId();
                var tenant = keys.tenant();
                var context = KeysFixture.recording(tenant, call);
                byte[] sealed = keys.service.sealer().seal(context, WORDS);
                var turn = new AtomicInteger();

                atOnce(() -> {
                    if (turn.getAndIncrement() == THREADS / 2) {
                        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, new KeyOwner.OfCall(call));
                        return 0;
                    }
                    try {
                        keys.service.sealer().seal(context, WORDS);
                        keys.service.sealer().open(context, sealed);
                    } catch (NotFoundException | IntegrityException gone) {
                        return 1;
                    }
                    return 0;
                });

                assertThat(opens(keys, context, sealed)).isFalse();
                assertThat(keys.meter.gauged("keys.cache.record.size")).isZero();
            }
        }
    }

    /// A reader has fetched the row when the destruction comes: it may still open once, but must leave nothing
    /// behind.
    @Test
    void destroy_whileARowIsBeingFetched_leavesNothingInTheCache() throws Exception {
        var records = new InMemoryKeyRecords();
        var fetched = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var pausing = afterFetch(records, () -> {
            fetched.countDown();
            goOn.await();
        });
        try (var keys = new KeysFixture(new FakeKms(), pausing)) {
            var call = keys.ids.callId();
            var tenant = keys.tenant();
            var context = KeysFixture.recording(tenant, call);
            byte[] sealed = keys.service.sealer().seal(context, WORDS);
            keys.service.forgetUnwrapped();
            var reader = Thread.ofVirtual().start(() -> opens(keys, context, sealed));
            fetched.await();
            var destroyer = Thread.ofVirtual()
                    .start(() -> keys.service.destroyRecordKey(tenant, DataClass.RECORDING, new KeyOwner.OfCall(call)));
            while (destroyer.isAlive() && destroyer.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            goOn.countDown();
            reader.join();
            destroyer.join();

            assertThat(records.latest(FieldSealer.slot(context))).isEmpty();
            assertThat(opens(keys, context, sealed)).isFalse();
        }
    }

    private interface Pause {
        void run() throws InterruptedException;
    }

    private static KeyRecords afterFetch(KeyRecords records, Pause pause) {
        return (KeyRecords) Proxy.newProxyInstance(
                KeyRecords.class.getClassLoader(), new Class<?>[] {KeyRecords.class}, (_, method, arguments) -> {
                    var answer = method.invoke(records, arguments);
                    if (method.getName().equals("findErasable")) {
                        pause.run();
                    }
                    return answer;
                });
    }

    private static boolean opens(KeysFixture keys, SealContext context, byte[] sealed) {
        try {
            keys.service.sealer().open(context, sealed);
            return true;
        } catch (IntegrityException gone) {
            return false;
        }
    }

    private static <T> List<T> atOnce(Callable<T> work) throws InterruptedException, ExecutionException {
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
}
