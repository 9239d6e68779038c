package io.tollgate.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.IntSupplier;

/** Measures a store's transactions. Told of one after the other, by its one writer's thread. */
public final class StoreMeters {
    private final MeterRegistry registry;
    private final DistributionSummary batch;
    private final MeterProvider<Timer> commit;
    private Timer.Sample running;

    /** @param waiting how many commands wait now */
    public StoreMeters(MeterRegistry registry, IntSupplier waiting) {
        this.registry = registry;
        running = Timer.start(registry);
        batch = DistributionSummary.builder("tollgate.store.batch.commands")
                .description("How many commands shared a transaction.")
                .serviceLevelObjectives(Buckets.BATCH)
                .register(registry);
        commit = Timer.builder("tollgate.store.commit")
                .description(
                        "From taking commands to the end of their transaction, on the disk if it changed anything.")
                .serviceLevelObjectives(Buckets.CALL)
                .withRegistry(registry);
        Gauge.builder("tollgate.store.waiting.commands", waiting::getAsInt)
                .description("Commands that wait for the writer.")
                .register(registry);
    }

    /** A transaction of so many commands begins. */
    public void began(int commands) {
        batch.record(commands);
        running = Timer.start(registry);
    }

    /** It is over: committed, unchanged or failed. */
    public void ended(String result) {
        running.stop(commit.withTags("result", result));
    }
}
