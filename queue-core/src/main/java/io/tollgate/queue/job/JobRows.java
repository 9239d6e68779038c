package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.LedgerRows;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The rows that a command names, as its store loaded them and as the commands before it in the same batch left them.
 * Confined to one thread.
 */
public interface JobRows extends LedgerRows {
    Optional<QueuedJob> job(JobId id);

    /** The latest attempt of a job. */
    Optional<Attempt> attempt(JobId job);

    Optional<UserLoad> load(UserId user);

    Optional<IdempotencyRecord> idempotency(UserId user, String key);

    /** All slots of a backend, by index; as they are now, so not to be kept. */
    Collection<Slot> slots(BackendId backend);

    Optional<Slot> slot(BackendId backend, int index);

    Optional<ModelLimit> model(ModelName model);

    Optional<QueueSwitch> queue(QueueName queue);

    Optional<LaneClock> laneClock(QueueName queue, Lane lane);

    Optional<FairLine> fairLine(UserId user, QueueName queue, Lane lane);

    /**
     * The waiting jobs of a queue that are ready, a line for each requirement set, each in dispatch order. Jobs changed
     * by commands before this one may still be in it: look at {@link #job}. To be used while this command is decided; a
     * store may read on as a line is followed.
     *
     * @param limit how many of all lines are needed at most; more may be there
     */
    List<Iterator<QueuedJob>> heads(QueueName queue, int limit);

    /** Running attempts of this node and, of any node, those whose lease ran out. */
    List<Attempt> takeable(NodeId node);

    /**
     * Deliveries that are still owed and {@linkplain Delivery#isDue due}, oldest first.
     *
     * @param limit how many are needed at most; more may be there
     */
    List<Delivery> dueDeliveries(int limit);

    Optional<Delivery> delivery(DeliveryId id);

    /** What is still owed of a job, in the order in which it came to be; looked up while a command is decided. */
    List<Delivery> owed(JobId job);

    /** How many jobs wait, in all queues. */
    int waiting();

    /** A number that no job had before, greater than all of them. */
    long nextSeq();
}
