package io.tollgate.queue;

import io.tollgate.queue.job.WorkflowName;
import java.time.Instant;

/**
 * What a user has of a workflow's free runs today.
 *
 * @param perDay how many there are a day
 * @param used how many were had
 * @param held how many are under way
 * @param left how many can be had, at least 0; {@code perDay} for a tier without quotas, again and again
 * @param unlimited whether the user's tier has no quotas: then nothing is counted
 * @param until when the next day begins
 */
public record FreeRuns(
        WorkflowName workflow, int perDay, int used, int held, int left, boolean unlimited, Instant until) {}
