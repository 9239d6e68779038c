package io.tollgate.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Random ids, but for the spans that are made within {@link #root}. Safe for use by many threads. */
final class JobIdGenerator implements IdGenerator {
    private final IdGenerator random = IdGenerator.random();
    private static final ThreadLocal<@Nullable TraceId> ROOT = new ThreadLocal<>();

    /** Makes the root span of a trace. */
    Span root(TraceId id, Supplier<Span> make) {
        ROOT.set(id);
        try {
            return make.get();
        } finally {
            ROOT.remove();
        }
    }

    @Override
    public String generateTraceId() {
        TraceId id = ROOT.get();
        return id == null ? random.generateTraceId() : id.trace();
    }

    @Override
    public String generateSpanId() {
        TraceId id = ROOT.get();
        return id == null ? random.generateSpanId() : id.root();
    }
}
