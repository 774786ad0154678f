package dev.sotto.server.web;

import dev.sotto.core.Meter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.LongSupplier;

/// The core's [Meter] over Micrometer, scraped in Prometheus' text format. Thread-safe.
public final class MicrometerMeter implements Meter, AutoCloseable {
    private static final String PREFIX = "sotto.";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
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
        registry.counter(PREFIX + name).increment((double) amount);
    }

    @Override
    public void time(String name, Duration duration) {
        registry.timer(PREFIX + name).record(duration);
    }

    @Override
    public void gauge(String name, LongSupplier source) {
        Gauge.builder(PREFIX + name, source, value -> (double) value.getAsLong())
                .strongReference(true)
                .register(registry);
    }

    /// Everything measured, as Prometheus reads it.
    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
