package io.tollgate.queue.job;

/**
 * How much may be submitted.
 *
 * @param jobsPerUser how many jobs of one user may wait or run: each has credits on hold
 * @param waitingInAll how many jobs may wait in all queues
 * @param perMinute how many jobs one user may submit a minute, in a burst or evenly
 * @param relaxedPerUser how many jobs of one user may wait or run for nothing in the relaxed lane, 0 for none
 */
public record SubmissionLimits(int jobsPerUser, int waitingInAll, int perMinute, int relaxedPerUser) {
    /** What API and docs promise. */
    public static final SubmissionLimits DEFAULT = new SubmissionLimits(20, 100_000, 60, 1);

    public SubmissionLimits {
        if (jobsPerUser < 1 || waitingInAll < 1 || perMinute < 1) {
            throw new IllegalArgumentException(
                    "limits are at least 1: " + jobsPerUser + ", " + waitingInAll + ", " + perMinute);
        }
        if (relaxedPerUser < 0) {
            throw new IllegalArgumentException("relaxedPerUser is at least 0: " + relaxedPerUser);
        }
    }

    /** Limits with one job at a time for nothing. */
    public SubmissionLimits(int jobsPerUser, int waitingInAll, int perMinute) {
        this(jobsPerUser, waitingInAll, perMinute, 1);
    }
}
