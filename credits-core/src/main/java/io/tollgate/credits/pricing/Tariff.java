package io.tollgate.credits.pricing;

import io.tollgate.credits.ledger.Amount;
import java.util.Optional;

/**
 * What a product costs before perks and discounts, and what of it costs nothing.
 *
 * @param list the list price, not negative
 * @param free whether nobody pays for it
 * @param quota how many runs everybody has free each day; none if {@code free}
 * @param relaxed whether who has too few credits gets it for nothing in the relaxed lane, rather than not at all
 */
public record Tariff(Amount list, boolean free, Optional<DailyQuota> quota, boolean relaxed) {
    public Tariff {
        if (list.isNegative()) {
            throw new IllegalArgumentException("a price is never negative: " + list);
        }
        if (free && quota.isPresent()) {
            throw new IllegalArgumentException("what is free for everybody has no quota");
        }
    }

    /** Just a price. */
    public static Tariff of(Amount list) {
        return new Tariff(list, false, Optional.empty(), false);
    }

    /** What costs nobody anything; the list price is then booked as a subsidy. */
    public static Tariff free(Amount list) {
        return new Tariff(list, true, Optional.empty(), false);
    }

    /** The same with some runs free each day. */
    public Tariff with(DailyQuota daily) {
        return new Tariff(list, free, Optional.of(daily), relaxed);
    }

    /** The same, for nothing in the relaxed lane for those who have too few credits. */
    public Tariff orRelaxed() {
        return new Tariff(list, free, quota, true);
    }
}
