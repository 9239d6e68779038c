package io.tollgate.queue.job;

import java.time.Duration;

/**
 * How often a job is tried and how long it waits between tries: exponential backoff with full jitter.
 *
 * @param attempts the most attempts that count, at least 1
 * @param base the longest wait after the first failed attempt; doubles with each further one
 * @param cap the longest wait at all
 */
public record RetryPolicy(int attempts, Duration base, Duration cap) {
    /** Two retries, waiting at most 2 s and 4 s. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(3, Duration.ofSeconds(2), Duration.ofMinutes(1));

    public RetryPolicy {
        if (attempts < 1 || attempts > 20) {
            throw new IllegalArgumentException("attempts must be between 1 and 20: " + attempts);
        }
        if (base.isNegative() || cap.compareTo(base) < 0) {
            throw new IllegalArgumentException("need 0 <= base <= cap: " + base + ", " + cap);
        }
    }

    /**
     * The wait after {@code failed} attempts that counted, at least 1.
     *
     * @param jitter from 0 to 1: which part of the longest wait is taken
     */
    public Duration backoff(int failed, double jitter) {
        if (failed < 1 || !(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("need failed >= 1, jitter from 0 to 1: " + failed + ", " + jitter);
        }
        long most = cap.toMillis();
        long longest = base.toMillis();
        for (int i = 1; i < failed && longest > 0 && longest < most; i++) {
            longest = longest > most / 2 ? most : longest * 2;
        }
        return Duration.ofMillis((long) (longest * jitter));
    }
}
