package io.tollgate.queue.job;

import java.time.Instant;

/**
 * What a line needs to know of a job that waits in it. Instants are kept to the microsecond; finer digits are dropped.
 *
 * @param createdAt when it was submitted; what its age is counted from
 * @param readyAt from when on it may be run: later than now only while it waits for its backoff
 * @param expiresAt when it has waited too long; {@link Instant#MAX} for never
 */
public record WaitingJob(
        JobId id, OrderKey key, RequirementSet set, Instant createdAt, Instant readyAt, Instant expiresAt) {
    /**
     * What it needs to know of this one.
     *
     * @throws IllegalArgumentException if it doesn't wait
     */
    public static WaitingJob of(QueuedJob job) {
        if (!(job.state() instanceof JobState.Queued queued)) {
            throw new IllegalArgumentException(
                    "job " + job.id() + " doesn't wait: " + job.kind().word());
        }
        return new WaitingJob(
                job.id(),
                job.orderKey(),
                job.requirement(),
                job.spec().createdAt(),
                queued.readyAt(),
                job.spec().expiresAt());
    }
}
