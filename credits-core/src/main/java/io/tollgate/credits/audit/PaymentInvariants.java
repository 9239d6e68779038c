package io.tollgate.credits.audit;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.Payment;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What must always be true of payments, and of what is owed because of them. Pure: looks at rows, changes nothing. */
public final class PaymentInvariants {
    /** A payment of someone's credits made one paid grant, of that user and amount; another made none. */
    public static final String PAYMENT_HAS_GRANT = "payment-has-grant";
    /** A paid grant was made by a payment. */
    public static final String PURCHASE_HAS_PAYMENT = "purchase-has-payment";
    /** A charge is one payment, a payload one invoice. */
    public static final String CHARGED_ONCE = "charged-once";
    /** A grant is taken back if its payment is, and is taken back for good if the money is gone. */
    public static final String REVOKED_AS_PAID_BACK = "revoked-as-paid-back";
    /** Nothing remains of a grant that is taken back; only a paid one is, and only a paid one settles a debt. */
    public static final String REVOKED_IS_EMPTY = "revoked-is-empty";
    /** An invoice is paid if and only if its user paid it. */
    public static final String INVOICE_PAID = "invoice-paid";
    /** A payment names an invoice that is there, and is of a user with an account. */
    public static final String PAYMENT_NAMES_ROWS = "payment-names-rows";
    /** What is owed is what was used of grants whose money is gone, less what paid grants settled. */
    public static final String DEBT_IS_WHAT_WAS_USED = "debt-is-what-was-used";

    private final List<Finding> findings = new ArrayList<>();

    private PaymentInvariants() {}

    /** Checks all rows of a ledger. */
    public static AuditReport check(
            Collection<Account> accounts,
            Collection<Grant> grants,
            Collection<Invoice> invoices,
            Collection<Payment> payments) {
        PaymentInvariants rules = new PaymentInvariants();
        rules.names(accounts, invoices, payments);
        rules.grants(grants, payments);
        rules.invoices(invoices, payments);
        rules.debts(accounts, grants);
        return new AuditReport(
                Map.of("invoices", (long) invoices.size(), "payments", (long) payments.size()), rules.findings);
    }

    private void names(Collection<Account> accounts, Collection<Invoice> invoices, Collection<Payment> payments) {
        Set<UserId> users = new HashSet<>();
        accounts.forEach(account -> users.add(account.user()));
        Set<InvoiceId> known = new HashSet<>();
        Set<String> payloads = new HashSet<>();
        for (Invoice invoice : invoices) {
            known.add(invoice.id());
            if (!payloads.add(invoice.payload())) {
                find(CHARGED_ONCE, "invoice " + invoice.id(), "another has its payload");
            }
            if (!users.contains(invoice.user())) {
                find(PAYMENT_NAMES_ROWS, "invoice " + invoice.id(), "its user has no account: " + invoice.user());
            }
        }
        Set<Charge> charges = new HashSet<>();
        for (Payment payment : payments) {
            if (!charges.add(payment.charge())) {
                find(CHARGED_ONCE, subject(payment), "another has its charge: " + payment.charge());
            }
            if (!users.contains(payment.payer())
                    || !users.containsAll(payment.user().map(Set::of).orElseGet(Set::of))) {
                find(PAYMENT_NAMES_ROWS, subject(payment), "its payer or its user has no account");
            }
            if (payment.invoice().isPresent()
                    && !known.contains(payment.invoice().get())) {
                find(PAYMENT_NAMES_ROWS, subject(payment), "its invoice is not there");
            }
        }
    }

    private void grants(Collection<Grant> grants, Collection<Payment> payments) {
        Map<String, Grant> purchases = new HashMap<>();
        for (Grant grant : grants) {
            boolean paid = grant.source() == GrantSource.PURCHASE;
            if (paid) {
                purchases.put(grant.sourceKey(), grant);
            }
            boolean emptyAndPaid = paid && grant.remaining().isZero();
            if ((grant.revocation().isPresent() && !emptyAndPaid)
                    || (!paid && !grant.repaid().isZero())) {
                find(
                        REVOKED_IS_EMPTY,
                        "grant " + grant.id(),
                        "is of source " + grant.source() + " and taken back, with " + grant.remaining() + " left");
            }
        }
        Map<String, Payment> bySourceKey = new HashMap<>();
        for (Payment payment : payments) {
            bySourceKey.put(payment.sourceKey(), payment);
            Optional<Grant> grant = Optional.ofNullable(purchases.get(payment.sourceKey()));
            Optional<UserId> owner = grant.map(Grant::user);
            Amount credits = grant.map(Grant::granted).orElse(Amount.ZERO);
            if (!owner.equals(payment.user()) || !credits.equals(payment.credits())) {
                find(
                        PAYMENT_HAS_GRANT,
                        subject(payment),
                        "is worth " + payment.credits() + " but made a grant of " + credits);
            }
            if (grant.isPresent() && !revokedAs(payment.state(), grant.get())) {
                find(
                        REVOKED_AS_PAID_BACK,
                        subject(payment),
                        "is " + payment.state().word() + " but its grant says "
                                + grant.get().revocation());
            }
        }
        for (Grant grant : purchases.values()) {
            if (!bySourceKey.containsKey(grant.sourceKey())) {
                find(PURCHASE_HAS_PAYMENT, "grant " + grant.id(), "no payment made it: " + grant.sourceKey());
            }
        }
    }

    private static boolean revokedAs(Payment.State state, Grant grant) {
        return switch (state) {
            case CREDITED, UNMATCHED -> grant.revocation().isEmpty();
            case REFUND_PENDING -> grant.revocation().isPresent() && !grant.revokedForGood();
            case REFUNDED, CHARGED_BACK -> grant.revokedForGood();
        };
    }

    private void invoices(Collection<Invoice> invoices, Collection<Payment> payments) {
        Map<InvoiceId, Set<UserId>> payers = new HashMap<>();
        for (Payment payment : payments) {
            if (payment.invoice().isPresent()) {
                payers.computeIfAbsent(payment.invoice().get(), any -> new HashSet<>())
                        .add(payment.payer());
            }
        }
        for (Invoice invoice : invoices) {
            boolean paid = payers.getOrDefault(invoice.id(), Set.of()).contains(invoice.user());
            if (paid != (invoice.state() == Invoice.State.PAID)) {
                find(INVOICE_PAID, "invoice " + invoice.id(), "is " + invoice.state() + ", payments say otherwise");
            }
        }
    }

    private void debts(Collection<Account> accounts, Collection<Grant> grants) {
        Map<UserId, BigInteger> owed = new HashMap<>();
        for (Grant grant : grants) {
            BigInteger repaid = value(grant.repaid());
            BigInteger used = grant.revokedForGood() ? value(grant.consumed()).add(repaid) : BigInteger.ZERO;
            owed.merge(grant.user(), repaid.subtract(used), BigInteger::add);
        }
        for (Account account : accounts) {
            BigInteger should = owed.getOrDefault(account.user(), BigInteger.ZERO);
            if (!value(account.debt()).equals(should)) {
                find(
                        DEBT_IS_WHAT_WAS_USED,
                        "account " + account.user(),
                        "DEBT is " + account.debt() + " but should be " + new BigDecimal(should, 2).toPlainString());
            }
        }
    }

    private static BigInteger value(Amount amount) {
        return BigInteger.valueOf(amount.hundredths());
    }

    private static String subject(Payment payment) {
        return "payment " + payment.id();
    }

    private void find(String rule, String subject, String problem) {
        findings.add(new Finding(rule, subject, problem));
    }
}
