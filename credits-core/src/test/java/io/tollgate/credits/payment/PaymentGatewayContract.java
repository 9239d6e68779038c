package io.tollgate.credits.payment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link PaymentGateway} must do. Extend it, give it a gateway, and add nothing else. */
public abstract class PaymentGatewayContract {
    private static final UserId EVA = new UserId("eva");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /** A gateway whose provider works and has taken {@link #money} under {@link #charge}. */
    protected abstract PaymentGateway gateway() throws Exception;

    /** What the provider calls the payment that it took. */
    protected abstract String charge();

    /** What it took: in a currency that it takes. */
    protected abstract Money money();

    @Test
    void provider_isAWordThatTheBooksTake() throws Exception {
        Charge.checkProvider(gateway().provider());
    }

    @Test
    void accepts_whatItTook() throws Exception {
        assertThat(gateway().accepts(money().currency())).isTrue();
    }

    @Test
    void howToPay_anInvoiceWithTheLongestPayload_isSaid() throws Exception {
        Invoice invoice = new Invoice(
                new InvoiceId(new UUID(7, 1)),
                "p".repeat(Invoice.MAX_PAYLOAD),
                EVA,
                "small",
                money(),
                Amount.credits(50),
                Invoice.State.OPEN,
                NOW,
                NOW.plus(Duration.ofHours(24)));

        HowToPay how = answer(gateway().howToPay(invoice));

        assertThat(how.text()).isNotBlank();
    }

    @Test
    void refund_twice_isDoneAndThenStillIs() throws Exception {
        PaymentGateway gateway = gateway();
        Payment payment = payment(gateway.provider());

        RefundOutcome first = answer(gateway.refund(payment));
        RefundOutcome second = answer(gateway.refund(payment));

        assertThat(first).isEqualTo(new RefundOutcome.Done());
        assertThat(second).isIn(new RefundOutcome.Done(), new RefundOutcome.AlreadyRefunded());
    }

    private Payment payment(String provider) {
        return new Payment(
                new PaymentId(new UUID(7, 2)),
                Charge.once(provider, charge()),
                EVA,
                money(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(EVA),
                Amount.credits(50),
                Payment.State.REFUND_PENDING,
                Optional.of("not wanted"),
                "{}",
                NOW,
                NOW);
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
