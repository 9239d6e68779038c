package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * What a user had of a product's free runs on one day. A run counts for the day it was submitted on, even if it ends
 * after midnight.
 *
 * @param product what is run, 1 to 64 characters
 * @param zone whose day it is
 * @param limit how many there were to be had when the last one was taken, at least 1
 * @param used how many were had
 * @param held how many are under way; with {@code used} no more than {@code limit}
 * @param latest whether no later day of the product was begun
 */
public record QuotaDay(
        UserId user, String product, LocalDate day, ZoneId zone, int limit, int used, int held, boolean latest) {
    private static final int MAX_PRODUCT = 64;

    public QuotaDay {
        checkProduct(product);
        if (limit < 1 || used < 0 || held < 0 || used > limit - held) {
            throw new IllegalArgumentException(
                    "of " + limit + " free runs of " + product + " can't be " + used + " used and " + held + " held");
        }
    }

    static void checkProduct(String product) {
        if (product.isEmpty() || product.length() > MAX_PRODUCT || !StorableText.isStorable(product)) {
            throw new IllegalArgumentException("a product has a name of 1 to " + MAX_PRODUCT + " characters");
        }
    }

    /** The last day of a product that was begun, among a user's days; empty if there is none. */
    public static Optional<QuotaDay> latest(List<QuotaDay> days, String product) {
        return days.stream()
                .filter(day -> day.latest() && day.product().equals(product))
                .findFirst();
    }

    /** A day of which nothing was had. */
    static QuotaDay fresh(UserId user, FreeRun run) {
        return new QuotaDay(user, run.product(), run.day(), run.zone(), run.limit(), 0, 0, true);
    }

    /** What no two of a user's days have in common. */
    public record Key(UserId user, String product, LocalDate day) {}

    /** Which day it is. */
    public Key key() {
        return new Key(user, product, day);
    }

    /** How many were had or are under way. */
    public int taken() {
        return used + held;
    }

    /** Whether anything of it can still move. */
    public boolean live() {
        return latest || held > 0;
    }

    /** This day, of somebody else. */
    public QuotaDay of(UserId other) {
        return new QuotaDay(other, product, day, zone, limit, used, held, latest);
    }

    QuotaDay take(int ofLimit) {
        return new QuotaDay(user, product, day, zone, ofLimit, used, held + 1, latest);
    }

    QuotaDay settle(boolean had) {
        return new QuotaDay(user, product, day, zone, limit, used + (had ? 1 : 0), held - 1, latest);
    }

    QuotaDay past() {
        return new QuotaDay(user, product, day, zone, limit, used, held, false);
    }
}
