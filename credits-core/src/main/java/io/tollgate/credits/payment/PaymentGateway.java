package io.tollgate.credits.payment;

import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.Payment;
import java.util.concurrent.CompletionStage;

/**
 * Someone who takes money for us and sends it back. What was paid, a gateway tells by {@link Payments#record}, and what
 * was taken back by force by {@link Payments#chargeBack}. Safe for use by many threads.
 */
public interface PaymentGateway {
    /** Its word in the books, see {@link io.tollgate.credits.ledger.Charge#provider}; never changes. */
    String provider();

    /** Whether it takes a currency. */
    boolean accepts(String currency);

    /**
     * How an invoice can be paid. The {@linkplain Invoice#payload payload} must come back with the payment, or an
     * operator has to find out whom it is from.
     *
     * @return completes exceptionally if that can't be said now
     */
    CompletionStage<HowToPay> howToPay(Invoice invoice);

    /**
     * Sends the money of one of its payments back, all of it. May be asked again after any answer, or none: the money
     * goes back once.
     *
     * @return completes within the gateway's own limit of time. An exception is taken for {@link RefundOutcome.Unknown}
     */
    CompletionStage<RefundOutcome> refund(Payment payment);
}
