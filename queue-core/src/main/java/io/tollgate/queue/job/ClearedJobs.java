package io.tollgate.queue.job;

import java.time.Instant;

/**
 * Which jobs an operator cleared from lists. Two numbers, however many they are: those that had ended at a time, and
 * all before a place in the order of submission, so that nobody has to look further back than that.
 *
 * @param at jobs that ended at this time or earlier are cleared
 * @param before jobs whose {@code seq} is lower are cleared: all of them had ended
 */
public record ClearedJobs(Instant at, long before) {
    /** Whether a job is one of them. */
    public boolean contains(QueuedJob job) {
        return job.seq() < before
                || job.endedAt().filter(end -> !end.isAfter(at)).isPresent();
    }
}
