package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.DataClass;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyLifecycleConcurrencyTest {
    private static final int THREADS = 64;
    private static final int ROUNDS = 25;
    private static final int MAX_KEPT = 400;
    private static final byte[] WORDS = {1, 2, 3};
    private static final ActorId OPS = new ActorId(ActorId.Kind.USER, "ops");

    private record Kept(SealContext context, String sealed) {}

    /// Two nodes seal and open on 64 threads while root, tenant and class keys are replaced and everything is wrapped
    /// anew on both: not one operation may fail.
    @Test
    void everyKindOfRotation_underManyWritersAndReaders_failsNothing() throws Exception {
        var kms = new FakeKms();
        var records = new InMemoryKeyRecords();
        var config = new KeyServiceConfig(
                KeysFixture.NODE,
                500,
                1 << 20,
                Duration.ofMinutes(5),
                Duration.ofSeconds(30),
                50,
                Duration.ofSeconds(30));
        try (var one = new KeysFixture(kms, records, config);
                var two = new KeysFixture(kms, records, config)) {
            var tenant = one.tenant();
            var nodes = List.of(one, two);
            nodes.forEach(node -> node.service.lifecycle().refresh());
            var kept = new ConcurrentLinkedQueue<Kept>();
            var over = new AtomicBoolean();
            var operations = new AtomicLong();
            var started = new CountDownLatch(THREADS);
            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                var work = new ArrayList<Future<?>>();
                for (int i = 0; i < THREADS; i++) {
                    var node = nodes.get(i % 2);
                    work.add(executor.submit(() -> {
                        started.countDown();
                        while (!over.get()) {
                            var context = KeysFixture.recording(tenant, node.ids.callId());
                            byte[] sealed = node.service.sealer().seal(context, WORDS);
                            assertThat(node.service.sealer().open(context, sealed))
                                    .isEqualTo(WORDS);
                            keep(kept, context, sealed);
                            openOne(kept, nodes.get((int) (operations.incrementAndGet() % 2)));
                        }
                        return null;
                    }));
                }
                started.await();
                try {
                    rotateAll(tenant, nodes, kms);
                } finally {
                    over.set(true);
                }
                for (var each : work) {
                    finish(each);
                }
            }
            assertThat(operations.get()).isGreaterThan(THREADS);
            assertThat(records.latest(KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY))
                            .orElseThrow()
                            .version())
                    .isGreaterThan(ROUNDS);
            nodes.forEach(node -> node.service.forgetUnwrapped());
            while (!kept.isEmpty()) {
                openOne(kept, one);
            }
        }
    }

    private static void rotateAll(TenantId tenant, List<KeysFixture> nodes, FakeKms kms) {
        nodes.getFirst()
                .service
                .sealer()
                .seal(KeysFixture.recording(tenant, nodes.getFirst().ids.callId()), WORDS);
        for (int round = 0; round < ROUNDS; round++) {
            var life = nodes.get(round % 2).service.lifecycle();
            life.rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);
            nodes.forEach(node -> node.service.lifecycle().refresh());
            life.rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 50, OPS);
            life.rotateTenantKey(tenant, KeyTier.PRIMARY, OPS);
            nodes.forEach(node -> node.service.lifecycle().refresh());
            life.rewrapKeys(tenant, OPS);
            if (round == ROUNDS / 2) {
                kms.rotate();
            }
        }
    }

    private static void keep(Queue<Kept> kept, SealContext context, byte[] sealed) {
        if (kept.size() < MAX_KEPT) {
            kept.add(new Kept(context, HexFormat.of().formatHex(sealed)));
        }
    }

    private static void openOne(Queue<Kept> kept, KeysFixture node) {
        var one = kept.poll();
        if (one != null) {
            byte[] sealed = HexFormat.of().parseHex(one.sealed());
            assertThat(node.service.sealer().open(one.context(), sealed)).isEqualTo(WORDS);
        }
    }

    private static void finish(Future<?> work) throws InterruptedException {
        try {
            work.get();
        } catch (ExecutionException failed) {
            throw new AssertionError("an operation failed", failed.getCause());
        }
    }

    /// Many nodes find the same key due at once: one new version, and all use it.
    @Test
    void rotateDue_onManyNodesAtOnce_makesOneVersion() throws Exception {
        var kms = new FakeKms();
        var records = new InMemoryKeyRecords();
        var nodes = new ArrayList<KeysFixture>();
        for (int i = 0; i < 8; i++) {
            nodes.add(new KeysFixture(kms, records));
        }
        var tenant = nodes.getFirst().tenant();
        nodes.getFirst()
                .service
                .sealer()
                .seal(KeysFixture.recording(tenant, nodes.getFirst().ids.callId()), WORDS);
        nodes.forEach(node -> node.clock.advance(Duration.ofDays(81)));
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = nodes.stream()
                    .map(node -> executor.submit(() -> node.service.lifecycle().rotateDue(KeysFixture.NODE)))
                    .toList();
            for (var each : work) {
                finish(each);
            }
        }
        assertThat(records.list(tenant).stream().filter(row -> row.slot().level() == KeyLevel.CLASS))
                .extracting(KeyRecord::state)
                .containsExactlyInAnyOrder(KeyState.ACTIVE, KeyState.DEACTIVATED);
        nodes.forEach(KeysFixture::close);
    }
}
