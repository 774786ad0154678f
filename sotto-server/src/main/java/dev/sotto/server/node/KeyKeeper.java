package dev.sotto.server.node;

import dev.sotto.core.ActorId;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after the keys of a running node: hears each second of what other nodes changed, reports use every five
/// minutes, replaces what is due every hour, seals anew what compromised
/// keys expose, and computes anew what replaced index keys leave behind. Any number of nodes may do
/// so at once. Thread-safe.
final class KeyKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyKeeper.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration REPORT = Duration.ofMinutes(5);
    private static final Duration RESEAL = Duration.ofMinutes(1);
    private static final Duration ROTATE = Duration.ofHours(1);
    private static final Duration CLOSE = Duration.ofSeconds(3);

    private final KeyService keys;
    private final Resealing resealing;
    private final Reindexing reindexing;
    private final ActorId node;
    private final Meter meter;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread poller;
    private final Thread reporter;
    private final Thread rotator;
    private final Thread resealer;

    private interface Work {
        void run();
    }

    private KeyKeeper(KeyService keys, Resealing resealing, Reindexing reindexing, ActorId node, Meter meter) {
        this.resealing = resealing;
        this.reindexing = reindexing;
        this.keys = keys;
        this.node = node;
        this.meter = meter;
        poller = Thread.ofVirtual().name("sotto-keys-poll").unstarted(() -> every(POLL, POLL, "poll", this::poll));
        reporter = Thread.ofVirtual()
                .name("sotto-keys-report")
                .unstarted(() -> every(REPORT, REPORT, "report", this::report));
        rotator = Thread.ofVirtual()
                .name("sotto-keys-rotate")
                .unstarted(() -> every(firstRotation(), ROTATE, "rotate", this::rotate));
        resealer = Thread.ofVirtual()
                .name("sotto-keys-reseal")
                .unstarted(() -> every(firstRotation(), RESEAL, "reseal", this::reseal));
    }

    /// Nodes that start together need not all look at once.
    private static Duration firstRotation() {
        return Duration.ofSeconds(ThreadLocalRandom.current().nextLong(30, 300));
    }

    /// Reads the states once, then starts. The log must be open.
    static KeyKeeper start(KeyService keys, Resealing resealing, Reindexing reindexing, ActorId node, Meter meter) {
        keys.lifecycle().refresh();
        var keeper = new KeyKeeper(keys, resealing, reindexing, node, meter);
        keeper.poller.start();
        keeper.reporter.start();
        keeper.rotator.start();
        keeper.resealer.start();
        return keeper;
    }

    private void every(Duration first, Duration between, String name, Work work) {
        try {
            Duration wait = first;
            while (!closed.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                wait = between;
                run(name, work);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(String name, Work work) {
        try {
            work.run();
        } catch (SottoException failed) {
            meter.count("keys.keeper.failed");
            LOG.atWarn()
                    .addKeyValue("event", "server.keys.failed")
                    .addKeyValue("work", name)
                    .addKeyValue("code", failed.code().name())
                    .log("looking after the keys failed; it is tried again");
        } catch (RuntimeException fault) {
            meter.count("keys.keeper.failed");
            LOG.atError()
                    .setCause(fault)
                    .addKeyValue("event", "server.keys.failed")
                    .addKeyValue("work", name)
                    .log("looking after the keys failed");
        }
    }

    private void poll() {
        keys.lifecycle().refresh();
    }

    private void report() {
        keys.lifecycle().reportUse();
    }

    private void reseal() {
        resealing.step();
        run("reindex", reindexing::step);
    }

    private void rotate() {
        keys.lifecycle()
                .rotateDue(node)
                .forEach(key -> LOG.atInfo()
                        .addKeyValue("event", "server.keys.rotated")
                        .addKeyValue("tenant", key.tenant())
                        .addKeyValue("level", key.level().code())
                        .addKeyValue("name", key.name())
                        .addKeyValue("version", key.version())
                        .addKeyValue("why", key.why())
                        .log("a key was due and was replaced"));
        keys.list(Optional.empty()).stream()
                .map(KeyStatus::tenant)
                .distinct()
                .forEach(tenant -> run("rewrap", () -> keys.lifecycle().rewrapKeys(tenant, node)));
    }

    /// Reports what was done with keys since the last report, and stops.
    @Override
    public void close() {
        if (closed.getCount() == 0) {
            return;
        }
        closed.countDown();
        try {
            for (Thread thread : new Thread[] {poller, reporter, rotator, resealer}) {
                thread.join(CLOSE);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        run("report", this::report);
    }
}
