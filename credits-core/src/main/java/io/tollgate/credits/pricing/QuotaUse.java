package io.tollgate.credits.pricing;

import io.tollgate.credits.ledger.QuotaDay;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * How a user stands with a product's free runs.
 *
 * @param day the day that counts: today, or the last that was begun, since none comes again when a clock goes back
 * @param zone whose day it is
 * @param used how many were had
 * @param held how many are under way
 */
public record QuotaUse(LocalDate day, ZoneId zone, int used, int held) {
    /**
     * How a user stands with a product.
     *
     * @param days the user's days of free runs, at least those that can still move
     */
    public static QuotaUse of(String product, Buyer buyer, List<QuotaDay> days) {
        Optional<QuotaDay> begun =
                QuotaDay.latest(days, product).filter(day -> !day.day().isBefore(buyer.today()));
        return new QuotaUse(
                begun.map(QuotaDay::day).orElse(buyer.today()),
                buyer.zone(),
                begun.map(QuotaDay::used).orElse(0),
                begun.map(QuotaDay::held).orElse(0));
    }

    /** How many of so many are left, at least 0. */
    public int left(int perDay) {
        return Math.max(0, perDay - used - held);
    }

    /** When the next day begins. */
    public Instant until() {
        return day.plusDays(1).atStartOfDay(zone).toInstant();
    }
}
