package dev.sotto.media;

import dev.sotto.core.Meter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts each refusal at once and tells the desk of it from a thread of its own, through a bounded queue: a
/// flood costs counters, not memory. Thread-safe; [#report] never blocks.
final class Refusals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final int CAPACITY = 1_024;

    private final BlockingQueue<Refusal> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final CallDesk desk;
    private final Meter meter;
    private final Thread reporter;

    Refusals(CallDesk desk, Meter meter) {
        this.desk = desk;
        this.meter = meter;
        this.reporter = Thread.ofVirtual().name("media-refusals").start(this::run);
    }

    void report(RefusalReason reason) {
        report(new Refusal(reason, "", "", false));
    }

    void report(Refusal refusal) {
        meter.count(MediaMetrics.refused(refusal.reason()));
        if (!queue.offer(refusal)) {
            meter.count(MediaMetrics.REFUSALS_UNREPORTED);
        }
    }

    private void run() {
        try {
            while (true) {
                tell(queue.take());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /// What a peer that is not authenticated claims as a sid may be anything, so it is not written down.
    private void tell(Refusal refusal) {
        LOG.atInfo()
                .addKeyValue("event", "media.request.refused")
                .addKeyValue("reason", refusal.reason())
                .addKeyValue("account", refusal.authenticated() ? refusal.accountSid() : "")
                .addKeyValue("call", refusal.authenticated() ? refusal.callSid() : "")
                .addKeyValue("authenticated", refusal.authenticated())
                .log("refused");
        try {
            desk.refused(refusal);
        } catch (RuntimeException failure) { // the root of this thread's work: the next refusal must still be told
            meter.count(MediaMetrics.CALLBACK_FAILED);
            LOG.atWarn()
                    .addKeyValue("event", "media.refusal.untold")
                    .addKeyValue("failure", failure.getClass().getSimpleName())
                    .log("the desk did not take a refusal");
        }
    }

    @Override
    public void close() {
        reporter.interrupt();
    }
}
