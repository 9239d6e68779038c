package io.tollgate.credits.ledger;

import java.util.Set;

/**
 * Which payments and invoices a command names. Of a payment that made a grant, a store also loads that grant, and locks
 * and loads its user.
 */
public record PaymentKeys(Set<PaymentId> payments, Set<Charge> charges, Set<InvoiceId> invoices, Set<String> payloads) {
    /** None at all. */
    public static final PaymentKeys NONE = new PaymentKeys(Set.of(), Set.of(), Set.of(), Set.of());

    public PaymentKeys {
        payments = Set.copyOf(payments);
        charges = Set.copyOf(charges);
        invoices = Set.copyOf(invoices);
        payloads = Set.copyOf(payloads);
    }

    /** One payment. */
    static PaymentKeys of(PaymentId id) {
        return new PaymentKeys(Set.of(id), Set.of(), Set.of(), Set.of());
    }
}
