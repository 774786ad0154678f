package dev.sotto.simulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Faults that a test asked for, each used up by one answer of its service, in order. Thread-safe.
final class FaultBox {
    private static final int MOST = 10_000;

    private final Map<Service, Deque<Fault>> waiting = new EnumMap<>(Service.class);

    FaultBox() {
        for (Service service : Service.values()) {
            waiting.put(service, new ArrayDeque<>());
        }
    }

    void inject(Service service, Fault fault, int times) {
        synchronized (waiting) {
            var queue = queue(service);
            if (times < 1 || times > MOST - queue.size()) {
                throw new IllegalArgumentException("times (%d) must be 1 to %d".formatted(times, MOST - queue.size()));
            }
            for (int i = 0; i < times; i++) {
                queue.addLast(fault);
            }
        }
    }

    /// The next fault of that service, which is then gone.
    @Nullable
    Fault take(Service service) {
        synchronized (waiting) {
            return queue(service).pollFirst();
        }
    }

    void clear() {
        synchronized (waiting) {
            waiting.values().forEach(Deque::clear);
        }
    }

    private Deque<Fault> queue(Service service) {
        return waiting.computeIfAbsent(service, _ -> new ArrayDeque<>());
    }
}
