package dev.sotto.server.web;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Lets a key through so many times in a window. Keeps a bounded number of keys; when full, the one unused for
/// longest is forgotten. Thread-safe.
final class Throttle {
    private final int limit;
    private final Duration window;
    private final Clock clock;
    private final Map<String, Count> counts;

    Throttle(int limit, Duration window, int keys, Clock clock) {
        this.limit = limit;
        this.window = window;
        this.clock = clock;
        this.counts = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
                return size() > keys;
            }
        };
    }

    /// Counts one more for `key` and says whether it is within the limit.
    synchronized boolean tryAcquire(String key) {
        Instant now = clock.instant();
        Count count = counts.get(key);
        if (count == null || !now.isBefore(count.until())) {
            counts.put(key, new Count(1, now.plus(window)));
            return true;
        }
        counts.put(key, new Count(Math.min(count.used() + 1, limit + 1), count.until()));
        return count.used() < limit;
    }

    /// Forgets what was counted for `key`.
    synchronized void reset(String key) {
        counts.remove(key);
    }

    synchronized int size() {
        return counts.size();
    }

    private record Count(int used, Instant until) {}
}
