package io.tollgate.queue.job;

/**
 * What a rule decided.
 *
 * @param result what the caller is told
 * @param changes what changes; nothing, if it was refused
 * @param <R> the command's result
 */
public record JobDecision<R>(R result, JobChanges changes) {
    static <R> JobDecision<R> unchanged(R result) {
        return new JobDecision<>(result, JobChanges.NONE);
    }
}
