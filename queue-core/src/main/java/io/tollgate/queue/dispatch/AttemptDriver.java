package io.tollgate.queue.dispatch;

import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.Progress;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Drives one attempt from its claim to its end, without a thread of its own.
 *
 * <p>Everything that happens to the attempt is a step, and steps run one after the other: a step begins when the one
 * before it is complete, so what is stored comes in the order in which it happened. Fields that only steps touch need
 * no lock. Wishes from outside (stop, abandon) are flags that the next step sees.
 */
final class AttemptDriver implements RunListener {
    private static final Duration FIRST_STORE_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_STORE_RETRY = Duration.ofSeconds(10);

    private final Dispatch.Tools tools;
    private final Drivers drivers;
    private final QueuedJob job;
    private final Attempt attempt;
    private final AttemptRef ref;
    private final Optional<GenerationBackend> backend;
    private final Optional<Workflow> workflow;

    private final ReentrantLock lock = new ReentrantLock();
    private CompletionStage<Void> tail = done();

    private volatile boolean cancelAsked;
    private volatile boolean over;
    private volatile RunId runId;
    private volatile boolean begun;
    private volatile Timers.Timer timeLimit = Timers.Timer.NONE;
    private boolean timedOut;
    private boolean watched;
    private boolean startNoted;

    AttemptDriver(Claimed claimed, Dispatch.Tools tools, Drivers drivers) {
        this.tools = tools;
        this.drivers = drivers;
        this.job = claimed.job();
        this.attempt = claimed.attempt();
        this.ref = attempt.ref();
        this.runId = attempt.runId();
        this.backend = tools.backends().find(attempt.backend());
        this.workflow = tools.catalogue().get().find(job.spec().workflow());
        this.cancelAsked = job.kind() == JobState.Kind.CANCELING;
    }

    AttemptRef ref() {
        return ref;
    }

    QueuedJob job() {
        return job;
    }

    /** Begins a fresh attempt. */
    void begin() {
        step("submitting", () -> cancelAsked ? endCanceled() : submit());
    }

    /** Goes on with an attempt that an earlier process, or another node, began. */
    void resume() {
        step("looking for the run", () -> look(0));
    }

    /** Asks for the run to be stopped. */
    void cancel() {
        cancelAsked = true;
        step("canceling", this::cancelRun);
    }

    /** Stops driving: somebody else does, or an operator ended the job. Leaves the run to whoever drives it. */
    void abandon(boolean stopRun) {
        leave();
        if (stopRun) {
            backend.ifPresent(b -> b.cancel(runId));
        }
    }

    // ---- steps

    private void step(String what, Supplier<CompletionStage<Void>> body) {
        lock.lock();
        try {
            tail = tail.thenComposeAsync(ready -> over ? done() : body.get(), tools.timers())
                    .exceptionally(problem -> {
                        fault(what, problem);
                        return null;
                    });
        } finally {
            lock.unlock();
        }
    }

    private void fault(String what, Throwable problem) {
        tools.events().tell(new JobEvent.Fault(Optional.of(job.id()), what, unwrapped(problem)));
    }

    private static Throwable unwrapped(Throwable problem) {
        return problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
    }

    private CompletionStage<Void> submit() {
        if (backend.isEmpty() || workflow.isEmpty()) {
            return fail(new Failure(Failure.Kind.BAD_WORKFLOW, "its workflow or backend is gone"), List.of());
        }
        Map<String, String> recipe =
                workflow.get().recipes().get(backend.get().capabilities().type());
        if (recipe == null) {
            return fail(
                    new Failure(
                            Failure.Kind.BAD_WORKFLOW,
                            "the workflow has no recipe for "
                                    + backend.get().capabilities().type() + " any more"),
                    List.of());
        }
        RunRequest request =
                new RunRequest(runId, job.spec().workflow(), recipe, job.spec().inputs(), tools.media()::open);
        return answered(backend.get().submit(request, this))
                .handleAsync(this::answeredOrNot, tools.timers())
                .thenCompose(this::submitted);
    }

    /** The answer, or a {@link TimeoutException} if the backend takes too long. */
    private CompletionStage<Submission> answered(CompletionStage<Submission> answer) {
        CompletableFuture<Submission> first = answer.toCompletableFuture().copy();
        Duration span = tools.settings().submitTimeout();
        Timers.Timer alarm = tools.timers()
                .after(
                        span,
                        "waiting for an answer",
                        () -> first.completeExceptionally(
                                new TimeoutException("no answer in " + span.toSeconds() + " s")));
        return first.whenComplete((done, problem) -> alarm.cancel());
    }

    private Submission answeredOrNot(@Nullable Submission answer, @Nullable Throwable problem) {
        if (answer != null) {
            return answer;
        }
        Throwable cause = unwrapped(Objects.requireNonNull(problem));
        if (!(cause instanceof TimeoutException)) {
            fault("submitting", cause);
        }
        return new Submission.Unclear(String.valueOf(cause.getMessage()));
    }

    private CompletionStage<Void> submitted(Submission answer) {
        if (answer instanceof Submission.Accepted accepted) {
            return accepted(accepted.runId());
        } else if (answer instanceof Submission.Rejected rejected) {
            return fail(rejected.failure(), List.of());
        } else if (answer instanceof Submission.Unreachable unreachable) {
            tools.backends().unreachable(attempt.backend(), unreachable.reason());
            return fail(new Failure(Failure.Kind.UNREACHABLE, unreachable.reason()), List.of());
        }
        return mark(Attempt.Phase.UNKNOWN, Optional.empty()).thenCompose(done -> look(0));
    }

    private CompletionStage<Void> accepted(RunId knownAs) {
        Optional<RunId> other = knownAs.equals(runId) ? Optional.empty() : Optional.of(knownAs);
        runId = knownAs;
        // a run that began before the answer is noted as begun in one go
        Attempt.Phase phase = begun ? Attempt.Phase.STARTED : Attempt.Phase.SUBMITTED;
        return mark(phase, other).thenCompose(done -> {
            startNoted |= phase == Attempt.Phase.STARTED;
            watch();
            return cancelAsked ? cancelRun() : done();
        });
    }

    /** Looks for the run; what isn't found twice, with a grace between, is lost. */
    private CompletionStage<Void> look(int misses) {
        if (backend.isEmpty()) {
            // its backend is configured no more: nobody can be asked, an operator decides
            return mark(Attempt.Phase.UNKNOWN, Optional.empty());
        }
        return backend.get()
                .find(runId)
                .handle((found, problem) -> problem == null ? found : RunLookup.UNREACHABLE)
                .thenCompose(found -> over
                        ? done()
                        : switch (found) {
                            case KNOWN -> {
                                backend.get().attach(runId, this);
                                yield accepted(runId);
                            }
                            case NOT_KNOWN ->
                                misses == 0
                                        ? later(tools.settings().lookGrace(), () -> look(1))
                                        : finish(new RunOutcome.Lost());
                            case UNREACHABLE -> {
                                tools.backends().unreachable(attempt.backend(), "it does not answer");
                                yield mark(Attempt.Phase.UNKNOWN, Optional.empty())
                                        .thenCompose(
                                                done -> later(tools.settings().lookAgain(), () -> look(misses)));
                            }
                        });
    }

    private CompletionStage<Void> later(Duration wait, Supplier<CompletionStage<Void>> body) {
        CompletableFuture<Void> woken = new CompletableFuture<>();
        Timers.Timer unused = schedule(wait, () -> woken.complete(null));
        return woken.thenCompose(now -> over ? done() : body.get());
    }

    /** Stops the run if it takes longer than its workflow allows, and keeps an eye on it from then on. */
    private void watch() {
        if (watched || workflow.isEmpty()) {
            return;
        }
        watched = true;
        timeLimit = schedule(
                workflow.get().timeout(),
                () -> step("stopping at the time limit", () -> {
                    timedOut = true;
                    return cancelRun();
                }));
    }

    private Timers.Timer schedule(Duration wait, Runnable body) {
        return tools.timers().after(wait, "driving job " + job.id(), body);
    }

    private CompletionStage<Void> cancelRun() {
        if (backend.isEmpty()) {
            return done();
        }
        // what the backend makes of it is heard as the run's end; when it stays silent, the run is looked for
        Timers.Timer unused = schedule(
                tools.settings().lookAgain(), () -> step("looking for a run that should have stopped", () -> look(0)));
        return backend.get().cancel(runId);
    }

    // ---- what the backend tells

    @Override
    public void started() {
        begun = true;
        step("noting the start", () -> startNoted ? done() : mark(Attempt.Phase.STARTED, Optional.empty()));
    }

    @Override
    public void progress(Progress progress) {
        if (!over) {
            tools.events().tell(new JobEvent.Progressed(job.id(), attempt.number(), progress));
        }
    }

    @Override
    public void ended(RunOutcome outcome) {
        step("ending", () -> finish(outcome));
    }

    private CompletionStage<Void> finish(RunOutcome outcome) {
        if (outcome instanceof RunOutcome.Succeeded succeeded) {
            return succeeded.outputs().isEmpty()
                    ? fail(new Failure(Failure.Kind.BACKEND, "it ran but made no output"), List.of())
                    : store(succeeded.outputs())
                            .thenCompose(stored -> stored.failure().isPresent()
                                    ? fail(stored.failure().get(), List.of())
                                    : succeed(stored.outputs()));
        } else if (outcome instanceof RunOutcome.Failed failed) {
            return store(failed.outputs()).thenCompose(stored -> fail(failed.failure(), stored.outputs()));
        } else if (outcome instanceof RunOutcome.Lost) {
            return fail(new Failure(Failure.Kind.LOST, "its backend forgot the run"), List.of());
        }
        return endCanceled();
    }

    private CompletionStage<Void> endCanceled() {
        return fail(
                timedOut
                        ? new Failure(Failure.Kind.TIMEOUT, "it ran longer than its workflow allows")
                        : new Failure(Failure.Kind.BACKEND, "it was stopped at its backend"),
                List.of());
    }

    /** Outputs that are stored, or why they aren't. */
    private record Stored(List<Output> outputs, Optional<Failure> failure) {}

    private CompletionStage<Stored> store(List<Produced> produced) {
        Executor io = tools.io();
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return new Stored(tools.shelf().store(job, produced), Optional.empty());
                    } catch (IOException | RuntimeException e) {
                        fault("storing outputs", e);
                        return new Stored(
                                List.of(),
                                Optional.of(new Failure(Failure.Kind.STORAGE, "its outputs could not be stored")));
                    }
                },
                io);
    }

    private CompletionStage<Void> succeed(List<Output> outputs) {
        int expected = workflow.map(Workflow::outputs).orElse(outputs.size());
        return end(new JobCommand.Succeed(ref, outputs, expected, owed()));
    }

    private CompletionStage<Void> fail(Failure failure, List<Output> outputs) {
        int expected = workflow.map(Workflow::outputs).orElse(Math.max(1, outputs.size()));
        RetryPolicy retry = workflow.map(Workflow::retry).orElse(RetryPolicy.DEFAULT);
        return end(new JobCommand.Fail(
                ref, failure, outputs, expected, retry, tools.random().nextDouble(), owed()));
    }

    private List<DeliveryId> owed() {
        return Stream.generate(() -> new DeliveryId(tools.ids().next()))
                .limit(job.spec().targets().size())
                .toList();
    }

    private CompletionStage<Void> end(JobCommand<DriveResult> command) {
        return stored(command, FIRST_STORE_RETRY).thenAccept(result -> {
            leave();
            backend.ifPresent(b -> b.forget(runId));
        });
    }

    private void leave() {
        over = true;
        timeLimit.cancel(); // or it would keep this and its job in memory until then
        drivers.left(this);
    }

    private CompletionStage<Void> mark(Attempt.Phase phase, Optional<RunId> knownAs) {
        return stored(new JobCommand.Mark(ref, phase, knownAs), FIRST_STORE_RETRY)
                .thenAccept(result -> {
                    if (result instanceof DriveResult.LeaseLost) {
                        abandon(false);
                    }
                });
    }

    /** Stores what happened, for as long as it takes: a run's end is not forgotten because a database was away. */
    private CompletionStage<DriveResult> stored(JobCommand<DriveResult> command, Duration wait) {
        return tools.store()
                .execute(command)
                .handle((result, problem) -> {
                    if (problem == null) {
                        return CompletableFuture.completedStage(result);
                    }
                    Throwable cause = unwrapped(problem);
                    fault("storing what became of the run", cause);
                    if (over || !(cause instanceof StoreUnavailableException)) {
                        return CompletableFuture.<DriveResult>failedStage(cause);
                    }
                    CompletableFuture<Void> woken = new CompletableFuture<>();
                    Timers.Timer unused = schedule(wait, () -> woken.complete(null));
                    Duration doubled = wait.multipliedBy(2);
                    Duration next = doubled.compareTo(LAST_STORE_RETRY) > 0 ? LAST_STORE_RETRY : doubled;
                    return woken.thenCompose(now -> stored(command, next));
                })
                .thenCompose(stage -> stage);
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
