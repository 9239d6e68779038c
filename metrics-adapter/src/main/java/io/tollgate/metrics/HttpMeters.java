package io.tollgate.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Measures the HTTP server's calls. Safe for use by many threads. */
public final class HttpMeters {
    /** Others are whatever somebody sent. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final Labels labels = new Labels();
    private final AtomicInteger streams = new AtomicInteger();
    private final MeterProvider<Timer> requests;
    private final MeterProvider<Counter> limited;

    public HttpMeters(MeterRegistry registry) {
        requests = Timer.builder("tollgate.http.requests")
                .description("HTTP calls, from the first byte to the last.")
                .serviceLevelObjectives(Buckets.CALL)
                .withRegistry(registry);
        limited = Counter.builder("tollgate.http.limited")
                .description("HTTP calls that were turned down by a limit.")
                .withRegistry(registry);
        Gauge.builder("tollgate.http.streams", streams, AtomicInteger::get)
                .description("Streams of events that are open.")
                .strongReference(true)
                .register(registry);
    }

    /**
     * A call was answered.
     *
     * @param route the template of its path
     */
    public void answered(String method, String route, int status, Duration took) {
        requests.withTags(
                        "method", METHODS.contains(method) ? method : Labels.OTHER,
                        "route", labels.bounded("route", route),
                        "status", labels.bounded("status", String.valueOf(status)))
                .record(took);
    }

    /** A call was turned down by a limit. */
    public void limited(String reason) {
        limited.withTags("reason", labels.bounded("reason", reason)).increment();
    }

    /** So many streams more are open. */
    public void streams(int by) {
        streams.addAndGet(by);
    }
}
