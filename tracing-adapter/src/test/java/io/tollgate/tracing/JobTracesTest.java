package io.tollgate.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.JobEvents;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class JobTracesTest {
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

    private final House house = new House();
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final Tracing tracing = tracing(1);

    private Tracing tracing(double sample) {
        TracingSettings settings = new TracingSettings(
                URI.create("http://127.0.0.1:4318/v1/traces"), Optional.empty(), sample, "tollgate", "0");
        return new Tracing(settings, SimpleSpanProcessor.create(spans), house.clock);
    }

    @AfterEach
    void close() {
        house.close();
        tracing.close();
    }

    /** Refuses the first message, takes the others. */
    private static final class Post implements DeliveryChannel {
        private boolean refused;

        @Override
        public String name() {
            return "post";
        }

        @Override
        public void check(String address) {
            // any will do
        }

        @Override
        public CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record) {
            Outcome outcome = refused ? new Outcome.Delivered() : new Outcome.Failed("busy", false);
            refused = true;
            return CompletableFuture.completedFuture(outcome);
        }
    }

    private SpanData span(String name) {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among " + names()));
    }

    private List<String> names() {
        return spans.getFinishedSpanItems().stream().map(SpanData::getName).toList();
    }

    private static Instant time(long nanos) {
        return Instant.EPOCH.plusNanos(nanos);
    }

    @Test
    void on_fromSubmissionToDelivery_isOneTraceNamedLikeTheJob() {
        Tollgate node = house.open(builder -> builder.workflows(House.draw())
                .backend(house.gpu)
                .channel(new Post())
                .listener(tracing.jobs()));
        house.credit(House.ANN, 100);
        JobHandle job = house.submit(
                node, JobRequest.of(House.ANN, "draw").deliveredTo(new DeliveryTarget("post", "ann's door")));
        house.advance(Duration.ofSeconds(1));
        house.gpu.fail(house.gpu.only(), Failure.Kind.OUT_OF_MEMORY);
        house.advance(Duration.ofMinutes(5));
        house.gpu.start(house.gpu.only());
        house.advance(Duration.ofSeconds(4));
        house.gpu.succeed(house.gpu.only(), "boat.png");
        house.advance(Duration.ofMinutes(5));

        assertThat(names()).containsExactlyInAnyOrder("wait", "attempt", "attempt", "run", "job draw", "deliver post");
        String trace = job.id().toString().replace("-", "");
        SpanData root = span("job draw");
        assertThat(spans.getFinishedSpanItems())
                .allSatisfy(span -> assertThat(span.getTraceId()).isEqualTo(trace));
        assertThat(root.getSpanId()).isEqualTo(trace.substring(16));
        assertThat(root.getParentSpanId()).isEqualTo(SpanId.getInvalid());
        for (String name : List.of("wait", "attempt", "deliver post")) {
            assertThat(span(name).getParentSpanId()).as(name).isEqualTo(root.getSpanId());
        }
        SpanData failed = span("attempt");
        assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(failed.getAttributes().get(ERROR)).isEqualTo("out_of_memory");
        SpanData run = span("run");
        assertThat(run.getEndEpochNanos() - run.getStartEpochNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(4));
        assertThat(run.getParentSpanId()).isNotIn(root.getSpanId(), failed.getSpanId());
        assertThat(time(root.getStartEpochNanos()))
                .isEqualTo(house.record(job.id()).job().spec().createdAt());
        assertThat(time(root.getEndEpochNanos()))
                .isEqualTo(house.record(job.id()).job().endedAt().orElseThrow());
        assertThat(root.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(span("deliver post").getAttributes().get(AttributeKey.longKey("tollgate.delivery.tries")))
                .isEqualTo(2);
    }

    @Test
    void on_everyKindOfEvent_neitherThrowsNorTellsWhoOrWhat() {
        for (JobEvent event : new JobEvents().story()) {
            tracing.jobs().on(event);
        }

        assertThat(spans.getFinishedSpanItems()).hasSizeGreaterThan(5);
        assertThat(spans.getFinishedSpanItems())
                .flatExtracting(span -> span.getAttributes().asMap().values())
                .extracting(Object::toString)
                .noneMatch(value -> value.contains(JobEvents.PROMPT) || value.equals("ann"));
        Set<String> ids = new HashSet<>();
        assertThat(spans.getFinishedSpanItems())
                .allMatch(span -> ids.add(span.getTraceId() + span.getSpanId()), "has an id of its own");
    }

    @Test
    void on_messagesThatAreStillOwed_makesNothing() {
        Set<Delivery.State> seen = EnumSet.noneOf(Delivery.State.class);
        for (JobEvent event : new JobEvents().story()) {
            if (event instanceof JobEvent.DeliveryChanged changed
                    && changed.delivery().state().isOwed()) {
                seen.add(changed.delivery().state());
                tracing.jobs().on(event);
            }
        }

        assertThat(seen).containsExactly(Delivery.State.PENDING, Delivery.State.WAITING);
        assertThat(spans.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void on_aSuccessAfterTheEnd_makesNoSecondRoot() {
        JobEvent.Ended ended = new JobEvents()
                .story().stream()
                        .filter(event ->
                                event instanceof JobEvent.Ended one && one.job().kind() == JobState.Kind.SUCCEEDED)
                        .map(JobEvent.Ended.class::cast)
                        .findFirst()
                        .orElseThrow();
        tracing.jobs().on(ended);
        SpanData root = spans.getFinishedSpanItems().stream()
                .filter(span -> span.getName().startsWith("job "))
                .findFirst()
                .orElseThrow();

        tracing.jobs().on(new JobEvent.Ended(ended.job(), Optional.empty(), ended.outputs()));

        assertThat(names()).filteredOn(name -> name.startsWith("job ")).hasSize(1);
        assertThat(span("late").getParentSpanId()).isEqualTo(root.getSpanId());
        assertThat(span("late").getSpanId()).isNotEqualTo(root.getSpanId());
    }

    @Test
    void on_jobsThatAreNotSampled_makesNothing() {
        try (Tracing none = tracing(0)) {
            new JobEvents().story().forEach(none.jobs()::on);
        }

        assertThat(spans.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void lot_ofManyJobs_isEven() {
        CountingIds ids = new CountingIds();
        int jobs = 10_000;
        int below = 0;
        for (int i = 0; i < jobs; i++) {
            UUID id = i % 2 == 0 ? ids.next() : UUID.randomUUID();
            below += new TraceId(new JobId(id)).lot() < 0.3 ? 1 : 0;
        }

        assertThat(below / (double) jobs).isCloseTo(0.3, within(0.03));
    }
}
