package io.tollgate.credits.ledger;

import java.time.LocalDate;
import java.time.ZoneId;

/**
 * One of the runs of a product that a user has free on a day.
 *
 * @param product what is run, 1 to 64 characters
 * @param day the day it counts for, whenever it ends
 * @param zone whose day that is
 * @param limit how many there are a day, at least 1
 */
public record FreeRun(String product, LocalDate day, ZoneId zone, int limit) {
    public FreeRun {
        QuotaDay.checkProduct(product);
        if (limit < 1) {
            throw new IllegalArgumentException("a free run is one of at least 1 a day: " + limit);
        }
    }
}
