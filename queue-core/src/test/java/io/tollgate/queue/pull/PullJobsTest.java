package io.tollgate.queue.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.dispatch.WaitReason;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.test.House;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs that are done by workers, in whole days that take no time. */
final class PullJobsTest {
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final RunTokens TOKENS = new RunTokens(new byte[32]);
    private static final String BOX = "box-1";

    private final House house = new House();
    private PullBackend desk = newDesk();

    @AfterEach
    void close() {
        house.close();
    }

    private PullBackend newDesk() {
        return new PullBackend(
                new BackendId("desk"),
                Set.of(),
                Set.of(),
                new PullSettings(4, LEASE),
                new PullBackend.Tools(TOKENS, GraphSource.NONE, house.executor, house.clock, PullWatcher.NONE));
    }

    private static Workflow workflow(String name, String model) {
        return new Workflow(
                new WorkflowName(name),
                name,
                "",
                House.IMAGE,
                new ModelName(model),
                Tariff.of(Amount.credits(10)),
                List.of(new InputSpec.Text("prompt", "", false, Optional.of("a boat"), 200)),
                Map.of(PullBackend.TYPE, Map.of()),
                Set.of(),
                Map.of(),
                1,
                Duration.ofHours(10),
                RetryPolicy.DEFAULT);
    }

    private Tollgate open() {
        Tollgate node = house.open(builder -> builder.workflows(workflow("draw", "flux"), workflow("film", "wan"))
                .backend(desk));
        house.credit(House.ANN, 1_000);
        return node;
    }

    private JobId submit(Tollgate node, String workflow) {
        return house.submit(node, JobRequest.of(House.ANN, workflow)).id();
    }

    private CompletionStage<List<Assignment>> ask(int most, String... models) {
        Set<ModelName> only =
                Set.copyOf(List.of(models).stream().map(ModelName::new).toList());
        CompletionStage<List<Assignment>> answer =
                desk.claim(new Claim("key", BOX, only, most, Duration.ofSeconds(30), () -> true));
        house.settle();
        return answer;
    }

    private static List<Assignment> now(CompletionStage<List<Assignment>> answer) {
        return answer.toCompletableFuture().getNow(List.of());
    }

    private static RunId run(CompletionStage<List<Assignment>> answer) {
        assertThat(now(answer)).hasSize(1);
        return now(answer).get(0).request().runId();
    }

    private Heard complete(RunId run) {
        Produced picture = new Produced(
                "boat.png",
                Optional.empty(),
                "image/png",
                () -> new ByteArrayInputStream("a boat".getBytes(StandardCharsets.UTF_8)));
        Heard heard = desk.complete(run, List.of(picture), () -> {});
        house.settle();
        return heard;
    }

    private JobState.Kind kind(JobId job) {
        return house.record(job).job().kind();
    }

    @Test
    void job_withoutAnyWorker_waitsAndTakesNoSlot() {
        Tollgate node = open();

        JobId job = submit(node, "draw");
        house.advance(Duration.ofHours(1));

        assertThat(kind(job)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(node.job(job).orElseThrow().waitReason()).contains(WaitReason.NO_BACKEND_AVAILABLE);
        assertThat(node.operations().backends())
                .extracting(BackendStatus::state)
                .containsExactly(BackendStatus.State.UNREACHABLE);
    }

    @Test
    void job_isHandedToTheWorkerThatAsksAndSettledWhenItIsDone() {
        Tollgate node = open();
        JobId job = submit(node, "draw");

        RunId run = run(ask(1));
        assertThat(kind(job)).isEqualTo(JobState.Kind.RUNNING);
        Heard heard = complete(run);

        assertThat(kind(job)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.record(job).outputs()).hasSize(1);
        assertThat(((Heard.Noted) heard).settled().toCompletableFuture()).isCompletedWithValue(true);
        assertThat(house.memory.audit().clean()).isTrue();
    }

    @Test
    void jobs_areHandedOverAsTheyAreAskedForAndNoFaster() {
        Tollgate node = open();
        List<JobId> jobs = List.of(submit(node, "draw"), submit(node, "draw"), submit(node, "draw"));

        run(ask(1));

        assertThat(jobs)
                .extracting(this::kind)
                .containsExactly(JobState.Kind.RUNNING, JobState.Kind.QUEUED, JobState.Kind.QUEUED);
        house.advance(Duration.ofSeconds(5));
        CompletionStage<List<Assignment>> more = ask(3);
        house.advance(PullBackend.GATHERING);
        assertThat(now(more)).hasSize(2);
    }

    @Test
    void jobs_ofModelsThatOneWorkerWants_goToItAndTheOthersPass() {
        Tollgate node = open();
        CompletionStage<List<Assignment>> film = ask(1, "wan");
        JobId first = submit(node, "draw");
        JobId second = submit(node, "draw");
        assertThat(kind(first)).isEqualTo(JobState.Kind.QUEUED);
        CompletionStage<List<Assignment>> draw = ask(1, "flux");

        JobId third = submit(node, "film");

        assertThat(run(draw)).isEqualTo(runOf(first));
        assertThat(run(film)).isEqualTo(runOf(third));
        assertThat(kind(second)).isEqualTo(JobState.Kind.QUEUED);
    }

    private RunId runOf(JobId job) {
        List<Attempt> attempts = house.record(job).attempts();
        return attempts.get(attempts.size() - 1).runId();
    }

    @Test
    void worker_thatDisappears_losesItsJobToAnotherAttempt() {
        Tollgate node = open();
        JobId job = submit(node, "draw");
        RunId first = run(ask(1));

        house.advance(LEASE.plusSeconds(30));
        RunId second = run(ask(1));
        Heard late = complete(first);

        assertThat(second).isNotEqualTo(first);
        assertThat(late).isEqualTo(new Heard.Over(Heard.End.LOST));
        assertThat(kind(job)).isEqualTo(JobState.Kind.RUNNING);
        complete(second);
        assertThat(kind(job)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.record(job).outputs()).hasSize(1);
        assertThat(house.record(job).job().counted()).isZero();
    }

    @Test
    void worker_thatFails_hasTheJobTriedAgainOrNot() {
        Tollgate node = open();
        JobId job = submit(node, "draw");

        desk.fail(run(ask(1)), new Failure(Failure.Kind.OUT_OF_MEMORY, "too large"));
        house.settle();
        assertThat(kind(job)).isEqualTo(JobState.Kind.QUEUED);
        CompletionStage<List<Assignment>> again = ask(1);
        house.advance(Duration.ofSeconds(29));
        desk.fail(run(again), new Failure(Failure.Kind.BAD_INPUT, "no picture"));
        house.settle();

        assertThat(kind(job)).isEqualTo(JobState.Kind.FAILED);
    }

    @Test
    void cancel_waitsForTheWorkersWord() {
        Tollgate node = open();
        JobHandle handle = house.submit(node, JobRequest.of(House.ANN, "draw"));
        RunId run = run(ask(1));

        node.cancel(House.ANN, handle.id());
        house.settle();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.CANCELING);
        assertThat(desk.heartbeat(run, Optional.empty()))
                .isInstanceOfSatisfying(
                        Heard.Going.class, going -> assertThat(going.cancel()).isTrue());
        assertThat(desk.canceled(run)).isInstanceOf(Heard.Noted.class);
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.CANCELED);
    }

    @Test
    void restart_whileAWorkerWorks_costsNothing() {
        Tollgate node = open();
        JobId job = submit(node, "draw");
        RunId run = run(ask(1));
        house.advance(Duration.ofSeconds(10));
        desk.heartbeat(run, Optional.empty());
        house.stop(node);

        desk = newDesk();
        Tollgate next = open();
        house.advance(Duration.ofSeconds(40));
        assertThat(desk.heartbeat(run, Optional.empty())).isInstanceOf(Heard.Going.class);
        house.advance(Duration.ofSeconds(40));
        complete(run);

        assertThat(kind(job)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.record(job).attempts()).hasSize(1);
        Workers workers = new Workers(List.of(newDesk()), house.memory::find);
        Workers.Shown shown = workers.show(TOKENS.of(job, run), run).orElseThrow();
        assertThat(shown.complete(List.of(), () -> {})).isInstanceOf(Heard.Noted.class);
        assertThat(shown.canceled()).isEqualTo(new Heard.Over(Heard.End.COMPLETED));
        assertThat(next.job(job)).isPresent();
    }

    @Test
    void show_ofAnotherRunsToken_isEmpty() {
        Workers workers = new Workers(List.of(desk), house.memory::find);
        RunId run = RunId.parse("01970000-0000-7000-8000-000000000002");
        RunId other = RunId.parse("01970000-0000-7000-8000-000000000003");
        JobId job = JobId.parse("01970000-0000-7000-8000-000000000001");

        assertThat(workers.show(TOKENS.of(job, other), run)).isEmpty();
        assertThat(workers.show(TOKENS.of(job, run), run).orElseThrow().heartbeat(Optional.empty()))
                .isEqualTo(new Heard.Unknown());
    }
}
