package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.List;

/**
 * That a user's key was used, for what, and what came of it.
 *
 * @param user whose key
 * @param key 1 to {@value #MAX_KEY} characters
 * @param requestHash a hash of the request's body
 * @param jobs the jobs it made
 * @param at when
 */
public record IdempotencyRecord(UserId user, String key, String requestHash, List<JobId> jobs, Instant at) {
    /** The longest key. */
    public static final int MAX_KEY = 255;

    public IdempotencyRecord {
        jobs = List.copyOf(jobs);
        if (key.isBlank() || key.length() > MAX_KEY) {
            throw new IllegalArgumentException("an idempotency key has 1 to " + MAX_KEY + " characters");
        }
    }
}
