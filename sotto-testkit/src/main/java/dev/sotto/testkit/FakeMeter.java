package dev.sotto.testkit;

import dev.sotto.core.Meter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// Keeps what was counted so that a test can ask. Thread-safe.
public final class FakeMeter implements Meter {
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
    private final Map<String, List<Duration>> times = new ConcurrentHashMap<>();
    private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

    @Override
    public void count(String name, long amount) {
        counts.computeIfAbsent(name, _ -> new LongAdder()).add(amount);
    }

    @Override
    public void time(String name, Duration duration) {
        times.computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>()).add(duration);
    }

    @Override
    public void gauge(String name, LongSupplier source) {
        gauges.put(name, source);
    }

    public long counted(String name) {
        var adder = counts.get(name);
        return adder == null ? 0 : adder.sum();
    }

    public List<Duration> timed(String name) {
        return List.copyOf(times.getOrDefault(name, List.of()));
    }

    /// The value of a registered gauge now.
    public long gauged(String name) {
        var source = gauges.get(name);
        if (source == null) {
            throw new AssertionError("no gauge named " + name);
        }
        return source.getAsLong();
    }
}
