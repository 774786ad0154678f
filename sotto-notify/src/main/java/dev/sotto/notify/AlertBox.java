package dev.sotto.notify;

import dev.sotto.core.CallId;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.store.NewNotice;
import dev.sotto.store.NoticeType;
import dev.sotto.store.Notices;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes notices of alerts: the first of a kind at once, those that follow within the window as one notice with their
/// number, so that a flood is a few mails. Whoever raises one does not wait: it is kept in memory until the store took
/// it, and counted on meanwhile if the store is down. Bounded: 50 kinds of a tenant and 1,000 in all, more are merged
/// into one kind of the tenant. Thread-safe.
public final class AlertBox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AlertBox.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(3);
    private static final int KINDS_OF_ONE = 50;
    private static final int KINDS = 1_000;
    private static final Map<String, String> MERGED = Map.of("reason", "many");

    private final Notices notices;
    private final Duration window;
    private final Meter meter;
    private final Clock clock;
    private final Map<Kind, Open> open = new HashMap<>();
    private final Map<TenantId, Integer> kindsOf = new HashMap<>();
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;

    private record Kind(TenantId tenant, NoticeType type, Map<String, String> codes) {}

    /// A kind that was raised within the window.
    private static final class Open {
        private Instant until;
        private int count;
        private boolean told;
        private Optional<CallId> call = Optional.empty();
        private Instant first = Instant.EPOCH;

        Open(Instant until) {
            this.until = until;
        }
    }

    private AlertBox(Notices notices, Duration window, Meter meter, Clock clock) {
        this.notices = notices;
        this.window = window;
        this.meter = meter;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("notify-alerts").unstarted(this::run);
    }

    /// Starts to take alerts.
    ///
    /// @param window how long alerts of a kind are gathered
    public static AlertBox start(Notices notices, Duration window, Meter meter, Clock clock) {
        var box = new AlertBox(notices, window, meter, clock);
        meter.gauge(NotifyMetrics.ALERTS_HELD, box::held);
        box.thread.start();
        return box;
    }

    /// Takes an alert. Does not block on anything but memory.
    public void raise(Alert alert) {
        meter.count(NotifyMetrics.ALERTS);
        boolean first;
        synchronized (open) {
            Open kind = kind(new Kind(alert.tenant(), alert.type(), alert.codes()));
            if (kind == null) {
                meter.count(NotifyMetrics.ALERTS_LOST);
                return;
            }
            if (kind.count == 0) {
                kind.call = alert.call();
                kind.first = alert.at();
            }
            kind.count = kind.count == Integer.MAX_VALUE ? kind.count : kind.count + 1;
            first = !kind.told;
        }
        if (first && woken.availablePermits() == 0) {
            woken.release();
        }
    }

    /// Lock-outs of the store, as alerts.
    public void locked(Notices.LockListener.Lock lock) {
        raise(new Alert(
                lock.tenant(),
                NoticeType.IDENTITY_LOCKED,
                Optional.of(lock.call()),
                Map.of("scope", lock.scope().name().toLowerCase(Locale.ROOT)),
                lock.at()));
    }

    private @Nullable Open kind(Kind asked) {
        Open found = open.get(asked);
        if (found != null) {
            return found;
        }
        boolean room = open.size() < KINDS && kindsOf.getOrDefault(asked.tenant(), 0) < KINDS_OF_ONE;
        if (!room) {
            meter.count(NotifyMetrics.ALERTS_MERGED);
            asked = new Kind(asked.tenant(), asked.type(), MERGED);
            found = open.get(asked);
            if (found != null || open.size() >= 2 * KINDS) {
                return found;
            }
        }
        var fresh = new Open(clock.instant().plus(window));
        open.put(asked, fresh);
        kindsOf.merge(asked.tenant(), 1, Integer::sum);
        return fresh;
    }

    private long held() {
        synchronized (open) {
            return open.values().stream().mapToLong(kind -> kind.count).sum();
        }
    }

    private void run() {
        boolean down = false;
        while (!closed) {
            try {
                if (woken.tryAcquire(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                    woken.drainPermits();
                    if (down && !closed) {
                        TimeUnit.MILLISECONDS.sleep(TICK.toMillis()); // a flood must not hammer on the door
                    }
                }
                down = !closed && !tell(false);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException fault) {
                LOG.atError()
                        .setCause(fault)
                        .addKeyValue("event", "notify.alerts.failed")
                        .log("alerts could not be kept");
            }
        }
    }

    private record Ready(Kind kind, Open open, int count, NewNotice notice) {}

    /// Keeps what is ready. False if the store did not take it.
    ///
    /// @param all also what is still being gathered
    private boolean tell(boolean all) {
        for (Ready ready : ready(all)) {
            try {
                notices.raise(ready.notice());
            } catch (UnavailableException down) {
                return false; // nothing is lost: the count goes on
            } catch (SottoException fault) {
                meter.count(NotifyMetrics.ALERTS_LOST, ready.count());
                LOG.atError()
                        .addKeyValue("event", "notify.alert.refused")
                        .addKeyValue("code", fault.code().name())
                        .log("an alert could not be kept");
            }
            synchronized (open) {
                ready.open().count -= ready.count();
                if (ready.open().told) {
                    ready.open().until = clock.instant().plus(window); // the next ones are gathered anew
                }
                ready.open().told = true;
            }
        }
        return true;
    }

    private List<Ready> ready(boolean all) {
        Instant now = clock.instant();
        var ready = new ArrayList<Ready>();
        synchronized (open) {
            for (Iterator<Map.Entry<Kind, Open>> each = open.entrySet().iterator(); each.hasNext(); ) {
                var entry = each.next();
                Kind kind = entry.getKey();
                Open state = entry.getValue();
                boolean over = !now.isBefore(state.until);
                if (state.count > 0 && (all || over || !state.told)) {
                    ready.add(new Ready(
                            kind,
                            state,
                            state.count,
                            new NewNotice(
                                    kind.tenant(), kind.type(), state.call, state.first, state.count, kind.codes())));
                } else if (state.count == 0 && over) {
                    each.remove();
                    kindsOf.computeIfPresent(kind.tenant(), (_, held) -> held > 1 ? held - 1 : null);
                }
            }
        }
        return ready;
    }

    /// Keeps what is still held, if the store takes it, and stops.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        woken.release();
        try {
            thread.join(CLOSE);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        if (!tell(true)) {
            meter.count(NotifyMetrics.ALERTS_LOST, held());
            LOG.atError()
                    .addKeyValue("event", "notify.alerts.lost")
                    .addKeyValue("count", held())
                    .log("alerts that the store did not take are lost; the audit log has what they were about");
        }
    }
}
