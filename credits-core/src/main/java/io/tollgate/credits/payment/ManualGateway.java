package io.tollgate.credits.payment;

import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.Payment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Money that goes from hand to hand: an operator records what came, and sends back by hand what is to go back, so a
 * refund that was begun is done. Stateless.
 */
public final class ManualGateway implements PaymentGateway {
    /** Its word in the books. */
    public static final String PROVIDER = "manual";

    @Override
    public String provider() {
        return PROVIDER;
    }

    @Override
    public boolean accepts(String currency) {
        return true;
    }

    @Override
    public CompletionStage<HowToPay> howToPay(Invoice invoice) {
        return CompletableFuture.completedStage(
                HowToPay.of("pay " + invoice.price() + " to the operator and say what for: " + invoice.payload()));
    }

    @Override
    public CompletionStage<RefundOutcome> refund(Payment payment) {
        return CompletableFuture.completedStage(new RefundOutcome.Done());
    }
}
