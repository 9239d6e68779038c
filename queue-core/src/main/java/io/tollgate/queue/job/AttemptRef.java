package io.tollgate.queue.job;

/**
 * What a node shows when it writes about an attempt. It is refused once the attempt ended or changed hands.
 *
 * @param job whose attempt
 * @param number the attempt's number
 * @param token the lease's token
 */
public record AttemptRef(JobId job, int number, long token) {}
