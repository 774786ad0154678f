package dev.sotto.server.web;

import dev.sotto.core.Meter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.DoubleStream;

/// The core's [Meter] over Micrometer, scraped in Prometheus' text format. Thread-safe.
public final class MicrometerMeter implements Meter, AutoCloseable {
    private static final String PREFIX = "sotto.";
    private static final double FIRST_BUCKET_MICROS = 20;
    private static final double BUCKET_STEP = 1.2;
    private static final double LAST_BUCKET_MICROS = 10_000_000;
    /// From 20 us to 10 s, each a fifth above the one before. The counts only grow and forget nothing, so that whoever
    /// scrapes twice has every duration between, each to a fifth.
    private static final Duration[] BUCKETS = DoubleStream.iterate(
                    FIRST_BUCKET_MICROS, micros -> micros <= LAST_BUCKET_MICROS, micros -> micros * BUCKET_STEP)
            .mapToObj(micros -> Duration.ofNanos(Math.round(micros) * 1_000))
            .toArray(Duration[]::new);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    // Names come from constants, so these are small.
    private final ConcurrentHashMap<String, Counter> counters = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Timer> timers = new ConcurrentHashMap<>();
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /// Registers the values of the JVM itself.
    void bindJvm() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    @Override
    public void count(String name, long amount) {
        counters.computeIfAbsent(name, each -> registry.counter(PREFIX + each)).increment((double) amount);
    }

    @Override
    public void time(String name, Duration duration) {
        timers.computeIfAbsent(
                        name,
                        each -> Timer.builder(PREFIX + each)
                                .serviceLevelObjectives(BUCKETS)
                                .register(registry))
                .record(duration);
    }

    @Override
    public void gauge(String name, LongSupplier source) {
        Gauge.builder(PREFIX + name, source, value -> (double) value.getAsLong())
                .strongReference(true)
                .register(registry);
    }

    /// Everything measured, as Prometheus reads it.
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
