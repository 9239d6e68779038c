package io.tollgate.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Sends traces to a collector, many at a time and on a thread of the library's. When the collector can't keep up or
 * isn't there, spans are dropped: nothing waits for it. Safe for use by many threads.
 */
public final class Tracing implements AutoCloseable {
    private static final String SCOPE = "io.tollgate";
    private static final Duration SEND_WITHIN = Duration.ofSeconds(10);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
    private static final int SPANS_IN_LINE = 8_192;

    private final SdkTracerProvider provider;
    private final JobTraces jobs;

    /** Begins to send what {@link #jobs} hears. */
    public Tracing(TracingSettings settings, InstantSource clock) {
        this(
                settings,
                BatchSpanProcessor.builder(exporter(settings))
                        .setMaxQueueSize(SPANS_IN_LINE)
                        .build(),
                clock);
    }

    Tracing(TracingSettings settings, SpanProcessor processor, InstantSource clock) {
        JobIdGenerator ids = new JobIdGenerator();
        provider = SdkTracerProvider.builder()
                .setIdGenerator(ids)
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"), settings.service(),
                        AttributeKey.stringKey("service.version"), settings.version())))
                .addSpanProcessor(processor)
                .build();
        jobs = new JobTraces(provider.get(SCOPE), ids, settings.sample(), clock);
    }

    private static OtlpHttpSpanExporter exporter(TracingSettings settings) {
        OtlpHttpSpanExporterBuilder builder = OtlpHttpSpanExporter.builder()
                .setEndpoint(settings.endpoint().toString())
                .setCompression("gzip")
                .setTimeout(SEND_WITHIN);
        settings.authorization().ifPresent(value -> builder.addHeader("Authorization", value));
        return builder.build();
    }

    /** What is to hear of jobs. */
    public JobTraces jobs() {
        return jobs;
    }

    /** Sends what is left, for a short while. */
    @Override
    public void close() {
        provider.shutdown().join(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    }
}
