package io.tollgate.credits.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.memory.MemoryLedgerStore;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PaymentsTest {
    private static final UserId EVA = new UserId("eva");
    private static final Pack SMALL = new Pack("small", "50 credits", Money.parse("4.99 EUR"), Amount.credits(50));
    private static final Pack STARS = new Pack("stars", "50 credits", Money.parse("250 XTR"), Amount.credits(50));

    private final MutableClock clock = new MutableClock();
    private final MemoryLedgerStore store = new MemoryLedgerStore(clock);
    private final ScriptedGateway scripted = new ScriptedGateway();
    private final AtomicLong ids = new AtomicLong();
    private final Payments payments = new Payments(
            store,
            new Packs(List.of(SMALL, STARS)),
            List.of(scripted, new ManualGateway()),
            Duration.ofHours(24),
            () -> new UUID(7, ids.incrementAndGet()));

    @AfterEach
    void audit() {
        assertThat(store.auditLedger().findings()).isEmpty();
    }

    @Test
    void buy_aPack_opensAnInvoiceAtTheGatewayThatTakesItsCurrency() {
        Payments.Bought euros = answer(payments.buy(EVA, "small"));
        Payments.Bought stars = answer(payments.buy(EVA, "stars"));

        assertThat(euros.provider()).isEqualTo("manual");
        assertThat(euros.how().text())
                .contains("4.99 EUR")
                .contains(euros.invoice().payload());
        assertThat(stars.provider()).isEqualTo("scripted");
        assertThat(euros.invoice().expiresAt()).isEqualTo(MutableClock.START.plus(Duration.ofHours(24)));
        assertThat(euros.invoice().credits()).isEqualTo(Amount.credits(50));
        assertThat(payments.invoices(EVA, 10)).containsExactly(stars.invoice(), euros.invoice());
        assertThat(payments.invoice(stars.invoice().payload())).contains(stars.invoice());
    }

    @Test
    void buy_underTheSameIdAgain_isTheSameInvoice() {
        InvoiceId id = new InvoiceId(new UUID(8, 8));

        Payments.Bought first = answer(payments.buy(EVA, "small", "manual", id));
        clock.advance(Duration.ofHours(1));
        Payments.Bought second = answer(payments.buy(EVA, "small", "manual", id));

        assertThat(second).isEqualTo(first);
        assertThat(payments.buy(new UserId("adam"), "small", "manual", id))
                .failsWithin(Duration.ofSeconds(1))
                .withThrowableThat()
                .withCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void payments_withAnOddGatewayOrNoTime_areRefused() {
        PaymentGateway odd = new PaymentGateway() {
            @Override
            public String provider() {
                return "By Hand";
            }

            @Override
            public boolean accepts(String currency) {
                return false;
            }

            @Override
            public CompletionStage<HowToPay> howToPay(Invoice invoice) {
                throw new AssertionError("nobody asks");
            }

            @Override
            public CompletionStage<RefundOutcome> refund(Payment payment) {
                throw new AssertionError("nobody asks");
            }
        };

        assertThatThrownBy(() -> payments(List.of(odd), Duration.ofHours(1))).hasMessageContaining("By Hand");
        assertThatThrownBy(() -> payments(List.of(), Duration.ofNanos(999_999)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(payments(List.of(), Duration.ofMillis(1)).packs().names()).containsExactly("small");
        assertThatThrownBy(() -> payments(List.of(), Duration.ofHours(1)).buy(EVA, "small"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no way to pay takes EUR");
    }

    private Payments payments(List<PaymentGateway> gateways, Duration expires) {
        return new Payments(store, new Packs(List.of(SMALL)), gateways, expires, () -> new UUID(9, 9));
    }

    @Test
    void buy_whatIsNotSoldOrInAWayThatIsNotThere_isRefused() {
        assertThatThrownBy(() -> payments.buy(EVA, "large")).hasMessageContaining("there are [small, stars]");
        assertThatThrownBy(() -> payments.buy(EVA, "small", "scripted", new InvoiceId(new UUID(8, 8))))
                .hasMessageContaining("doesn't take EUR");
        assertThatThrownBy(() -> payments.buy(EVA, "small", "paypal", new InvoiceId(new UUID(8, 8))))
                .hasMessageContaining("there are [scripted, manual]");
        assertThat(store.account(EVA)).isEmpty();
    }

    @Test
    void record_whateverTheProviderSaid_keepsTheMoney() {
        Payment odd = done(payments.record(
                Charge.once("scripted", "c1"),
                EVA,
                STARS.price(),
                Optional.of("x".repeat(200)),
                "a\0b".repeat(3_000),
                "bot"));

        assertThat(odd.state()).isEqualTo(Payment.State.UNMATCHED);
        assertThat(odd.payload()).isEmpty();
        assertThat(odd.raw()).startsWith("payload: xxx").hasSize(Payment.MAX_RAW);
        assertThat(payments.payments(PaymentFilter.of(Payment.State.UNMATCHED), Optional.empty(), 10)
                        .payments())
                .containsExactly(odd);
    }

    @Test
    void match_anUnmatchedPayment_creditsIt() {
        Payment unmatched =
                done(payments.record(Charge.once("manual", "c1"), EVA, SMALL.price(), Optional.empty(), "", "admin"));

        Payment matched = done(payments.match(unmatched.id(), EVA, Amount.credits(50), "admin", "it is the small one"));

        assertThat(matched.state()).isEqualTo(Payment.State.CREDITED);
        assertThat(available()).isEqualTo(Amount.credits(50));
    }

    @Test
    void refund_thatIsDone_isRefunded() {
        Payment refunded = done(payments.refund(paid().id(), false, "admin", "not wanted"));

        assertThat(refunded.state()).isEqualTo(Payment.State.REFUNDED);
        assertThat(refunded.note()).contains("not wanted");
        assertThat(available()).isEqualTo(Amount.ZERO);
        assertThat(newest().reason()).contains("scripted: sent back");
        assertThat(answer(payments.refund(refunded.id(), false, "admin", "not wanted")))
                .isEqualTo(new PaymentResult.WrongState(refunded));
        assertThat(scripted.asked()).isEqualTo(1);
    }

    @Test
    void refund_thatWasDoneBefore_isRefunded() {
        scripted.answers(new RefundOutcome.AlreadyRefunded());

        assertThat(done(payments.refund(paid().id(), false, "admin", "not wanted"))
                        .state())
                .isEqualTo(Payment.State.REFUNDED);
    }

    @Test
    void refund_thatIsTurnedDown_leavesTheCredits() {
        scripted.answers(new RefundOutcome.Refused("too late " + "x".repeat(600)));

        Payment payment = done(payments.refund(paid().id(), false, "admin", "not wanted"));

        assertThat(payment.state()).isEqualTo(Payment.State.CREDITED);
        assertThat(payment.note().orElseThrow()).startsWith("scripted: refused: too late");
        assertThat(available()).isEqualTo(Amount.credits(50));
    }

    @Test
    void refund_ofWhichNobodyKnows_isAskedForAgain() {
        scripted.answers(new RefundOutcome.Unknown("timeout"));
        PaymentId id = paid().id();

        assertThat(done(payments.refund(id, false, "admin", "not wanted")).state())
                .isEqualTo(Payment.State.REFUND_PENDING);
        assertThat(available()).isEqualTo(Amount.ZERO);
        scripted.answers(new RefundOutcome.Unknown("timeout"));
        assertThat(answer(payments.resumeRefunds())).isZero();
        assertThat(answer(payments.resumeRefunds())).isEqualTo(1);

        assertThat(payments.payment(id).orElseThrow().state()).isEqualTo(Payment.State.REFUNDED);
        assertThat(answer(payments.resumeRefunds())).isZero();
        assertThat(scripted.asked()).isEqualTo(3);
    }

    @Test
    void refund_whoseAnswerIsLost_findsThatItWasDone() {
        scripted.fails(new IllegalStateException("connection reset"));
        PaymentId id = paid().id();

        done(payments.refund(id, false, "admin", "not wanted"));
        assertThat(answer(payments.resumeRefunds())).isEqualTo(1);

        assertThat(payments.payment(id).orElseThrow().state()).isEqualTo(Payment.State.REFUNDED);
        assertThat(newest().reason()).contains("scripted: was sent back before");
    }

    @Test
    void resumeRefunds_pastAGatewayThatThrows_goesOn() {
        scripted.answers(new RefundOutcome.Unknown("timeout"));
        done(payments.refund(paid().id(), false, "admin", "not wanted"));
        scripted.breaks(new IllegalStateException("a defect"));

        assertThat(answer(payments.resumeRefunds())).isZero();
        assertThat(scripted.asked()).isEqualTo(2);
    }

    @Test
    void refund_ofAProviderThatNobodySpeaksTo_isRefusedAndChangesNothing() {
        Payment foreign =
                done(payments.record(Charge.once("paypal", "c1"), EVA, SMALL.price(), Optional.empty(), "", "admin"));

        assertThatThrownBy(() -> payments.refund(foreign.id(), false, "admin", "not wanted"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(payments.payment(foreign.id())).contains(foreign);
        PaymentId unknown = new PaymentId(new UUID(9, 9));
        assertThat(answer(payments.refund(unknown, false, "admin", "not wanted")))
                .isEqualTo(new PaymentResult.NoSuchPayment(unknown.toString()));
    }

    @Test
    void chargeBack_isRecordedOnce() {
        Payment payment = paid();

        done(payments.chargeBack(payment.charge(), "bank", "it is disputed"));

        assertThat(available()).isEqualTo(Amount.ZERO);
        assertThat(answer(payments.chargeBack(payment.charge(), "bank", "it is disputed")))
                .isEqualTo(new PaymentResult.Done(payments.payment(payment.id()).orElseThrow(), true));
    }

    @Test
    void packs_thatMakeNoSense_areRefused() {
        assertThatThrownBy(() -> new Pack("small", " ", SMALL.price(), SMALL.credits()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Pack("small", "x", new Money(0, "EUR"), SMALL.credits()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Pack("small", "x", SMALL.price(), Amount.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Packs(List.of(SMALL, SMALL))).hasMessageContaining("twice");
        assertThatThrownBy(() -> new Payments(
                        store,
                        Packs.NONE,
                        List.of(new ManualGateway(), new ManualGateway()),
                        Duration.ofHours(1),
                        UUID::randomUUID))
                .hasMessageContaining("two gateways");
        assertThatThrownBy(() -> new Payments(store, Packs.NONE, List.of(), Duration.ZERO, UUID::randomUUID))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Payment paid() {
        Invoice invoice = answer(payments.buy(EVA, "stars")).invoice();
        return done(payments.record(
                Charge.once("scripted", "c" + ids.incrementAndGet()),
                EVA,
                invoice.price(),
                Optional.of(invoice.payload()),
                "{}",
                "bot"));
    }

    private Amount available() {
        return store.account(EVA).orElseThrow().available();
    }

    private Posting newest() {
        return store.history(EVA, Optional.empty(), 1).postings().get(0);
    }

    private static Payment done(CompletionStage<PaymentResult> stage) {
        PaymentResult result = answer(stage);
        assertThat(result).isInstanceOf(PaymentResult.Done.class);
        return ((PaymentResult.Done) result).payment();
    }

    private static <T> T answer(CompletionStage<T> stage) {
        assertThat(stage.toCompletableFuture()).isDone();
        return stage.toCompletableFuture().join();
    }
}
