package io.tollgate.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Measures calls to backends that are servers, and whether they are let out. Safe for use by many threads. */
public final class BackendMeters {
    private static final List<String> STATES = List.of("closed", "open", "half_open");

    private final MeterRegistry registry;
    private final Labels labels = new Labels();
    private final MeterProvider<Timer> calls;

    public BackendMeters(MeterRegistry registry) {
        this.registry = registry;
        calls = Timer.builder("tollgate.backend.calls")
                .description("Calls to backends, each try, with the wait for a connection.")
                .serviceLevelObjectives(Buckets.CALL)
                .withRegistry(registry);
    }

    /**
     * A call is over.
     *
     * @param call its route, never an id
     * @param outcome a word
     */
    public void called(String backend, String call, String outcome, Duration took) {
        calls.withTags(
                        "backend", labels.bounded("backend", backend),
                        "call", labels.bounded("call", call),
                        "outcome", labels.bounded("outcome", outcome))
                .record(took);
    }

    /**
     * Shows a backend's circuit from now on.
     *
     * @param state closed, open or half_open; asked at each scrape
     */
    public void circuit(String backend, Supplier<String> state) {
        for (String each : STATES) {
            Gauge.builder("tollgate.backend.circuit", () -> state.get().equals(each) ? 1 : 0)
                    .description("1 for the state that a backend's circuit is in.")
                    .tags("backend", backend, "state", each)
                    .register(registry);
        }
    }
}
