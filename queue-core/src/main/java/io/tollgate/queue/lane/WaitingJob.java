package io.tollgate.queue.lane;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.RequirementSet;
import java.time.Instant;

/**
 * What a {@link WaitingLine} needs to know of a job. Instants are kept to the microsecond; finer digits are dropped.
 *
 * @param createdAt when it was submitted; what its age is counted from
 * @param readyAt from when on it may be run: later than now only while it waits for its backoff
 * @param expiresAt when it has waited too long; {@link Instant#MAX} for never
 */
public record WaitingJob(
        JobId id, OrderKey key, RequirementSet set, Instant createdAt, Instant readyAt, Instant expiresAt) {}
