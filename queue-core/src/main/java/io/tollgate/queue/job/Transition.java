package io.tollgate.queue.job;

import java.time.Instant;

/**
 * One line of a job's history.
 *
 * @param job whose
 * @param number counted from 0
 * @param to the state it went to
 * @param at when
 * @param cause why, in a few words
 */
public record Transition(JobId job, int number, JobState.Kind to, Instant at, String cause) {}
