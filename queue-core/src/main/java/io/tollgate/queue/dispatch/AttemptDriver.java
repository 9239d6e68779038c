package io.tollgate.queue.dispatch;

import io.tollgate.credits.ledger.StoreException;
import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Drives one attempt from its claim to its end, without a thread of its own.
 *
 * <p>Everything that happens to the attempt is one of its {@link Steps}. Fields that only steps touch need no lock.
 * Wishes from outside (stop, abandon) are flags that the next step sees. Its phases are noted in their order, but no
 * step waits for that: they are there for people and for whoever takes the attempt up, and a run that ends meanwhile is
 * ended in the same commit.
 */
final class AttemptDriver implements RunListener {
    private static final Duration FIRST_STORE_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_STORE_RETRY = Duration.ofSeconds(10);

    /** How often, and at what distance, outputs are fetched and stored before a run that is done counts as failed. */
    private static final int SHELF_TRIES = 3;

    private static final Duration SHELF_RETRY = Duration.ofSeconds(2);

    /** How long a run may wait at its backend, behind those of other people perhaps. */
    static final Duration WAITS_AT_MOST = Duration.ofHours(6);

    /** How long the next run's submission goes before what this one made is fetched from the same backend. */
    private static final Duration HANDOVER = Duration.ofMillis(10);

    /** How much lies at least between two frames of progress, or two previews, for those who watch. */
    private static final Duration FRAME = Duration.ofMillis(500);

    /** How many defects an attempt survives by looking for its run anew before it is ended. */
    private static final int DEFECTS_AT_MOST = 3;

    /** How long a run is looked for after an operator gave it up. */
    static final Duration LATE_AT_MOST = Duration.ofHours(1);

    private final Dispatch.Tools tools;
    private final Drivers drivers;
    private final QueuedJob job;
    private final Attempt attempt;
    private final AttemptRef ref;
    private final Optional<GenerationBackend> backend;
    private final Optional<Workflow> workflow;

    private final Steps steps;
    private CompletionStage<Void> noted = done();

    private volatile boolean cancelAsked;
    private volatile boolean over;
    private volatile boolean ending;
    private volatile boolean givenUp;
    private volatile boolean late;
    private volatile RunId runId;
    private volatile boolean begun;
    private volatile boolean accepted;
    private volatile boolean recalling;
    private volatile boolean gaveSlotBack;
    private final Latest<Progress> progress;
    private final Latest<Preview> previews;
    private volatile Timers.Timer timeLimit = Timers.Timer.NONE;
    private volatile Timers.Timer nextLook = Timers.Timer.NONE;
    private volatile Timers.Timer patience = Timers.Timer.NONE;
    private boolean timedOut;
    private boolean watchedWaiting;
    private boolean watchedRunning;
    private int defects;
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
        this.steps = new Steps(tools.timers(), this::troubled);
        this.progress = new Latest<>(
                FRAME,
                tools.timers(),
                "telling progress",
                latest -> tools.events().tell(new JobEvent.Progressed(job.id(), attempt.number(), latest)));
        this.previews = new Latest<>(
                FRAME,
                tools.timers(),
                "telling previews",
                latest -> tools.events().tell(new JobEvent.Previewed(job.id(), attempt.number(), latest)));
    }

    AttemptRef ref() {
        return ref;
    }

    QueuedJob job() {
        return job;
    }

    BackendId backend() {
        return attempt.backend();
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

    /** Whether its run waits at its backend and could be taken back to let somebody else go first. */
    boolean isRecallable() {
        return accepted
                && !begun
                && !ending
                && !late
                && !recalling
                && !cancelAsked
                && job.lane() != Lane.VIP
                && !job.promoted();
    }

    /**
     * Takes the run back if it has not begun: its job waits again, where it stood.
     *
     * @return whether it did, once that is known
     */
    CompletionStage<Boolean> recall() {
        recalling = true;
        CompletableFuture<Boolean> recalled = new CompletableFuture<>();
        step(
                "recalling",
                () -> (begun || backend.isEmpty()
                                ? CompletableFuture.completedFuture(false)
                                : answered(() -> backend.get().recall(runId)))
                        .handle((back, problem) -> problem == null && back && !over && !ending)
                        .thenCompose(back -> {
                            recalled.complete(back);
                            return back
                                    ? fail(new Failure(Failure.Kind.RECALLED, "a VIP goes first"), List.of())
                                    : done();
                        }));
        return recalled;
    }

    /** Stops driving: somebody else does, or an operator ended the job. Leaves the run to whoever drives it. */
    void abandon(boolean stopRun) {
        leave();
        if (stopRun) {
            tools.timers().execute(this::askToStop); // the caller may be the store's thread
        }
    }

    /**
     * Hears that an operator gave the run up: asks for it to be stopped, and looks for it a while longer without a
     * lease. Should it turn out to have succeeded, what it made is delivered all the same; any other end is none of
     * this driver's business any more.
     */
    void giveUpByHand() {
        late = true;
        cancelAsked = true;
        timeLimit.cancel();
        if (backend.isEmpty()) {
            leave();
            return;
        }
        patience = schedule(LATE_AT_MOST, this::leave);
        tools.timers().execute(this::askToStop); // the caller may be the store's thread
        step("looking for a run that was given up by hand", () -> look(0));
    }

    /** Whether this driver has found out how the attempt ended, and has it stored. */
    boolean isEnding() {
        return ending;
    }

    private void leave() {
        if (gaveSlotBack && !over) {
            tools.backends().collected(attempt.backend());
        }
        over = true;
        progress.close();
        previews.close();
        timeLimit.cancel(); // or it would keep this and its job in memory until then
        nextLook.cancel();
        patience.cancel();
        drivers.left(this);
    }

    // ---- steps

    private void step(String what, Supplier<CompletionStage<Void>> body) {
        steps.add(what, () -> over ? done() : body.get());
    }

    /** A defect must not leave the attempt without an end: its run is looked for anew, and given up in the end. */
    private void troubled(String what, Throwable problem) {
        fault(what, problem);
        if (!over) {
            defects++;
            lookLater("going on after trouble", defects > DEFECTS_AT_MOST ? this::endBroken : () -> look(0));
        }
    }

    private CompletionStage<Void> endBroken() {
        askToStop();
        return fail(new Failure(Failure.Kind.INTERNAL, "its attempt could not be driven on"), List.of());
    }

    private void lookLater(String what, Supplier<CompletionStage<Void>> body) {
        nextLook.cancel();
        nextLook = schedule(tools.settings().lookAgain(), () -> step(what, body));
    }

    private void fault(String what, Throwable problem) {
        tools.events().tell(new JobEvent.Fault(Optional.of(job.id()), what, Steps.unwrapped(problem)));
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
        RunRequest request = new RunRequest(
                runId,
                job.spec().workflow(),
                recipe,
                job.spec().inputs(),
                tools.media()::open,
                Optional.of(new RunRequest.About(
                        job.id(), attempt.number(), job.spec().model())));
        return answered(() -> stoppedIfTooLate(backend.get().submitNew(request, this)))
                .handle(this::answeredOrNot)
                .thenCompose(this::submitted);
    }

    /** A run that is accepted after it was given up for lost must not be run besides its successor. */
    private CompletionStage<Submission> stoppedIfTooLate(CompletionStage<Submission> answer) {
        return answer.whenComplete((late, problem) -> {
            if (givenUp && late instanceof Submission.Accepted accepted) {
                runId = accepted.runId();
                askToStop();
            }
        });
    }

    /** The answer, or a {@link TimeoutException} if the backend takes too long. */
    private <T> CompletionStage<T> answered(Supplier<CompletionStage<T>> question) {
        CompletableFuture<T> first;
        try {
            first = question.get().toCompletableFuture().copy();
        } catch (RuntimeException problem) {
            return CompletableFuture.failedFuture(problem);
        }
        if (first.isDone()) {
            return first;
        }
        Duration span = tools.settings().submitTimeout();
        Timers.Timer alarm = tools.timers()
                .after(
                        span,
                        "waiting for an answer",
                        () -> first.completeExceptionally(
                                new TimeoutException("no answer in " + span.toSeconds() + " s")));
        // whose thread brings the answer nobody knows
        return first.whenCompleteAsync((done, problem) -> alarm.cancel(), tools.timers());
    }

    private Submission answeredOrNot(@Nullable Submission answer, @Nullable Throwable problem) {
        if (answer != null) {
            return answer;
        }
        Throwable cause = Steps.unwrapped(Objects.requireNonNull(problem));
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
        mark(Attempt.Phase.UNKNOWN, Optional.empty());
        return look(0);
    }

    private CompletionStage<Void> accepted(RunId knownAs) {
        Optional<RunId> other = knownAs.equals(runId) ? Optional.empty() : Optional.of(knownAs);
        runId = knownAs;
        // a run that began before the answer is noted as begun in one go
        Attempt.Phase phase = begun ? Attempt.Phase.STARTED : Attempt.Phase.SUBMITTED;
        mark(phase, other);
        startNoted |= phase == Attempt.Phase.STARTED;
        accepted = true;
        watch();
        return cancelAsked || timedOut ? cancelRun() : done();
    }

    /** Looks for the run; what isn't found twice, with a grace between, is lost. */
    private CompletionStage<Void> look(int misses) {
        if (backend.isEmpty()) {
            // its backend is configured no more: nobody can be asked, an operator decides
            mark(Attempt.Phase.UNKNOWN, Optional.empty());
            return done();
        }
        return answered(() -> backend.get().find(runId))
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
                                mark(Attempt.Phase.UNKNOWN, Optional.empty());
                                yield later(tools.settings().lookAgain(), () -> look(misses));
                            }
                        });
    }

    private CompletionStage<Void> later(Duration wait, Supplier<CompletionStage<Void>> body) {
        CompletableFuture<Void> woken = new CompletableFuture<>();
        Timers.Timer unused = schedule(wait, () -> woken.complete(null));
        return woken.thenCompose(now -> over ? done() : body.get());
    }

    /** Stops the run if it doesn't begin in a very long time, or takes longer than its workflow allows once it has. */
    private void watch() {
        if (workflow.isEmpty() || ending || (begun ? watchedRunning : watchedWaiting)) {
            return;
        }
        watchedWaiting = true;
        watchedRunning = begun;
        timeLimit.cancel();
        timeLimit = schedule(
                begun ? workflow.get().timeout() : WAITS_AT_MOST,
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
        lookLater("looking for a run that should have stopped", () -> look(0));
        askToStop();
        return done();
    }

    /** Nothing waits for the answer: a backend that owes it must not hold up the run's end. */
    private void askToStop() {
        try {
            backend.ifPresent(b -> b.cancel(runId).exceptionally(problem -> {
                fault("canceling", problem);
                return null;
            }));
        } catch (RuntimeException problem) {
            fault("canceling", problem);
        }
    }

    // ---- what the backend tells

    @Override
    public void started() {
        begun = true;
        step("noting the start", () -> {
            if (!startNoted) {
                startNoted = true;
                mark(Attempt.Phase.STARTED, Optional.empty());
            }
            watch();
            return done();
        });
    }

    @Override
    public void progress(Progress progress) {
        this.progress.offer(progress);
    }

    @Override
    public void preview(Preview preview) {
        previews.offer(preview);
    }

    @Override
    public void ended(RunOutcome outcome) {
        step("ending", () -> finish(outcome));
    }

    private CompletionStage<Void> finish(RunOutcome outcome) {
        if (outcome instanceof RunOutcome.Succeeded succeeded) {
            return succeeded.outputs().isEmpty()
                    ? fail(new Failure(Failure.Kind.BACKEND, "it ran but made no output"), List.of())
                    : collected(succeeded.outputs()).thenCompose(this::shelved);
        } else if (outcome instanceof RunOutcome.Failed failed) {
            if (late) {
                return fail(failed.failure(), List.of());
            }
            return collected(failed.outputs())
                    .thenCompose(stored -> over ? done() : fail(failed.failure(), stored.outputs()));
        } else if (outcome instanceof RunOutcome.Lost) {
            givenUp = true;
            return timedOut
                    ? endCanceled()
                    : fail(new Failure(Failure.Kind.LOST, "its backend forgot the run"), List.of());
        }
        return endCanceled();
    }

    private CompletionStage<Void> shelved(Stored stored) {
        if (stored.problem().isEmpty() && !over) {
            return succeed(stored.outputs());
        }
        return over // who takes the attempt up will find the outputs where they are
                ? done()
                : fail(new Failure(Failure.Kind.STORAGE, "its outputs could not be stored"), List.of());
    }

    private CompletionStage<Void> endCanceled() {
        return fail(
                timedOut
                        ? new Failure(
                                Failure.Kind.TIMEOUT,
                                begun ? "it ran longer than its workflow allows" : "its backend did not begin with it")
                        : new Failure(Failure.Kind.BACKEND, "it was stopped at its backend"),
                List.of());
    }

    /**
     * Fetches and stores what a run made. Where that takes time, its slot is given to the next run before: the backend
     * must not idle meanwhile.
     */
    private CompletionStage<Stored> collected(List<Produced> produced) {
        timeLimit.cancel(); // nothing runs any more
        if (late
                || produced.isEmpty()
                || backend.isEmpty()
                || !backend.get().fetchesOutputs()
                || !tools.backends().mayCollect(attempt.backend())) {
            return store(produced, SHELF_TRIES);
        }
        gaveSlotBack = true;
        tools.backends().leaving(attempt.backend());
        mark(Attempt.Phase.COLLECTING, Optional.empty());
        drivers.leaving();
        return noted.whenComplete((marked, problem) -> tools.backends().left(attempt.backend()))
                .thenCompose(marked -> later(HANDOVER, AttemptDriver::done))
                .thenCompose(handedOver -> over
                        ? CompletableFuture.completedFuture(new Stored(List.of(), Optional.empty()))
                        : store(produced, SHELF_TRIES));
    }

    /** Outputs that are stored, or what kept them from it. */
    private record Stored(List<Output> outputs, Optional<Throwable> problem) {}

    /**
     * Stores outputs. They are still at the backend: trying again is cheaper than running again, and while the store is
     * away there is nothing else to do.
     */
    private CompletionStage<Stored> store(List<Produced> produced, int tries) {
        return CompletableFuture.supplyAsync(() -> storeNow(produced), fetcher())
                .thenCompose(stored -> {
                    boolean away = stored.problem().orElse(null) instanceof StoreUnavailableException;
                    if (stored.problem().isEmpty() || over || (tries <= 1 && !away)) {
                        return CompletableFuture.completedFuture(stored);
                    }
                    CompletableFuture<Void> woken = new CompletableFuture<>();
                    schedule(SHELF_RETRY, () -> woken.complete(null));
                    return woken.thenCompose(now -> store(produced, away ? tries : tries - 1));
                });
    }

    /** Who waits for a server that stalls keeps nobody else from files that are at hand. */
    private Executor fetcher() {
        return backend.filter(GenerationBackend::fetchesOutputs).isPresent() ? tools.fetch() : tools.io();
    }

    private Stored storeNow(List<Produced> produced) {
        try {
            return new Stored(tools.shelf().store(job, produced), Optional.empty());
        } catch (IOException | RuntimeException e) {
            fault("storing outputs", e);
            return new Stored(List.of(), Optional.of(e));
        }
    }

    private CompletionStage<Void> succeed(List<Output> outputs) {
        int expected = workflow.map(Workflow::outputs).orElse(outputs.size());
        return end(new JobCommand.Succeed(ref, outputs, expected, owed()));
    }

    private CompletionStage<Void> fail(Failure failure, List<Output> outputs) {
        if (late) {
            leave(); // the job has failed already
            return done();
        }
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
        ending = true;
        progress.close();
        previews.close();
        if (late || gaveSlotBack) {
            return stored(command, FIRST_STORE_RETRY).thenAccept(this::ended);
        }
        tools.backends().leaving(attempt.backend());
        CompletionStage<DriveResult> answer = stored(command, FIRST_STORE_RETRY);
        drivers.leaving();
        return answer.whenComplete((result, problem) -> tools.backends().left(attempt.backend()))
                .thenAccept(this::ended);
    }

    private void ended(DriveResult result) {
        leave();
        // else it is somebody else's, who needs what the backend keeps
        if (result instanceof DriveResult.Done) {
            backend.ifPresent(b -> b.forget(runId));
        }
    }

    /** Notes how far the run got, after what was noted before. */
    private void mark(Attempt.Phase phase, Optional<RunId> knownAs) {
        if (late) {
            return; // the attempt has ended
        }
        noted = noted.thenCompose(before -> stored(new JobCommand.Mark(ref, phase, knownAs), FIRST_STORE_RETRY))
                .handle((result, problem) -> {
                    if (problem != null) {
                        step("noting phase " + phase, () -> CompletableFuture.failedFuture(problem));
                    } else if (!ending && !late && result instanceof DriveResult.LeaseLost) {
                        abandon(false);
                    } else if (!cancelAsked
                            && result instanceof DriveResult.Done current
                            && current.job().kind() == JobState.Kind.CANCELING) {
                        cancel(); // asked for after the claim, before anybody drove the attempt
                    }
                    return null;
                });
    }

    /**
     * Stores what happened, for as long as it takes: a run's end is not forgotten because a database was away. A store
     * that can't say whether it did is told again: what is stored already is refused, as the attempt has ended then.
     */
    private CompletionStage<DriveResult> stored(JobCommand<DriveResult> command, Duration wait) {
        return tools.store()
                .execute(command)
                .handle((result, problem) -> {
                    if (problem == null) {
                        return CompletableFuture.completedStage(result);
                    }
                    Throwable cause = Steps.unwrapped(problem);
                    fault("storing what became of the run", cause);
                    if (over || !(cause instanceof StoreException)) {
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
