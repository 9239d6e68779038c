package io.tollgate.queue.job;

/**
 * The job that this one repeats.
 *
 * @param kind how
 * @param job which
 */
public record Origin(Kind kind, JobId job) {
    /** How one job repeats another. */
    public enum Kind {
        /** A failed, canceled or expired job, tried again by hand. */
        RETRY,
        /** A succeeded job, run once more. */
        RERUN
    }
}
