package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused before a store is asked. */
final class PaymentValuesTest {
    private static final UserId EVA = new UserId("eva");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Money PRICE = new Money(499, "EUR");
    private static final PaymentId ID = new PaymentId(new UUID(7, 1));

    @Test
    void openInvoice_ofNothingOrForNothing_isRefused() {
        refused(() -> open("inv:1", "small", new Money(0, "EUR"), Amount.credits(1), Duration.ofHours(1)));
        refused(() -> open("inv:1", "small", PRICE, Amount.ZERO, Duration.ofHours(1)));
        refused(() -> open("inv:1", "small", PRICE, Amount.credits(-1), Duration.ofHours(1)));
        refused(() -> open("inv:1", "small", PRICE, Amount.credits(1), Duration.ZERO));
        refused(() -> open("inv:1", "Small", PRICE, Amount.credits(1), Duration.ofHours(1)));
        refused(() -> open("", "small", PRICE, Amount.credits(1), Duration.ofHours(1)));
    }

    @Test
    void payload_isCountedInBytes() {
        assertThat(Invoice.isPayload("x".repeat(128))).isTrue();
        assertThat(Invoice.isPayload("x".repeat(129))).isFalse();
        assertThat(Invoice.isPayload("\u20ac".repeat(42))).isTrue();
        assertThat(Invoice.isPayload("\u20ac".repeat(43))).isFalse();
        assertThat(Invoice.isPayload("a\0b")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Manual", "1st", "a b"})
    void charge_ofAnOddProvider_isRefused(String provider) {
        refused(() -> Charge.once(provider, "1"));
    }

    @Test
    void charge_withoutAnIdOrWithANegativePeriod_isRefused() {
        refused(() -> Charge.once("manual", " "));
        refused(() -> Charge.once("manual", "x".repeat(201)));
        refused(() -> new Charge("manual", "1", -1));
    }

    @Test
    void commands_withoutAReasonOrWithNothingToDo_areRefused() {
        refused(() -> new LedgerCommand.BeginRefund(ID, true, "admin", " "));
        refused(() -> new LedgerCommand.FinishRefund(ID, true, "admin", "no"));
        refused(() -> new LedgerCommand.ChargeBack(Charge.once("manual", "1"), "admin", ""));
        refused(() -> new LedgerCommand.MatchPayment(ID, EVA, Amount.ZERO, "admin", "a reason"));
        refused(() -> new LedgerCommand.MatchPayment(ID, EVA, Amount.credits(-1), "admin", "a reason"));
        refused(() -> record(new Money(0, "EUR"), "{}"));
        refused(() -> record(PRICE, "x".repeat(Payment.MAX_RAW + 1)));
        refused(() -> record(PRICE, "a\0b"));
        refused(() -> new LedgerCommand.GrantCredits(
                EVA, GrantSource.PURCHASE, "p", Amount.credits(1), Optional.empty(), "admin", "a reason"));
        refused(() -> new LedgerCommand.GrantCredits(
                EVA, GrantSource.BONUS, "purchase:1", Amount.credits(1), Optional.empty(), "admin", "a reason"));
    }

    @Test
    void payment_ofAStateThatDoesNotFit_isRefused() {
        payment(Payment.State.UNMATCHED, Optional.empty(), Amount.ZERO);
        refused(() -> payment(Payment.State.UNMATCHED, Optional.of(EVA), Amount.credits(1)));
        refused(() -> payment(Payment.State.CREDITED, Optional.empty(), Amount.ZERO));
        refused(() -> payment(Payment.State.CREDITED, Optional.of(EVA), Amount.ZERO));
        refused(() -> payment(Payment.State.REFUNDED, Optional.empty(), Amount.credits(1)));
    }

    @Test
    void grant_thatIsTakenBackAndHasSomethingLeft_isRefused() {
        Grant grant = Grant.bought(new GrantId(1), EVA, "purchase:1", Amount.credits(5), Amount.credits(2), NOW);

        assertThat(grant.remaining()).isEqualTo(Amount.credits(3));
        assertThat(grant.repaid()).isEqualTo(Amount.credits(2));
        assertThat(Grant.bought(new GrantId(1), EVA, "purchase:1", Amount.credits(5), Amount.credits(9), NOW)
                        .live())
                .isFalse();
        refused(() -> copy(grant, GrantSource.PURCHASE, Optional.of(new Revocation(false, NOW, Amount.ZERO))));
        refused(() -> copy(grant, GrantSource.BONUS, Optional.empty()));
        refused(() -> new Revocation(false, NOW, Amount.credits(-1)));
    }

    @Test
    void paymentId_ofSomethingElse_isRefused() {
        assertThat(PaymentId.parse(ID.toString())).isEqualTo(ID);
        refused(() -> PaymentId.parse("1-2-3-4-5"));
        refused(() -> PaymentId.parse("nonsense"));
    }

    private static Grant copy(Grant grant, GrantSource source, Optional<Revocation> revocation) {
        return new Grant(
                grant.id(),
                grant.user(),
                source,
                grant.sourceKey(),
                grant.priority(),
                grant.granted(),
                grant.remaining(),
                grant.held(),
                grant.consumed(),
                grant.expired(),
                grant.revoked(),
                grant.effectiveAt(),
                grant.expiresAt(),
                grant.createdAt(),
                grant.repaid(),
                revocation);
    }

    private static Payment payment(Payment.State state, Optional<UserId> user, Amount credits) {
        return new Payment(
                ID,
                Charge.once("manual", "1"),
                EVA,
                PRICE,
                Optional.empty(),
                Optional.empty(),
                user,
                credits,
                state,
                Optional.empty(),
                "",
                NOW,
                NOW);
    }

    private static LedgerCommand.OpenInvoice open(
            String payload, String pack, Money price, Amount credits, Duration lifetime) {
        return new LedgerCommand.OpenInvoice(
                new InvoiceId(new UUID(7, 2)), payload, EVA, pack, price, credits, lifetime);
    }

    private static LedgerCommand.RecordPayment record(Money money, String raw) {
        return new LedgerCommand.RecordPayment(
                ID, Charge.once("manual", "1"), EVA, money, Optional.empty(), raw, "admin");
    }

    private static void refused(ThrowingCallable wish) {
        assertThatThrownBy(wish).isInstanceOf(IllegalArgumentException.class);
    }
}
