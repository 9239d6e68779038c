package io.tollgate.credits.ledger;

import java.util.UUID;

/** The public name of an invoice, chosen by whoever opens it before the first try. */
public record InvoiceId(UUID value) {
    @Override
    public String toString() {
        return value.toString();
    }
}
