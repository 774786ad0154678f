package dev.sotto.notify;

import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SottoException;
import dev.sotto.store.ClaimedDelivery;
import dev.sotto.store.Outbox;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends to one endpoint, one delivery after the other, so that a slow one holds up nobody else. After a failure the
/// endpoint rests, so that a dead one is not asked for each of thousands. For one thread, but
/// for [#wake()] and [#stop()].
final class Line {
    private static final Logger LOG = LoggerFactory.getLogger(Line.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration WHOLE_ATTEMPT = Duration.ofSeconds(30);
    private static final Duration LEASE = Duration.ofMinutes(2);
    private static final int AT_ONCE = 20;

    private final Endpoint endpoint;
    private final Sender sender;
    private final Outbox outbox;
    private final EgressDoor door;
    private final ExecutorService attempts;
    private final DispatcherParts parts;
    private final Semaphore woken = new Semaphore(0);
    private volatile boolean stopped;
    private int failures;
    private Instant restsUntil = Instant.MIN;

    Line(
            Endpoint endpoint,
            Sender sender,
            Outbox outbox,
            EgressDoor door,
            ExecutorService attempts,
            DispatcherParts parts) {
        this.endpoint = endpoint;
        this.sender = sender;
        this.outbox = outbox;
        this.door = door;
        this.attempts = attempts;
        this.parts = parts;
    }

    /// There may be something to send.
    void wake() {
        if (woken.availablePermits() == 0) {
            woken.release();
        }
    }

    /// Ends the work after the statement that runs: an interrupt would break a connection to the database.
    void stop() {
        stopped = true;
        woken.release();
    }

    /// Works until stopped or interrupted.
    void run() {
        while (!stopped && !Thread.currentThread().isInterrupted()) {
            try {
                if (!round()) {
                    boolean told = woken.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
                    if (told) {
                        woken.drainPermits();
                    }
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } catch (SottoException down) { // the claim runs out, and it is tried again
                if (stopped) {
                    return;
                }
                parts.meter().count(NotifyMetrics.UNAVAILABLE);
                LOG.atWarn()
                        .addKeyValue("event", "notify.line.unavailable")
                        .addKeyValue("endpoint", endpoint.name())
                        .addKeyValue("code", down.code().name())
                        .log("deliveries wait: the store or the audit log does not answer");
                pause();
            } catch (RuntimeException fault) {
                LOG.atError()
                        .setCause(fault)
                        .addKeyValue("event", "notify.line.failed")
                        .addKeyValue("endpoint", endpoint.name())
                        .log("an attempt failed in a way that nobody thought of");
                pause();
            }
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether something was attempted.
    private boolean round() throws InterruptedException {
        if (now().isBefore(restsUntil)) {
            return false;
        }
        boolean some = false;
        for (Outbox.Due due : outbox.due(endpoint.name(), now(), AT_ONCE)) {
            if (stopped) {
                return true;
            }
            Instant at = now();
            Optional<ClaimedDelivery> claimed = outbox.claim(due, endpoint.name(), parts.nodeId(), at, at.plus(LEASE));
            if (claimed.isPresent()) {
                some = true;
                if (!attempt(claimed.get())) {
                    return true; // it rests
                }
            }
        }
        return some;
    }

    /// False if the endpoint should rest.
    private boolean attempt(ClaimedDelivery delivery) throws InterruptedException {
        if (!now().isBefore(delivery.expiresAt())) {
            givenUp(delivery, false, NotifyError.EXPIRED.name());
            return true;
        }
        var asked = new Disclosure(
                delivery.tenant(),
                delivery.call(),
                endpoint.destination(),
                DataClass.CALL_METADATA,
                endpoint.purpose().code(),
                sender.pieces(delivery));
        return switch (door.decide(asked)) {
            case Verdict.Denied(String rule)
            when parts.unrecorded().test(rule) -> {
                later(delivery, rule);
                yield false;
            }
            case Verdict.Denied(String rule) -> {
                givenUp(delivery, true, rule);
                yield true;
            }
            case Verdict.Allowed allowed -> settle(delivery, sent(delivery, allowed));
        };
    }

    /// Within a bound, whatever the other side does: interrupted, the connection is cut.
    private Outcome sent(ClaimedDelivery delivery, Verdict.Allowed allowed) throws InterruptedException {
        long start = System.nanoTime();
        Future<Outcome> running;
        try {
            running = attempts.submit(() -> sender.send(delivery, allowed, now()));
        } catch (RejectedExecutionException closed) {
            throw new InterruptedException("the node stops");
        }
        try {
            return running.get(WHOLE_ATTEMPT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            return new Outcome.Failed(NotifyError.TIMED_OUT);
        } catch (ExecutionException fault) {
            if (fault.getCause() instanceof InterruptedException) { // cut off: its claim is released at the next start
                throw new InterruptedException("the node stops");
            }
            throw new IllegalStateException("an attempt failed", fault.getCause());
        } finally {
            running.cancel(true);
            parts.meter().time(NotifyMetrics.ATTEMPT, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private boolean settle(ClaimedDelivery delivery, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Taken _ -> {
                failures = 0;
                outbox.sent(delivery);
                parts.meter().count(NotifyMetrics.SENT);
                yield true;
            }
            case Outcome.Failed failed -> {
                failures++;
                restsUntil =
                        now().plus(parts.plan().rest(failures, parts.random())); // from the failure, not its record
                later(delivery, failed.code());
                yield false;
            }
        };
    }

    private void later(ClaimedDelivery delivery, String error) {
        Instant at = now().plus(parts.plan().wait(delivery.attempt(), parts.random()));
        if (delivery.attempt() >= parts.plan().attempts() || !at.isBefore(delivery.expiresAt())) {
            givenUp(delivery, false, error);
            return;
        }
        outbox.retry(delivery, at, error);
        parts.meter().count(NotifyMetrics.RETRIED);
        LOG.atInfo()
                .addKeyValue("event", "notify.delivery.retried")
                .addKeyValue("endpoint", endpoint.name())
                .addKeyValue("notice", delivery.notice())
                .addKeyValue("attempt", delivery.attempt())
                .addKeyValue("error", error)
                .log("a notice could not be sent and is tried again");
    }

    private void givenUp(ClaimedDelivery delivery, boolean denied, String error) {
        outbox.giveUp(delivery, denied, error);
        parts.meter().count(denied ? NotifyMetrics.DENIED : NotifyMetrics.GIVEN_UP);
        LOG.atWarn()
                .addKeyValue("event", denied ? "notify.delivery.denied" : "notify.delivery.given_up")
                .addKeyValue("endpoint", endpoint.name())
                .addKeyValue("notice", delivery.notice())
                .addKeyValue("error", error)
                .log("a notice was not sent");
    }

    private Instant now() {
        return parts.clock().instant();
    }

    void close() {
        sender.close();
    }
}
