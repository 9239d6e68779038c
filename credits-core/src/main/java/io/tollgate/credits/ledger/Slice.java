package io.tollgate.credits.ledger;

/**
 * What one grant gives to a hold.
 *
 * @param amount positive
 */
public record Slice(GrantId grant, Amount amount) {
    public Slice {
        if (!amount.isPositive()) {
            throw new IllegalArgumentException("a slice is positive: " + amount + " of grant " + grant);
        }
    }
}
