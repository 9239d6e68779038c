package io.tollgate.credits.ledger;

import java.util.UUID;

/** The public name of a quote. */
public record QuoteId(UUID value) {
    @Override
    public String toString() {
        return value.toString();
    }
}
