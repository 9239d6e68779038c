package io.tollgate.queue.lane;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.RequirementSet;
import java.time.Instant;
import java.util.Optional;

/**
 * How many jobs of a requirement set wait, and which of them matter most.
 *
 * @param ready how many may run now
 * @param waiting how many wait at all, at least 1: those that wait for their backoff too
 * @param head the ready job that goes first; empty when none is ready
 * @param headKey the head's place in the order of the whole queue
 * @param oldest the one that was submitted first, ready or not
 */
public record SetDepth(
        RequirementSet set,
        int ready,
        int waiting,
        Optional<JobId> head,
        Optional<OrderKey> headKey,
        JobId oldest,
        Instant oldestCreatedAt) {}
