package io.tollgate.queue.gate;

import java.time.Duration;

/**
 * For how long prices are promised.
 *
 * @param lifetime how long a quote binds, 1 second to 30 days
 * @param openPerUser how many quotes of one user may be open at once, 1 to 1000
 */
public record QuoteTerms(Duration lifetime, int openPerUser) {
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final int MOST = 1000;

    /** A quarter of an hour, and twenty at once. */
    public static final QuoteTerms DEFAULT = new QuoteTerms(Duration.ofMinutes(15), 20);

    public QuoteTerms {
        if (lifetime.compareTo(Duration.ofSeconds(1)) < 0 || lifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a quote binds for 1 second to 30 days, not " + lifetime);
        }
        if (openPerUser < 1 || openPerUser > MOST) {
            throw new IllegalArgumentException("a user may have 1 to " + MOST + " open quotes, not " + openPerUser);
        }
    }
}
