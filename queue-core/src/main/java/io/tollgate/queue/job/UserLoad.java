package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import java.time.Instant;

/**
 * What a user has under way, for the limits of submission.
 *
 * @param user whose
 * @param live jobs that have not ended
 * @param relaxed those of them that cost nothing as they are in the relaxed lane
 * @param rateUntil the theoretical arrival time of the rate limit (GCRA, ATM Forum TM 4.0): how far the user is ahead
 *     of the steady rate
 */
public record UserLoad(UserId user, int live, int relaxed, Instant rateUntil) {
    /** A user who has nothing under way. */
    public static UserLoad none(UserId user) {
        return new UserLoad(user, 0, 0, Instant.EPOCH);
    }

    /** Without one job that ended. */
    UserLoad less(boolean wasRelaxed) {
        return new UserLoad(user, live - 1, wasRelaxed ? relaxed - 1 : relaxed, rateUntil);
    }
}
