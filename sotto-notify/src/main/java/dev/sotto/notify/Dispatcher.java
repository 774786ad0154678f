package dev.sotto.notify;

import dev.sotto.core.EgressDoor;
import dev.sotto.core.SottoException;
import dev.sotto.store.Outbox;
import dev.sotto.store.Store;
import dev.sotto.store.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends what waits in the outbox, at least once: a line for each endpoint, and one that tidies. Several nodes may work
/// on one database. Thread-safe.
public final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final int TIDY_EVERY = 12;
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Store store;
    private final DispatcherParts parts;
    private final List<Line> lines = new ArrayList<>();
    private final ExecutorService threads;
    private final ExecutorService attempts;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Outbox.Backlog backlog = new Outbox.Backlog(0, Optional.empty(), 0);

    private Dispatcher(Store store, DispatcherParts parts) {
        this.store = store;
        this.parts = parts;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("notify-", 0).factory());
        this.attempts = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("notify-attempt-", 0).factory());
    }

    /// Starts to send. What this node had claimed when it died is sent first.
    ///
    /// @param door decides each attempt
    /// @throws dev.sotto.core.RejectedException if the trust anchors of an endpoint cannot be read
    public static Dispatcher start(Store store, List<Endpoint> endpoints, EgressDoor door, DispatcherParts parts) {
        var dispatcher = new Dispatcher(store, parts);
        boolean started = false;
        try {
            store.outbox().releaseClaims(parts.nodeId(), parts.clock().instant());
            for (Endpoint endpoint : endpoints) {
                dispatcher.lines.add(new Line(
                        endpoint, sender(endpoint.channel()), store.outbox(), door, dispatcher.attempts, parts));
            }
            dispatcher.gauges();
            dispatcher.lines.forEach(line -> dispatcher.threads.execute(line::run));
            dispatcher.threads.execute(dispatcher::look);
            started = true;
            return dispatcher;
        } finally {
            if (!started) {
                dispatcher.close();
            }
        }
    }

    private static Sender sender(Channel channel) {
        return switch (channel) {
            case Channel.Mail mail -> new MailSender(mail);
            case Channel.Webhook webhook -> new WebhookSender(webhook, WebhookSender.ANSWER);
        };
    }

    private void gauges() {
        parts.meter().gauge(NotifyMetrics.WAITING, () -> backlog.waiting());
        parts.meter().gauge(NotifyMetrics.UNSENT, () -> backlog.unsent());
        parts.meter()
                .gauge(
                        NotifyMetrics.OLDEST_SECONDS,
                        () -> backlog.oldest()
                                .map(since -> Math.max(
                                        0,
                                        Duration.between(since, parts.clock().instant())
                                                .toSeconds()))
                                .orElse(0L));
    }

    /// There may be something to send. Does not block.
    public void wake() {
        lines.forEach(Line::wake);
    }

    /// Looks how much waits, and tidies now and then.
    private void look() {
        for (int round = 0; stopped.getCount() > 0 && !Thread.currentThread().isInterrupted(); round++) {
            try {
                backlog = store.outbox().backlog();
                if (round % TIDY_EVERY == 0) {
                    Instant now = parts.clock().instant();
                    for (Tenant tenant : store.tenants().all()) {
                        store.outbox().tidy(tenant.id(), now);
                    }
                }
            } catch (SottoException down) {
                parts.meter().count(NotifyMetrics.UNAVAILABLE);
            } catch (RuntimeException fault) {
                LOG.atError()
                        .setCause(fault)
                        .addKeyValue("event", "notify.look.failed")
                        .log("the outbox could not be tidied");
            }
            try {
                if (stopped.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Stops. What is being sent is cut off; its claim is released at the next start, and it is sent again.
    @Override
    public void close() {
        stopped.countDown();
        lines.forEach(Line::stop);
        attempts.shutdownNow();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atWarn().addKeyValue("event", "notify.close.late").log("an attempt does not stop");
                threads.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        lines.forEach(Line::close);
    }
}
