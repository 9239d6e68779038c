package io.tollgate.queue.lane;

import io.tollgate.queue.job.RequirementSet;

/** The waiting jobs of one requirement set: the ready ones as they go, and all by age. Guarded by its line's lock. */
final class WaitingSet {
    final RequirementSet name;
    final CountedOrder ready = new CountedOrder(Waiting.DISPATCH);
    final CountedOrder all = new CountedOrder(Waiting.BY_AGE);

    WaitingSet(RequirementSet name) {
        this.name = name;
    }
}
