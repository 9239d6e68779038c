package io.tollgate.queue.job;

/**
 * Order keys that share a lane fairly between its users, each by weight, whatever the number of jobs they submit.
 *
 * <p>Each user's jobs form a flow. A job starts, in virtual time, when the lane has come that far and the user's job
 * before is through, and is through after its cost divided by the user's weight:
 *
 * <pre>
 * start = max(lane's virtual time, user's last key)
 * key   = start + cost / weight
 * </pre>
 *
 * <p>Jobs go by key. When one is claimed, the lane's virtual time becomes its start, unless it is past that already or
 * the start of a job that still waits is before: then it becomes that one's. So a user who comes back gets no credit
 * for the time away, and one who submits a thousand jobs stands behind the first job of everybody else, even if some of
 * the thousand could run at once because others' models were at their limits.
 *
 * <p>The key is the pass of stride scheduling (C. Waldspurger and W. Weihl, "Stride Scheduling: Deterministic
 * Proportional-Share Resource Management", MIT/LCS/TM-528, 1995); the virtual time is that of start-time fair queueing
 * (P. Goyal, H. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996), which needs no knowledge of the capacity.
 *
 * <p>Keys are fixed-point with {@value #SCALE} to a unit of cost, at least 0, and stop at {@link Long#MAX_VALUE}, where
 * the order of submission takes over: at 1,000 units a job that is after 10^11 jobs of one user. Pure.
 */
public final class FairShare {
    /** How much of a key is one unit of cost at weight 1. */
    public static final long SCALE = 1 << 16;

    private FairShare() {}

    /**
     * The order key of a user's next job, above {@code lastKey} unless at the end of the range.
     *
     * @param virtualTime how far the lane has come, at least 0
     * @param lastKey the user's last key in this lane, 0 if there is none
     * @param costUnits what the job costs in any unit common to the lane, at least 0; a free one counts as 1
     * @param weight the user's share in relation to others, at least 1
     */
    public static long nextKey(long virtualTime, long lastKey, long costUnits, int weight) {
        if (virtualTime < 0 || lastKey < 0) {
            throw new IllegalArgumentException("need virtualTime, lastKey >= 0: " + virtualTime + ", " + lastKey);
        }
        long sum = Math.max(virtualTime, lastKey) + stride(costUnits, weight);
        return sum < 0 ? Long.MAX_VALUE : sum; // two of at least 0 overflow at most once
    }

    /**
     * The lane's virtual time once the job with {@code key} is claimed, if none that waits holds it back: never less
     * than {@code virtualTime}.
     *
     * @param costUnits as when the key was made
     * @param weight as when the key was made
     */
    public static long virtualTimeAfter(long virtualTime, long key, long costUnits, int weight) {
        return Math.max(virtualTime, key - stride(costUnits, weight));
    }

    private static long stride(long costUnits, int weight) {
        if (costUnits < 0) {
            throw new IllegalArgumentException("cost must be at least 0: " + costUnits);
        }
        if (weight < 1) {
            throw new IllegalArgumentException("weight must be at least 1: " + weight);
        }
        long cost = Math.max(1, costUnits);
        if (cost <= Long.MAX_VALUE / SCALE) {
            return Math.max(1, cost * SCALE / weight);
        }
        long units = cost / weight;
        return units > Long.MAX_VALUE / SCALE ? Long.MAX_VALUE : units * SCALE;
    }
}
