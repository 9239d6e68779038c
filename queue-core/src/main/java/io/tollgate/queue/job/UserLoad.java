package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import java.time.Instant;

/**
 * What a user has under way, for the limits of submission.
 *
 * @param user whose
 * @param live jobs that have not ended
 * @param rateUntil the theoretical arrival time of the rate limit (GCRA, ATM Forum TM 4.0): how far the user is ahead
 *     of the steady rate
 */
public record UserLoad(UserId user, int live, Instant rateUntil) {
    /** A user who has nothing under way. */
    public static UserLoad none(UserId user) {
        return new UserLoad(user, 0, Instant.EPOCH);
    }

    UserLoad live(int change) {
        return new UserLoad(user, live + change, rateUntil);
    }
}
