package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.AuditReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The durable home of jobs, and of the credits they are paid with. Commands are units: each happens wholly or not at
 * all, one after the other. Many may share one commit; none is answered before it. Safe for use by many threads.
 * Instants are kept to the millisecond; finer digits are dropped. The store's time never goes back while it is open:
 * when its clock does, it stands still.
 *
 * <p>Reads throw, and stages complete exceptionally with, {@link io.tollgate.credits.ledger.StoreUnavailableException}
 * when the store can't be reached; then nothing was changed.
 */
public interface JobStore {
    /**
     * Runs one command. The stage completes after its commit, and after the {@linkplain #onCommit listeners} heard of
     * it; what hangs on it may run on the store's own thread, so it must be short.
     */
    <R> CompletionStage<R> execute(JobCommand<R> command);

    /**
     * Lets {@code listener} hear of every commit from now on.
     *
     * @param listener called on the store's thread, in the order of commits; must be short and not throw
     * @return stops that: a store that outlives its listener would keep it for ever. A commit that is being told may
     *     still be heard. Twice is fine
     */
    Runnable onCommit(CommitListener listener);

    /** Everything about one job. */
    Optional<JobRecord> find(JobId id);

    /**
     * Jobs, newest first.
     *
     * @param before the {@code seq} of the last job seen, to go on from there
     * @param limit the most jobs, at least 1
     */
    List<JobRecord> list(JobFilter filter, Optional<Long> before, int limit);

    /** Shows every job that has not ended, oldest first, without keeping them in memory. */
    void forEachLive(Consumer<QueuedJob> consumer);

    /**
     * Shows every job that waits, in no particular order, without keeping them in memory: what a start needs of a long
     * queue, which is less than {@link #forEachLive} reads.
     */
    default void forEachWaiting(Consumer<WaitingJob> consumer) {
        forEachLive(job -> {
            if (job.kind() == JobState.Kind.QUEUED) {
                consumer.accept(WaitingJob.of(job));
            }
        });
    }

    /** The attempts that run now. */
    List<Attempt> running();

    /** The models that ever ran or were given a limit. */
    List<ModelLimit> models();

    /** The queues that were ever switched or used by the relaxed lane. */
    List<QueueSwitch> queues();

    /** All slots. */
    List<Slot> slots();

    /**
     * Deliveries with the tries at them, newest first.
     *
     * @param before the last delivery seen, to go on from there; if it is gone, nothing comes after it
     * @param limit the most, at least 1
     */
    List<LoggedDelivery> deliveries(DeliveryFilter filter, Optional<DeliveryId> before, int limit);

    /** One delivery with the tries at it. */
    Optional<LoggedDelivery> delivery(DeliveryId id);

    /** When the next delivery that is still owed is due. */
    Optional<Instant> nextDelivery();

    /**
     * How long the succeeded attempts ran that ended last, latest first. Those that failed with some outputs, or were
     * ended by hand, are none. A store may look among the latest few thousand submissions only.
     *
     * @param limit the most, at least 1
     */
    List<RunTime> recentRuns(int limit);

    /** Keeps events, in order. What can't be kept now is dropped after a while: events are no part of any guarantee. */
    CompletionStage<Void> keep(List<StoredEvent> events);

    /** Kept events, newest first. */
    List<StoredEvent> events(Optional<UserId> user, int limit);

    /**
     * Drops what is only kept for a while.
     *
     * @param eventsBefore events older than this go, and deliveries that were over before it
     * @param keysBefore idempotency records older than this go, and quotes that expired before it
     * @return how many rows went
     */
    CompletionStage<Integer> prune(Instant eventsBefore, Instant keysBefore);

    /**
     * Forgets who a user was, in one unit: the ledger keeps its amounts under a pseudonym, and inputs, targets, tags,
     * metadata, idempotency keys, deliveries, events and whatever else says who it was are gone. Refused while anything
     * of the user's is under way. Who comes back under the name is somebody new.
     *
     * @param pseudonym one that was never used, see {@link UserId#isErased}
     * @param actor who does it
     * @param reason why, 3 to 400 characters; it stays
     */
    CompletionStage<EraseResult> erase(UserId user, UserId pseudonym, String actor, String reason);

    /** Checks everything that must always hold between jobs, slots, limits, holds and the ledger. */
    AuditReport audit();

    /** How long one succeeded attempt ran, without its time in line. */
    record RunTime(WorkflowName workflow, QueueName queue, ModelName model, java.time.Duration took) {}
}
