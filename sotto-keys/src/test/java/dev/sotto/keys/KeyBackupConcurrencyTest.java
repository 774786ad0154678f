package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.DataClass;
import dev.sotto.core.SealContext;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyBackup.Outcome;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class KeyBackupConcurrencyTest {
    private static final ActorId OPS = new ActorId(ActorId.Kind.USER, "ops");
    private static final byte[] WORDS = {1, 2, 3};
    private static final int BACKUPS = 12;
    private static final int WRITERS = 4;
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final int MAX_KEPT = 3_000;

    private final FakeKms kms = new FakeKms();
    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final Map<SealContext, byte[]> kept = new ConcurrentHashMap<>();
    private final Set<SealContext> erased = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger rounds = new AtomicInteger();

    /// What each backup must bring back, and must not, was so before it began.
    private record Backup(MemoryChannel file, Map<SealContext, byte[]> before, Set<SealContext> gone) {}

    /// Two nodes seal, erase, replace tenant and class keys and wrap everything anew while a third backs up.
    @Test
    void backups_whileKeysRotate_openAllThatWasSealedBeforeTheyBegan_andNothingErased() throws Exception {
        var backups = new ArrayList<Backup>();
        try (var one = new KeysFixture(kms, records);
                var two = new KeysFixture(kms, records);
                var third = node(kms, FakeKms.PRIMARY, records, one);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tenant = one.tenant();
            one.service.lifecycle().refresh();
            two.service.lifecycle().refresh();
            var started = new CountDownLatch(WRITERS);
            var work = new ArrayList<Future<?>>();
            for (int i = 0; i < WRITERS; i++) {
                var node = i % 2 == 0 ? one : two;
                work.add(threads.submit(() -> write(node, tenant, started)));
            }
            assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
            work.add(threads.submit(() -> rotate(List.of(one, two), tenant)));
            try {
                for (int i = 0; i < BACKUPS; i++) {
                    int round = rounds.get();
                    backups.add(backup(third));
                    awaitRoundAfter(round, work);
                }
            } finally {
                over.set(true);
            }
            for (var each : work) {
                finish(each);
            }
        }
        assertThat(backups.getLast().before()).hasSizeGreaterThan(WRITERS);
        assertThat(erased).isNotEmpty();
        for (var each : backups) {
            check(each);
        }
    }

    private Object write(KeysFixture node, TenantId tenant, CountDownLatch started) {
        for (int i = 0; !over.get(); i++) {
            LockSupport.parkNanos(PAUSE.toNanos()); // so that what is checked at the end stays small
            var context = KeysFixture.recording(tenant, node.ids.callId());
            byte[] sealed = node.service.sealer().seal(context, WORDS);
            if (i % 5 == 4) {
                node.service.destroyRecordKey(tenant, DataClass.RECORDING, context.owner());
                kept.put(context, sealed);
                erased.add(context);
            } else if (kept.size() < MAX_KEPT) {
                kept.put(context, sealed);
            }
            if (i == 5) {
                started.countDown();
            }
        }
        return kept;
    }

    private Object rotate(List<KeysFixture> nodes, TenantId tenant) {
        while (!over.get()) {
            int round = rounds.incrementAndGet();
            var life = nodes.get(round % 2).service.lifecycle();
            life.rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);
            nodes.forEach(node -> node.service.lifecycle().refresh());
            life.rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 200, OPS);
            life.rotateTenantKey(tenant, KeyTier.PRIMARY, OPS);
            nodes.forEach(node -> node.service.lifecycle().refresh());
            life.rewrapKeys(tenant, OPS);
        }
        return rounds;
    }

    private Backup backup(KeyService node) throws Exception {
        var gone = Set.copyOf(erased);
        var before = Map.copyOf(kept);
        var out = new MemoryChannel();
        node.backup().create(Optional.empty(), out, OPS);
        return new Backup(new MemoryChannel(out.content()), before, gone);
    }

    /// So that no two backups see the same keys, and each is made while they change.
    private void awaitRoundAfter(int round, List<Future<?>> work) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (rounds.get() == round) {
            for (var each : work) {
                if (each.isDone()) {
                    finish(each); // it failed
                }
            }
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(1);
        }
    }

    private static void finish(Future<?> work) throws InterruptedException {
        try {
            work.get();
        } catch (ExecutionException failed) {
            throw new AssertionError(failed.getCause());
        }
    }

    private static KeyService node(Kms service, KeyUri root, KeyRecords rows, KeysFixture parts) {
        return new KeyService(
                service,
                new KeyRoots(root, Optional.of(FakeKms.BACKUP)),
                rows,
                parts.audit,
                parts.clock,
                new SecureRandom(),
                parts.meter,
                KeyServiceConfig.defaults(KeysFixture.NODE));
    }

    /// In another installation, which has the backup root key and none of the others.
    private void check(Backup backup) throws Exception {
        try (var fixture = new KeysFixture();
                var after = node(
                        new OnlyKms(kms, FakeKms.BACKUP, FakeKms.SECOND),
                        FakeKms.SECOND,
                        new InMemoryKeyRecords(),
                        fixture)) {
            var restored = after.backup().restore(backup.file(), Set.of(), OPS);

            assertThat(restored.tried()).extracting(KeyBackup.Tried::outcome).doesNotContain(Outcome.FAILED);
            backup.before().forEach((context, bytes) -> {
                if (!erased.contains(context)) { // erased meanwhile: may be either
                    assertThat(after.sealer().open(context, bytes)).isEqualTo(WORDS);
                }
            });
            backup.gone()
                    .forEach(context -> assertThatExceptionOfType(SottoException.class)
                            .isThrownBy(() -> after.sealer().open(context, kept.get(context))));
        }
    }
}
