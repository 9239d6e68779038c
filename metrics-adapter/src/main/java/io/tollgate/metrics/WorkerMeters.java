package io.tollgate.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.IntSupplier;

/** Measures what workers do that fetch their runs. Safe for use by many threads. */
public final class WorkerMeters {
    private final MeterRegistry registry;
    private final Labels labels = new Labels();
    private final MeterProvider<Counter> claims;
    private final MeterProvider<Counter> handed;
    private final MeterProvider<Counter> lost;

    public WorkerMeters(MeterRegistry registry) {
        this.registry = registry;
        claims = Counter.builder("tollgate.worker.claims")
                .description("Claims of workers that were answered, with runs or with none.")
                .withRegistry(registry);
        handed = Counter.builder("tollgate.worker.runs")
                .description("Runs that were handed to workers.")
                .withRegistry(registry);
        lost = Counter.builder("tollgate.worker.lost")
                .description("Runs that ended without a word of a worker.")
                .withRegistry(registry);
    }

    /** From now on it is measured how many claims wait there and how many workers were heard of lately. */
    public void desk(String backend, IntSupplier waiting, IntSupplier workers) {
        String name = labels.bounded("backend", backend);
        Gauge.builder("tollgate.worker.claims.waiting", waiting, IntSupplier::getAsInt)
                .description("Claims of workers that wait for work.")
                .tags("backend", name)
                .strongReference(true)
                .register(registry);
        Gauge.builder("tollgate.worker.workers", workers, IntSupplier::getAsInt)
                .description("Workers that were heard of within a lease.")
                .tags("backend", name)
                .strongReference(true)
                .register(registry);
    }

    /** A claim was answered with so many runs. */
    public void answered(String backend, int runs) {
        String name = labels.bounded("backend", backend);
        claims.withTags("backend", name, "result", runs == 0 ? "empty" : "handed")
                .increment();
        handed.withTags("backend", name).increment(runs);
    }

    /** A run ended without a word of a worker. */
    public void lost(String backend, String reason) {
        lost.withTags(
                        "backend", labels.bounded("backend", backend),
                        "reason", labels.bounded("reason", reason))
                .increment();
    }
}
