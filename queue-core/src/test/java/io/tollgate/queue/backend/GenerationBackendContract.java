package io.tollgate.queue.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.RunId;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link GenerationBackend} must do. Extend it, give it a backend and requests of four sorts, and free what
 * they need after each test; the backend itself is closed here.
 */
public abstract class GenerationBackendContract {
    private static final long PATIENCE_SECONDS = 30;

    /** How often what depends on who is faster is tried. */
    private static final int ROUNDS = 5;

    private final List<RunId> submitted = Collections.synchronizedList(new ArrayList<>());
    private GenerationBackend backend;
    private int runs;

    /** A new backend that knows no runs. */
    protected abstract GenerationBackend newBackend() throws Exception;

    /** A run that soon succeeds, with at least one progress and one output. */
    protected abstract RunRequest quick(RunId runId) throws Exception;

    /** A run that starts and then lasts until it is canceled, or at least for minutes. */
    protected abstract RunRequest slow(RunId runId) throws Exception;

    /** A run that is accepted and fails for good. */
    protected abstract RunRequest failing(RunId runId) throws Exception;

    /** A run that the backend refuses when it is handed over. */
    protected abstract RunRequest refused(RunId runId) throws Exception;

    @BeforeEach
    final void open() throws Exception {
        backend = newBackend();
    }

    @AfterEach
    final void closeBackend() {
        for (RunId run : submitted) {
            backend.cancel(run);
        }
        backend.close();
    }

    /** The backend of this test. */
    protected final GenerationBackend backend() {
        return backend;
    }

    /** A run id that no run has yet. */
    protected final RunId newRunId() {
        return new RunId(new UUID(0x0197_0000_0000_7000L, 0x8000_0000_0000_0000L | ++runs));
    }

    /** Waits for an answer, not for ever. */
    protected static <T> T await(CompletionStage<T> stage) throws InterruptedException, ExecutionException {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    private RunId accepted(RunRequest request, RunListener listener) throws Exception {
        Submission submission = await(backend.submit(request, listener));
        assertThat(submission).isInstanceOf(Submission.Accepted.class);
        RunId known = ((Submission.Accepted) submission).runId();
        submitted.add(known);
        return known;
    }

    @Test
    void slots_always_areAtLeastOne() {
        assertThat(backend.slots()).isPositive();
    }

    @Test
    void probe_ofWellBackend_answers() throws Exception {
        assertThat(await(backend.probe())).isGreaterThanOrEqualTo(Duration.ZERO);
    }

    @Test
    void submit_quickRun_startsOnceAndEndsOnceAndLast() throws Exception {
        RecordingListener listener = new RecordingListener();

        accepted(quick(newRunId()), listener);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
        settle();
        assertThat(listener.calls()).containsOnlyOnce("started").containsOnlyOnce("ended");
        assertThat(listener.calls()).first().isEqualTo("started");
        assertThat(listener.calls()).last().isEqualTo("ended");
    }

    @Test
    void progress_ofRun_neverGoesBackAndNeverFollowsTheEnd() throws Exception {
        RecordingListener listener = new RecordingListener();

        accepted(quick(newRunId()), listener);

        listener.awaitEnded();
        settle();
        assertThat(listener.progress()).isNotEmpty();
        assertThat(listener.progress().stream().map(Progress::fraction)).isSorted();
        assertThat(listener.calls().indexOf("ended")).isEqualTo(listener.calls().size() - 1);
    }

    @Test
    void submit_sameRunTwice_runsItOnceAndTellsTheLaterListener() throws Exception {
        RunId run = newRunId();
        RecordingListener first = new RecordingListener();
        RecordingListener second = new RecordingListener();
        RunRequest request = slow(run);
        accepted(request, first);
        first.awaitStarted();

        RunId again = accepted(request, second);
        await(backend.cancel(again));

        assertThat(second.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
        settle();
        assertThat(second.calls()).containsOnlyOnce("ended");
        assertThat(first.calls()).doesNotContain("ended");
    }

    @Test
    void submit_endedRunAgain_tellsItsOutcomeAndDoesNotRunIt() throws Exception {
        RecordingListener first = new RecordingListener();
        RunRequest request = quick(newRunId());
        accepted(request, first);
        RunOutcome outcome = first.awaitEnded();
        RecordingListener second = new RecordingListener();

        accepted(request, second);

        assertThat(second.awaitEnded()).hasSameClassAs(outcome);
        settle();
        assertThat(second.calls()).doesNotContain("progress").containsOnlyOnce("ended");
        assertThat(first.calls()).containsOnlyOnce("ended");
    }

    @Test
    void submit_sameRunFromManyThreads_runsItOnce() throws Exception {
        RunRequest request = slow(newRunId());
        int callers = backend.slots() + 2; // a run for each would leave no slot for another
        CyclicBarrier together = new CyclicBarrier(callers);
        List<RecordingListener> listeners = new ArrayList<>();
        List<Future<Submission>> answers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            for (int i = 0; i < callers; i++) {
                RecordingListener listener = new RecordingListener();
                listeners.add(listener);
                answers.add(threads.submit(() -> {
                    together.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    return await(backend.submit(request, listener));
                }));
            }
            for (Future<Submission> answer : answers) {
                assertThat(answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isInstanceOf(Submission.Accepted.class);
            }
        } finally {
            threads.shutdownNow();
        }
        submitted.add(request.runId());
        RecordingListener last = new RecordingListener();
        backend.attach(request.runId(), last);

        await(backend.cancel(request.runId()));

        assertThat(last.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
        settle();
        assertThat(listeners)
                .allSatisfy(listener -> assertThat(listener.calls()).doesNotContain("ended"));
    }

    @Test
    void submit_whatCantBeRun_isRejectedAndNotKnown() throws Exception {
        RunId run = newRunId();
        RecordingListener listener = new RecordingListener();

        Submission submission = await(backend.submit(refused(run), listener));

        assertThat(submission).isInstanceOf(Submission.Rejected.class);
        assertThat(((Submission.Rejected) submission).failure().message()).isNotBlank();
        assertThat(await(backend.find(run))).isEqualTo(RunLookup.NOT_KNOWN);
        settle();
        assertThat(listener.calls()).isEmpty();
    }

    @Test
    void submit_badInput_endsWithADefiniteFailure() throws Exception {
        RecordingListener listener = new RecordingListener();

        accepted(failing(newRunId()), listener);

        RunOutcome outcome = listener.awaitEnded();
        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        assertThat(((RunOutcome.Failed) outcome).failure().message())
                .isNotBlank()
                .hasLineCount(1);
        settle();
        assertThat(listener.calls()).containsOnlyOnce("ended").endsWith("ended");
    }

    @Test
    void submit_moreThanSlots_allEnd() throws Exception {
        List<RecordingListener> listeners = new ArrayList<>();

        for (int i = 0; i < backend.slots() + 2; i++) {
            RecordingListener listener = new RecordingListener();
            listeners.add(listener);
            accepted(quick(newRunId()), listener);
        }

        for (RecordingListener listener : listeners) {
            assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
        }
    }

    @Test
    void find_knownAndUnknownRun_tellsThemApart() throws Exception {
        RecordingListener listener = new RecordingListener();
        RunId run = accepted(slow(newRunId()), listener);
        listener.awaitStarted();

        assertThat(await(backend.find(run))).isEqualTo(RunLookup.KNOWN);
        assertThat(await(backend.find(newRunId()))).isEqualTo(RunLookup.NOT_KNOWN);
    }

    @Test
    void find_endedRun_isKnown() throws Exception {
        RecordingListener listener = new RecordingListener();
        RunId run = accepted(quick(newRunId()), listener);
        listener.awaitEnded();

        assertThat(await(backend.find(run))).isEqualTo(RunLookup.KNOWN);
    }

    @Test
    void attach_endedRun_tellsItsOutcome() throws Exception {
        RecordingListener first = new RecordingListener();
        RunId run = accepted(quick(newRunId()), first);
        first.awaitEnded();
        RecordingListener late = new RecordingListener();

        backend.attach(run, late);

        RunOutcome outcome = late.awaitEnded();
        assertThat(outcome).isInstanceOf(RunOutcome.Succeeded.class);
        assertThat(((RunOutcome.Succeeded) outcome).outputs()).isNotEmpty();
        settle();
        assertThat(late.calls()).containsOnlyOnce("ended").endsWith("ended");
    }

    @Test
    void attach_runningRun_replacesTheListener() throws Exception {
        RecordingListener first = new RecordingListener();
        RecordingListener second = new RecordingListener();
        RunId run = accepted(slow(newRunId()), first);
        first.awaitStarted();

        backend.attach(run, second);
        await(backend.cancel(run));

        assertThat(second.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
        settle();
        assertThat(first.calls()).doesNotContain("ended");
    }

    /** Whoever gives up waiting for an answer looks for the run by its id: it must not be told that it is lost. */
    @Test
    void attach_beforeTheSubmissionIsAnswered_hearsTheRunThatRunsOnce() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RunId run = newRunId();
            RecordingListener first = new RecordingListener();
            RecordingListener second = new RecordingListener();
            submitted.add(run);

            CompletionStage<Submission> answer = backend.submit(slow(run), first);
            backend.attach(run, second);

            assertThat(await(answer)).isInstanceOf(Submission.Accepted.class);
            RunId known = ((Submission.Accepted) await(answer)).runId();
            second.awaitStarted();
            assertThat(await(backend.find(known))).isEqualTo(RunLookup.KNOWN);
            await(backend.cancel(known));
            assertThat(second.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
            settle();
            assertThat(second.calls()).containsOnlyOnce("ended").endsWith("ended");
            assertThat(first.calls()).doesNotContain("ended");
        }
    }

    @Test
    void attach_unknownRun_endsLost() throws Exception {
        RecordingListener listener = new RecordingListener();

        backend.attach(newRunId(), listener);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Lost.class);
        settle();
        assertThat(listener.calls()).containsOnlyOnce("ended");
    }

    @Test
    void cancel_runningRun_endsCanceled() throws Exception {
        RecordingListener listener = new RecordingListener();
        RunId run = accepted(slow(newRunId()), listener);
        listener.awaitStarted();

        await(backend.cancel(run));

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
        settle();
        assertThat(listener.calls()).containsOnlyOnce("ended").endsWith("ended");
    }

    @Test
    void cancel_pendingRun_endsCanceledAndStopsNoOther() throws Exception {
        List<RecordingListener> running = new ArrayList<>();
        List<RunId> runningIds = new ArrayList<>();
        for (int i = 0; i < backend.slots(); i++) {
            RecordingListener listener = new RecordingListener();
            running.add(listener);
            runningIds.add(accepted(slow(newRunId()), listener));
        }
        for (RecordingListener listener : running) {
            listener.awaitStarted();
        }
        RecordingListener pending = new RecordingListener();
        RunId run = accepted(slow(newRunId()), pending);

        await(backend.cancel(run));

        assertThat(pending.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
        assertThat(pending.calls()).containsExactly("ended");
        await(backend.cancel(runningIds.get(0)));
        running.get(0).awaitEnded();
        settle(); // in the slot that is free now
        assertThat(running.subList(1, running.size()))
                .allSatisfy(listener -> assertThat(listener.calls()).doesNotContain("ended"));
    }

    @Test
    void cancel_endedOrUnknownRun_changesNothing() throws Exception {
        RecordingListener listener = new RecordingListener();
        RunId run = accepted(quick(newRunId()), listener);
        listener.awaitEnded();

        await(backend.cancel(run));
        await(backend.cancel(newRunId()));

        RecordingListener late = new RecordingListener();
        backend.attach(run, late);
        assertThat(late.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
        assertThat(listener.calls()).containsOnlyOnce("ended");
    }

    @Test
    void outputs_untilForgotten_canBeReadAgainAndAgain() throws Exception {
        RecordingListener listener = new RecordingListener();
        accepted(quick(newRunId()), listener);
        RunOutcome.Succeeded outcome = (RunOutcome.Succeeded) listener.awaitEnded();

        assertThat(outcome.outputs()).isNotEmpty();
        for (Produced output : outcome.outputs()) {
            byte[] once = bytes(output);
            assertThat(once).isNotEmpty();
            assertThat(bytes(output)).isEqualTo(once);
            assertThat(output.name()).isNotBlank().doesNotContain("/", "\\");
            assertThat(output.contentType()).contains("/");
        }
    }

    @Test
    void listener_thatThrows_breaksNeitherItsRunNorOthers() throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        RunListener thrower = new RunListener() {
            @Override
            public void started() {
                throw new IllegalStateException("thrown by the test's listener");
            }

            @Override
            public void progress(Progress progress) {
                throw new IllegalStateException("thrown by the test's listener");
            }

            @Override
            public void ended(RunOutcome outcome) {
                heard.countDown();
                throw new IllegalStateException("thrown by the test's listener");
            }
        };
        RecordingListener other = new RecordingListener();

        accepted(quick(newRunId()), thrower);
        accepted(quick(newRunId()), other);

        assertThat(heard.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(other.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
    }

    @Test
    void listener_thatCallsBack_isAnswered() throws Exception {
        RunId run = newRunId();
        RecordingListener listener = new RecordingListener() {
            @Override
            public void started() {
                super.started();
                backend().cancel(run);
            }
        };

        accepted(slow(run), listener);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
    }

    @Test
    void close_withRunsGoingOn_endsTheCalls() throws Exception {
        RecordingListener listener = new RecordingListener();
        accepted(slow(newRunId()), listener);
        listener.awaitStarted();

        backend.close();

        List<String> atClose = listener.calls();
        assertThat(atClose).doesNotContain("ended");
        assertThat(await(backend.submit(quick(newRunId()), listener))).isNotInstanceOf(Submission.Accepted.class);
        backend.close();
        assertThat(listener.calls()).isEqualTo(atClose);
    }

    @Test
    void probe_ofClosedBackend_fails() {
        backend.close();

        assertThatThrownBy(() -> await(backend.probe())).hasCauseInstanceOf(BackendUnreachableException.class);
    }

    /** Gives calls that should not come a fair chance to: runs something else to its end. Needs a free slot. */
    private void settle() throws Exception {
        RecordingListener other = new RecordingListener();
        accepted(quick(newRunId()), other);
        other.awaitEnded();
    }

    private static byte[] bytes(Produced output) throws Exception {
        try (InputStream in = output.content().open()) {
            return in.readAllBytes();
        }
    }
}
