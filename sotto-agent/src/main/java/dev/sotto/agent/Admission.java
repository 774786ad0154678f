package dev.sotto.agent;

import dev.sotto.core.CallId;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/// How many calls this node takes. An offered call holds a place until it connects or its token expires. Thread-safe.
final class Admission {
    /// A place for one call; given back once.
    final class Place implements AutoCloseable {
        private final AtomicBoolean held = new AtomicBoolean(true);

        @Override
        public void close() {
            if (held.compareAndSet(true, false)) {
                places.release();
            }
        }
    }

    /// An offered call that has not connected yet.
    ///
    /// @param from the caller's number, so that it need not be opened from the store
    /// @param expired told, on the timers' thread, if it does not connect in time
    record Offered(Place place, SensitiveText from, Runnable expired, Timers.Handle expiry) {}

    private final Semaphore places;
    private final Timers timers;
    private final Map<CallId, Offered> offered = new ConcurrentHashMap<>();

    /// @param gauge under which the places taken are counted
    Admission(int maxCalls, Timers timers, Meter meter, String gauge) {
        this.places = new Semaphore(maxCalls);
        this.timers = timers;
        meter.gauge(gauge, () -> maxCalls - places.availablePermits());
    }

    /// A place, if there is one.
    Optional<Place> enter() {
        return places.tryAcquire() ? Optional.of(new Place()) : Optional.empty();
    }

    /// Keeps the place for `call` until it connects here, or for `life`.
    ///
    /// @param expired told, on the timers' thread, if it did not connect in time
    void hold(CallId call, Place place, SensitiveText from, Duration life, Runnable expired) {
        var expiry = timers.after(life, () -> {
            var gone = offered.remove(call);
            if (gone != null) {
                gone.place().close();
                expired.run();
            }
        });
        offered.put(call, new Offered(place, from, expired, expiry));
    }

    /// The place held for `call`, if it was offered here and did not expire.
    Optional<Offered> claim(CallId call) {
        var found = Optional.ofNullable(offered.remove(call));
        found.ifPresent(held -> held.expiry().cancel());
        return found;
    }
}
