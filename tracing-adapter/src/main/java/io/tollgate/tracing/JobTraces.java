package io.tollgate.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.QueuedJob;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Makes spans of what happens to jobs: {@code job} from submission to end, and within it {@code wait} until the first
 * claim, {@code attempt} with its {@code run} for each try at a backend, and {@code deliver} for each message until it
 * is delivered or dead; {@code late} when it succeeds after it was given up. Each is made when it is over, of times
 * that are stored: nothing is kept of jobs that wait, and a trace goes on after a restart. Who a job is for is not
 * told. Safe for use by many threads.
 */
public final class JobTraces implements JobListener {
    private static final AttributeKey<String> JOB = AttributeKey.stringKey("tollgate.job.id");
    private static final AttributeKey<String> WORKFLOW = AttributeKey.stringKey("tollgate.workflow");
    private static final AttributeKey<String> MODEL = AttributeKey.stringKey("tollgate.model");
    private static final AttributeKey<String> QUEUE = AttributeKey.stringKey("tollgate.queue");
    private static final AttributeKey<String> LANE = AttributeKey.stringKey("tollgate.lane");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("tollgate.outcome");
    private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("tollgate.attempt");
    private static final AttributeKey<Long> OUTPUTS = AttributeKey.longKey("tollgate.outputs");
    private static final AttributeKey<String> BACKEND = AttributeKey.stringKey("tollgate.backend");
    private static final AttributeKey<String> RUN = AttributeKey.stringKey("tollgate.run.id");
    private static final AttributeKey<String> CHANNEL = AttributeKey.stringKey("tollgate.delivery.channel");
    private static final AttributeKey<String> EVENT = AttributeKey.stringKey("tollgate.delivery.event");
    private static final AttributeKey<Long> TRIES = AttributeKey.longKey("tollgate.delivery.tries");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

    private final Tracer tracer;
    private final JobIdGenerator ids;
    private final double sample;
    private final InstantSource clock;

    /**
     * @param ids the generator of the tracer's provider
     * @param sample which part of the jobs is traced, 0 to 1
     */
    JobTraces(Tracer tracer, JobIdGenerator ids, double sample, InstantSource clock) {
        this.tracer = tracer;
        this.ids = ids;
        this.sample = sample;
        this.clock = clock;
    }

    @Override
    public void on(JobEvent event) {
        if (event instanceof JobEvent.Claimed claimed) {
            if (claimed.attempt().number() == 1 && isTraced(claimed.job().id())) {
                child(claimed.job().id(), "wait", claimed.job().spec().createdAt())
                        .startSpan()
                        .end(claimed.attempt().claimedAt());
            }
        } else if (event instanceof JobEvent.Retrying retrying) {
            retrying.attempt().filter(last -> isTraced(last.job())).ifPresent(this::attempt);
        } else if (event instanceof JobEvent.Ended ended) {
            if (isTraced(ended.job().id())) {
                ended.attempt().ifPresent(this::attempt);
                if (ended.isLate()) {
                    late(ended.job(), ended.outputs().size());
                } else {
                    job(ended.job(), ended.outputs().size());
                }
            }
        } else if (event instanceof JobEvent.DeliveryChanged changed) {
            Delivery delivery = changed.delivery();
            if (!delivery.state().isOwed() && isTraced(delivery.job())) {
                delivery(delivery);
            }
        }
    }

    private boolean isTraced(JobId job) {
        return new TraceId(job).lot() < sample;
    }

    private void job(QueuedJob job, int outputs) {
        JobSpec spec = job.spec();
        TraceId id = new TraceId(job.id());
        Span span = ids.root(
                id,
                () -> tracer.spanBuilder("job " + spec.workflow())
                        .setNoParent()
                        .setSpanKind(SpanKind.CONSUMER)
                        .setStartTimestamp(spec.createdAt())
                        .setAttribute(JOB, job.id().toString())
                        .setAttribute(WORKFLOW, spec.workflow().value())
                        .setAttribute(MODEL, spec.model().value())
                        .setAttribute(QUEUE, spec.queue().value())
                        .setAttribute(LANE, job.lane().word())
                        .setAttribute(OUTCOME, job.kind().word())
                        .setAttribute(ATTEMPT, (long) job.attempts())
                        .setAttribute(OUTPUTS, (long) outputs)
                        .startSpan());
        if (job.state() instanceof JobState.Failed failed) {
            failed(span, failed.failure());
        }
        span.end(job.endedAt().orElseGet(clock::instant));
    }

    /** The job's own span was made at its first end, and there is one of its id. */
    private void late(QueuedJob job, int outputs) {
        Instant at = job.endedAt().orElseGet(clock::instant);
        child(job.id(), "late", at)
                .setAttribute(OUTCOME, job.kind().word())
                .setAttribute(OUTPUTS, (long) outputs)
                .startSpan()
                .end(at);
    }

    private void attempt(Attempt attempt) {
        Instant end = attempt.endedAt().orElseGet(clock::instant);
        Span span = child(attempt.job(), "attempt", attempt.claimedAt())
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute(ATTEMPT, (long) attempt.number())
                .setAttribute(BACKEND, attempt.backend().value())
                .setAttribute(RUN, attempt.runId().toString())
                .startSpan();
        attempt.startedAt()
                .ifPresent(start -> tracer.spanBuilder("run")
                        .setParent(Context.root().with(span))
                        .setStartTimestamp(start)
                        .startSpan()
                        .end(end));
        Optional<Failure> failure = attempt.failure();
        failure.ifPresent(why -> failed(span, why));
        span.end(end);
    }

    private void delivery(Delivery delivery) {
        Span span = child(delivery.job(), "deliver " + delivery.target().channel(), delivery.createdAt())
                .setSpanKind(SpanKind.PRODUCER)
                .setAttribute(CHANNEL, delivery.target().channel())
                .setAttribute(EVENT, delivery.event().word())
                .setAttribute(TRIES, (long) delivery.tries())
                .startSpan();
        if (delivery.state() == Delivery.State.DEAD) {
            span.setStatus(StatusCode.ERROR).setAttribute(ERROR, "dead_letter");
        }
        span.end(clock.instant());
    }

    private static void failed(Span span, Failure failure) {
        span.setStatus(StatusCode.ERROR, failure.message())
                .setAttribute(ERROR, failure.kind().code());
    }

    /** A span that hangs on the job's, whether that was made yet or will be at its end. */
    private SpanBuilder child(JobId job, String name, Instant start) {
        TraceId id = new TraceId(job);
        SpanContext parent = SpanContext.createFromRemoteParent(
                id.trace(), id.root(), TraceFlags.getSampled(), TraceState.getDefault());
        return tracer.spanBuilder(name)
                .setParent(Context.root().with(Span.wrap(parent)))
                .setStartTimestamp(start);
    }
}
