package io.tollgate.credits.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerRules;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Revocation;
import io.tollgate.credits.memory.LedgerTables;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each rule, broken once. */
final class PaymentInvariantsTest {
    private static final UserId EVA = new UserId("eva");
    private static final Instant NOW = MutableClock.START;
    private static final Money PRICE = new Money(499, "EUR");
    private static final HoldId HOLD = new HoldId(new UUID(1, 1));

    private final List<Account> accounts = new ArrayList<>();
    private final List<Grant> grants = new ArrayList<>();
    private final List<Invoice> invoices = new ArrayList<>();
    private final List<Payment> payments = new ArrayList<>();

    /** Payments, newest first: 0 unmatched, 1 under refund, 2 credited and used for a debt, 3 charged back. */
    @BeforeEach
    void booksInOrder() {
        LedgerTables tables = new LedgerTables();
        run(tables, invoice(1));
        run(tables, invoice(2));
        run(tables, payment("c1", Optional.of("inv:1")));
        run(tables, new LedgerCommand.OpenHold(HOLD, EVA, Price.agreed(credits(20), credits(20)), "test"));
        run(tables, new LedgerCommand.Capture(HOLD, credits(20), credits(20), "test"));
        run(tables, new LedgerCommand.ChargeBack(Charge.once("manual", "c1"), "test", "a reason"));
        run(tables, payment("c2", Optional.of("inv:1")));
        run(tables, payment("c3", Optional.of("inv:1")));
        run(tables, new LedgerCommand.BeginRefund(id("c3"), false, "test", "a reason"));
        run(tables, payment("c4", Optional.empty()));
        assertThat(tables.audit().findings()).isEmpty();
        accounts.addAll(tables.accounts(Optional.empty(), 10));
        grants.addAll(tables.allGrants(EVA));
        invoices.addAll(tables.invoices(EVA, 10));
        payments.addAll(tables.payments(PaymentFilter.ALL, Optional.empty(), 10).payments());
        assertThat(rules()).isEmpty();
    }

    @Test
    void check_aPaymentOfOtherCredits_isFound() {
        payments.set(2, copy(payments.get(2), Optional.of(EVA), credits(51), Payment.State.CREDITED));

        assertThat(rules()).containsExactly(PaymentInvariants.PAYMENT_HAS_GRANT);
    }

    @Test
    void check_aPaymentThatClaimsAGrant_isFound() {
        payments.set(0, copy(payments.get(0), Optional.of(EVA), credits(5), Payment.State.CREDITED));

        assertThat(rules()).containsExactly(PaymentInvariants.PAYMENT_HAS_GRANT);
    }

    @Test
    void check_aPurchaseWithoutAPayment_isFound() {
        payments.remove(2);

        assertThat(rules()).containsExactly(PaymentInvariants.PURCHASE_HAS_PAYMENT);
    }

    @Test
    void check_aChargeOrAPayloadTwice_isFound() {
        payments.add(payments.get(0));
        invoices.add(invoices.get(0));

        assertThat(rules()).containsOnly(PaymentInvariants.CHARGED_ONCE);
    }

    @Test
    void check_aGrantThatIsNotTakenBackAsItsPayment_isFound() {
        for (int i = 1; i <= 3; i++) {
            Payment payment = payments.get(i);
            for (Payment.State other : Payment.State.values()) {
                boolean same = revocation(other) == revocation(payment.state());
                if (other != Payment.State.UNMATCHED && !same) {
                    payments.set(i, copy(payment, payment.user(), payment.credits(), other));
                    assertThat(rules()).as(other.word()).containsExactly(PaymentInvariants.REVOKED_AS_PAID_BACK);
                }
            }
            payments.set(i, payment);
        }
    }

    private static int revocation(Payment.State state) {
        return switch (state) {
            case CREDITED, UNMATCHED -> 0;
            case REFUND_PENDING -> 1;
            case REFUNDED, CHARGED_BACK -> 2;
        };
    }

    @Test
    void check_aPresentThatIsTakenBack_isFound() {
        Amount none = Amount.ZERO;
        grants.add(new Grant(
                new io.tollgate.credits.ledger.GrantId(99),
                EVA,
                GrantSource.BONUS,
                "bonus:1",
                20,
                credits(5),
                none,
                none,
                none,
                none,
                credits(5),
                NOW,
                Optional.empty(),
                NOW,
                none,
                Optional.of(new Revocation(false, NOW, none))));

        assertThat(rules()).containsExactly(PaymentInvariants.REVOKED_IS_EMPTY);
    }

    @Test
    void check_anInvoiceThatIsPaidByNobody_isFound() {
        Invoice open = invoices.get(0);
        invoices.set(
                0,
                new Invoice(
                        open.id(),
                        open.payload(),
                        open.user(),
                        open.pack(),
                        open.price(),
                        open.credits(),
                        Invoice.State.PAID,
                        open.createdAt(),
                        open.expiresAt()));

        assertThat(rules()).containsExactly(PaymentInvariants.INVOICE_PAID);
    }

    @Test
    void check_rowsThatAreNotThere_areFound() {
        invoices.removeIf(invoice -> invoice.state() == Invoice.State.PAID);

        assertThat(rules()).containsOnly(PaymentInvariants.PAYMENT_NAMES_ROWS);
        accounts.clear();
        assertThat(rules()).hasSizeGreaterThan(4).containsOnly(PaymentInvariants.PAYMENT_NAMES_ROWS);
    }

    @Test
    void check_aDebtThatNobodyMade_isFound() {
        Account account = accounts.get(0);
        accounts.set(
                0,
                new Account(
                        account.user(),
                        account.tier(),
                        account.tierUntil(),
                        account.trialUntil(),
                        account.draw(),
                        account.available(),
                        account.held(),
                        credits(-1)));

        assertThat(rules()).containsExactly(PaymentInvariants.DEBT_IS_WHAT_WAS_USED);
    }

    private List<String> rules() {
        return PaymentInvariants.check(accounts, grants, invoices, payments).findings().stream()
                .map(Finding::rule)
                .toList();
    }

    private static Payment copy(Payment payment, Optional<UserId> user, Amount credits, Payment.State state) {
        return new Payment(
                payment.id(),
                payment.charge(),
                payment.payer(),
                payment.money(),
                payment.payload(),
                payment.invoice(),
                user,
                credits,
                state,
                payment.note(),
                payment.raw(),
                payment.createdAt(),
                payment.changedAt());
    }

    private static LedgerCommand<?> invoice(int number) {
        return new LedgerCommand.OpenInvoice(
                new InvoiceId(new UUID(7, number)),
                "inv:" + number,
                EVA,
                "small",
                PRICE,
                credits(50),
                Duration.ofHours(1));
    }

    private static LedgerCommand<?> payment(String charge, Optional<String> payload) {
        return new LedgerCommand.RecordPayment(
                id(charge), Charge.once("manual", charge), EVA, PRICE, payload, "", "test");
    }

    private static PaymentId id(String charge) {
        return new PaymentId(new UUID(8, charge.hashCode()));
    }

    private static Amount credits(long credits) {
        return Amount.credits(credits);
    }

    private static void run(LedgerTables tables, LedgerCommand<?> command) {
        tables.apply(LedgerRules.decide(command, tables, NOW).changes());
    }
}
