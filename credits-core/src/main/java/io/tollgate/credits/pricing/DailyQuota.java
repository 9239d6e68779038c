package io.tollgate.credits.pricing;

/**
 * How many runs of a product everybody has free each day.
 *
 * @param perDay 1 to 1,000,000
 * @param then what follows
 */
public record DailyQuota(int perDay, AfterQuota then) {
    /** The most free runs a day. */
    public static final int MOST = 1_000_000;

    public DailyQuota {
        if (perDay < 1 || perDay > MOST) {
            throw new IllegalArgumentException("a daily quota is 1 to " + MOST + ": " + perDay);
        }
    }
}
