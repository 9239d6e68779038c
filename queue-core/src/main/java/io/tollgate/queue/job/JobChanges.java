package io.tollgate.queue.job;

import io.tollgate.credits.ledger.LedgerChanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a decision changes: new rows, and new absolute values of rows that were loaded. Applied wholly or not at all, in
 * any order.
 *
 * @param ledger accounts, grants, holds and postings
 * @param moves jobs that are new or changed
 * @param attempts attempts that are new or changed
 * @param slots slots that are new or changed
 * @param droppedSlots slots that are no more
 * @param models counters and limits of models
 * @param queues switches and counters of queues
 * @param loads what users have under way
 * @param laneClocks virtual times of lanes
 * @param fairLines shares of users
 * @param outputs new outputs
 * @param deliveries deliveries that are new or changed
 * @param tries tries at deliveries, to be kept with them
 * @param idempotency new idempotency records
 */
public record JobChanges(
        LedgerChanges ledger,
        List<Move> moves,
        List<Attempt> attempts,
        List<Slot> slots,
        List<Slot> droppedSlots,
        List<ModelLimit> models,
        List<QueueSwitch> queues,
        List<UserLoad> loads,
        List<LaneClock> laneClocks,
        List<FairLine> fairLines,
        List<Output> outputs,
        List<Delivery> deliveries,
        List<DeliveryTry> tries,
        List<IdempotencyRecord> idempotency) {
    /** No change at all. */
    public static final JobChanges NONE = new Builder().build();

    /**
     * One job's change.
     *
     * @param before as it was; empty if it is new
     * @param after as it is
     * @param transition the new line of its history
     */
    public record Move(Optional<QueuedJob> before, QueuedJob after, Transition transition) {}

    public boolean isEmpty() {
        return equals(NONE);
    }

    static final class Builder {
        private LedgerChanges ledger = LedgerChanges.NONE;
        final List<Move> moves = new ArrayList<>(1);
        final List<Attempt> attempts = new ArrayList<>(1);
        final List<Slot> slots = new ArrayList<>(1);
        final List<Slot> droppedSlots = new ArrayList<>(0);
        final List<ModelLimit> models = new ArrayList<>(1);
        final List<QueueSwitch> queues = new ArrayList<>(0);
        final List<UserLoad> loads = new ArrayList<>(1);
        final List<LaneClock> laneClocks = new ArrayList<>(0);
        final List<FairLine> fairLines = new ArrayList<>(0);
        final List<Output> outputs = new ArrayList<>(0);
        final List<Delivery> deliveries = new ArrayList<>(0);
        final List<DeliveryTry> tries = new ArrayList<>(0);
        final List<IdempotencyRecord> idempotency = new ArrayList<>(0);

        void ledger(LedgerChanges more) {
            ledger = ledger.and(more);
        }

        JobChanges build() {
            return new JobChanges(
                    ledger,
                    List.copyOf(moves),
                    List.copyOf(attempts),
                    List.copyOf(slots),
                    List.copyOf(droppedSlots),
                    List.copyOf(models),
                    List.copyOf(queues),
                    List.copyOf(loads),
                    List.copyOf(laneClocks),
                    List.copyOf(fairLines),
                    List.copyOf(outputs),
                    List.copyOf(deliveries),
                    List.copyOf(tries),
                    List.copyOf(idempotency));
        }
    }
}
