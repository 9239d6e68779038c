package io.tollgate.queue.backend;

import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.RunId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Something that runs attempts: a ComfyUI server, the embedded renderer, a cloud API. Nothing here blocks; stages
 * complete and listeners are called on the backend's threads. Safe for use by many threads.
 *
 * <p>Stages complete exceptionally only for a defect: what goes wrong at the other side is part of the answers.
 */
public interface GenerationBackend extends AutoCloseable {
    /** Its name, as the operator gave it. */
    BackendId id();

    /** What it can be given now; may change while it lives, as models are installed. */
    Capabilities capabilities();

    /** How many runs it takes at once, at least 1. */
    int slots();

    /**
     * How many more runs it takes that wait there until one of those that it works on has ended, so that it never
     * idles; 0 for none. What waits there can be {@linkplain #recall recalled}.
     */
    default int prefetch() {
        return 0;
    }

    /** How many runs of other people wait or run there, as far as it knows; they are its load as well. */
    default int others() {
        return 0;
    }

    /**
     * Whether outputs are elsewhere and have to be fetched: then a run's slot is given to the next before that, so that
     * the backend doesn't idle meanwhile.
     */
    default boolean fetchesOutputs() {
        return false;
    }

    /**
     * What it asks for now, if that is less than it has slots for. Asked often and under a lock: it answers at once and
     * calls nobody. When it becomes more, the {@linkplain #watch watcher} is told.
     */
    default JobCommand.Wanted wanted() {
        return JobCommand.Wanted.ANYTHING;
    }

    /** Tells {@code watcher}, from now on, what changes without being asked. Called at most once, before all else. */
    default void watch(BackendWatcher watcher) {}

    /**
     * Asks whether it is well.
     *
     * @return how long it took to answer; completes exceptionally with {@link BackendUnreachableException} if it did
     *     not
     */
    CompletionStage<Duration> probe();

    /**
     * Hands over a run. The request is checked, not run, before the answer. Submitting a run id that the backend still
     * knows must not run it twice.
     *
     * @param listener hears of the run if the answer is {@link Submission.Accepted}; may be called before it arrives
     */
    CompletionStage<Submission> submit(RunRequest request, RunListener listener);

    /**
     * Hands over a run whose id was made a moment ago and was never handed to anybody: that the backend knows it
     * already is out of the question, and need not be looked for. All else is as with {@link #submit}.
     */
    default CompletionStage<Submission> submitNew(RunRequest request, RunListener listener) {
        return submit(request, listener);
    }

    /** Looks for a run. */
    CompletionStage<RunLookup> find(RunId runId);

    /**
     * Listens to a run that was submitted earlier, perhaps by another process. A run that has ended already is told at
     * once; one that the backend doesn't know ends {@link RunOutcome.Lost}. Replaces an earlier listener of this
     * process.
     */
    void attach(RunId runId, RunListener listener);

    /**
     * Asks the backend to stop one run, and no other. The listener hears how it ended: it may still have succeeded.
     * Does nothing for a run it doesn't know.
     */
    CompletionStage<Void> cancel(RunId runId);

    /**
     * Takes back a run that waits there and has not begun.
     *
     * @return whether it certainly never runs; its listener hears no more of it then
     */
    default CompletionStage<Boolean> recall(RunId runId) {
        return CompletableFuture.completedFuture(false);
    }

    /** Says that the run's outputs were taken and its outcome stored, so that the backend may drop what it kept. */
    void forget(RunId runId);

    /**
     * Stops listening and frees what it holds. Runs elsewhere go on; runs in this process are stopped. Twice is fine.
     */
    @Override
    void close();
}
