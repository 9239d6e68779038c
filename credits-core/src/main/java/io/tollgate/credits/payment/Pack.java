package io.tollgate.credits.payment;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.Money;

/**
 * Credits that are sold together.
 *
 * @param name what it is asked for by: 1 to 40 of {@code a-z 0-9 _ -}, a letter first
 * @param title what people see, 1 to {@value #MAX_TITLE} characters
 * @param price more than 0
 * @param credits more than 0
 */
public record Pack(String name, String title, Money price, Amount credits) {
    /** The longest title. */
    public static final int MAX_TITLE = 100;

    public Pack {
        Invoice.checkPack(name);
        if (title.isBlank() || title.length() > MAX_TITLE) {
            throw new IllegalArgumentException(
                    "the title of a pack has 1 to " + MAX_TITLE + " characters, not '" + title + "'");
        }
        Invoice.checkPrice(price, credits);
    }
}
