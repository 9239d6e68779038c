package io.tollgate.credits.ledger;

import java.util.List;
import java.util.Optional;

/**
 * A page of payments, newest first.
 *
 * @param next what to ask for to get the page after this; empty if this is the last
 */
public record PaymentPage(List<Payment> payments, Optional<Long> next) {
    public PaymentPage {
        payments = List.copyOf(payments);
    }
}
