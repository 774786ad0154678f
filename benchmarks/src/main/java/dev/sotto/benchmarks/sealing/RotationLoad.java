package dev.sotto.benchmarks.sealing;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.keys.FakeKms;
import dev.sotto.keys.KeyLifecycle;
import dev.sotto.keys.KeyTier;
import dev.sotto.store.NewTurn;
import dev.sotto.store.Speaker;
import dev.sotto.store.StoreFixture;
import dev.sotto.store.TestPostgres;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/// 32 writers and 32 readers on two nodes over one Postgres, each with an operation every 400 ms, while root, tenant
/// and class keys are replaced one after the other. Times with and without that are taken by turns, five seconds each.
/// An operation's time runs from when it was due, so that one that holds up others is not hidden.
final class RotationLoad {
    private static final int WORKERS = 64;
    private static final int TURNS_A_CALL = 20;
    private static final int KNOWN_CALLS = 256;
    private static final int SHOWN_FAILURES = 5;
    private static final Duration EACH = Duration.ofMillis(400);
    private static final Duration SLICE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final String WORDS = "I would like to move my appointment to Thursday. ".repeat(6);

    private final List<StoreFixture> nodes;
    private final TenantId tenant;
    private final AtomicReferenceArray<CallId> known = new AtomicReferenceArray<>(KNOWN_CALLS);
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger rotated = new AtomicInteger();
    private final Latencies calm = new Latencies();
    private final Latencies rotating = new Latencies();
    private volatile Latencies current = new Latencies(); // what warms up is not looked at
    private volatile boolean over;

    private RotationLoad(List<StoreFixture> nodes) {
        this.nodes = nodes;
        this.tenant = nodes.getFirst().tenant().id();
    }

    /// @param calmP99 milliseconds without rotations
    /// @param rotatingP99 milliseconds with them
    /// @param rotations keys replaced
    /// @param failed operations and rotations that failed
    record Load(double calmP99, double rotatingP99, int operations, int rotations, int failed) {}

    /// Takes ten seconds for each slice and five more.
    static Load measure(int slices) throws IOException, InterruptedException {
        Path objects = Files.createTempDirectory("sotto-bench-objects-");
        try (var one = new StoreFixture(TestPostgres.shared(), objects);
                var two = new StoreFixture(TestPostgres.shared(), objects)) {
            return new RotationLoad(List.of(one, two)).run(slices);
        } finally {
            Scratch.delete(objects);
        }
    }

    private Load run(int slices) throws InterruptedException {
        nodes.forEach(node -> node.keys.lifecycle().refresh());
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                nodes.forEach(node -> executor.execute(() -> poll(node)));
                for (int worker = 0; worker < WORKERS; worker++) {
                    var node = nodes.get(worker / 2 % nodes.size());
                    Work work = worker % 2 == 0 ? new Writer(node) : new Reader(node);
                    executor.execute(() -> work(work));
                }
                Thread.sleep(SLICE);
                for (int slice = 0; slice < slices; slice++) {
                    current = calm;
                    Thread.sleep(SLICE);
                    current = rotating;
                    rotate(System.nanoTime() + SLICE.toNanos());
                }
            } finally {
                over = true;
            }
        }
        return new Load(
                calm.p99Millis(), rotating.p99Millis(), calm.count() + rotating.count(), rotated.get(), failed.get());
    }

    /// As a node polls, and its clock goes on.
    private void poll(StoreFixture node) {
        while (!over) {
            LockSupport.parkNanos(POLL.toNanos());
            node.clock.advance(POLL);
            guarded(() -> node.keys.lifecycle().refresh());
        }
    }

    private void rotate(long until) {
        for (int turn = 0; System.nanoTime() < until; turn++) {
            KeyLifecycle life = nodes.get(turn % nodes.size()).keys.lifecycle();
            step(() -> life.rotateClassKey(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY, StoreFixture.USER));
            step(() -> life.rewrapRecordKeys(
                    tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY, KeyLifecycle.MAX_STEP, StoreFixture.USER));
            step(() -> life.rotateTenantKey(tenant, KeyTier.PRIMARY, StoreFixture.USER));
            step(() -> life.rewrapKeys(tenant, StoreFixture.USER));
            var root = turn % 2 == 0 ? FakeKms.SECOND : FakeKms.PRIMARY;
            step(() -> life.moveTenant(tenant, KeyTier.PRIMARY, root, StoreFixture.USER));
            step(() -> life.rewrapKeys(tenant, StoreFixture.USER));
            rotated.addAndGet(3);
        }
    }

    private void step(Runnable act) {
        guarded(act);
        LockSupport.parkNanos(PAUSE.toNanos());
    }

    private void work(Work work) {
        long due = System.nanoTime() + ThreadLocalRandom.current().nextLong(EACH.toNanos());
        while (!over) {
            LockSupport.parkNanos(due - System.nanoTime());
            if (System.nanoTime() < due) {
                continue; // woken too early
            }
            Latencies into = current;
            guarded(work::once);
            into.add(System.nanoTime() - due);
            due += EACH.toNanos();
        }
    }

    private void guarded(Runnable act) {
        try {
            act.run();
        } catch (RuntimeException failure) {
            if (failed.getAndIncrement() < SHOWN_FAILURES) {
                System.err.println("failed: " + failure); // holds no words of a turn
            }
        }
    }

    private interface Work {
        void once();
    }

    /// Adds turns; begins a call now and then, whose key is made under the class key in use.
    private final class Writer implements Work {
        private final StoreFixture node;
        private CallId call;
        private int turns;

        Writer(StoreFixture node) {
            this.node = node;
            this.call = begin(node);
        }

        @Override
        public void once() {
            if (turns == TURNS_A_CALL) {
                call = begin(node);
                turns = 0;
            }
            node.store
                    .turns()
                    .append(
                            tenant,
                            call,
                            new NewTurn(
                                    new TurnId(node.ids.next()),
                                    Speaker.CALLER,
                                    TurnKind.SPEECH,
                                    Duration.ofSeconds(turns),
                                    Duration.ofSeconds(1),
                                    TurnText.clear(WORDS)));
            if (turns++ == 0) {
                known.set(made.getAndIncrement() % KNOWN_CALLS, call);
            }
        }

        private CallId begin(StoreFixture on) {
            return on.connected(tenant);
        }
    }

    /// Reads the transcripts of calls of either node.
    private final class Reader implements Work {
        private final StoreFixture node;

        Reader(StoreFixture node) {
            this.node = node;
        }

        @Override
        public void once() {
            int calls = Math.min(made.get(), KNOWN_CALLS);
            var call = calls == 0 ? null : known.get(ThreadLocalRandom.current().nextInt(calls));
            if (call == null) {
                return; // the first one is not there yet
            }
            var turns = node.store.turns().list(tenant, call, StoreFixture.USER);
            if (turns.isEmpty()
                    || !turns.stream().allMatch(turn -> turn.text().redacted().equals(WORDS))) {
                throw new IllegalStateException("a transcript came back with other words");
            }
        }
    }

    /// Thread-safe.
    private static final class Latencies {
        private static final double MILLI = 1e6;
        private final List<Long> nanos = new ArrayList<>();

        synchronized void add(long each) {
            nanos.add(each);
        }

        synchronized int count() {
            return nanos.size();
        }

        synchronized double p99Millis() {
            var sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
            if (sorted.length == 0) {
                throw new IllegalStateException("nothing was measured");
            }
            return sorted[(int) Math.ceil(sorted.length * 0.99) - 1] / MILLI;
        }
    }
}
