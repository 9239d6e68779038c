package io.tollgate.queue.job;

/** The priority class inside a queue, best first. */
public enum Lane {
    /** Ahead of all others. */
    VIP,
    /** Where paid work goes. */
    REGULAR,
    /** Free of charge: takes a slot only when no eligible paid job wants it, and never more than its share. */
    RELAXED;

    /** Whether its jobs are paid for, in credits or by a tier, and so may not wait for ever. */
    public boolean isPaid() {
        return this != RELAXED;
    }
}
