package io.tollgate.credits.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentPage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Invoices and payments in plain maps. Not safe for use by several threads at once. */
final class PaymentTables {
    private final Map<InvoiceId, Invoice> invoices = new LinkedHashMap<>();
    private final Map<String, InvoiceId> invoicesByPayload = new HashMap<>();
    private final NavigableMap<Long, Payment> payments = new TreeMap<>();
    private final Map<PaymentId, Long> paymentsById = new HashMap<>();
    private final Map<Charge, Long> paymentsByCharge = new HashMap<>();

    Optional<Invoice> invoice(InvoiceId id) {
        return Optional.ofNullable(invoices.get(id));
    }

    Optional<Invoice> invoiceByPayload(String payload) {
        return Optional.ofNullable(invoicesByPayload.get(payload)).map(invoices::get);
    }

    Optional<Payment> payment(PaymentId id) {
        return Optional.ofNullable(paymentsById.get(id)).map(payments::get);
    }

    Optional<Payment> payment(Charge charge) {
        return Optional.ofNullable(paymentsByCharge.get(charge)).map(payments::get);
    }

    /**
     * Checks that changes take no name that is another's.
     *
     * @throws IllegalStateException if they do
     */
    void check(LedgerChanges changes) {
        for (Invoice invoice : changes.invoices()) {
            InvoiceId taken = invoicesByPayload.get(invoice.payload());
            if (taken != null && !taken.equals(invoice.id())) {
                throw new IllegalStateException("the payload is taken: " + invoice.payload());
            }
        }
        for (Payment payment : changes.payments()) {
            Long taken = paymentsByCharge.get(payment.charge());
            if (taken != null && !taken.equals(paymentsById.get(payment.id()))) {
                throw new IllegalStateException("the charge is taken: " + payment.charge());
            }
        }
    }

    void apply(LedgerChanges changes) {
        for (Invoice invoice : changes.invoices()) {
            invoices.put(invoice.id(), invoice);
            invoicesByPayload.put(invoice.payload(), invoice.id());
        }
        for (Payment payment : changes.payments()) {
            long number = paymentsById.computeIfAbsent(payment.id(), id -> payments.size() + 1L);
            payments.put(number, payment);
            paymentsByCharge.put(payment.charge(), number);
        }
    }

    List<Invoice> invoices(UserId user, int limit) {
        List<Invoice> all = new ArrayList<>(invoices.values());
        Collections.reverse(all);
        return all.stream()
                .filter(invoice -> invoice.user().equals(user))
                .limit(limit)
                .toList();
    }

    PaymentPage payments(PaymentFilter filter, Optional<Long> before, int limit) {
        List<Map.Entry<Long, Payment>> found =
                payments.headMap(before.orElse(Long.MAX_VALUE), false).descendingMap().entrySet().stream()
                        .filter(entry -> filter.accepts(entry.getValue()))
                        .limit(limit + 1L)
                        .toList();
        List<Map.Entry<Long, Payment>> page = found.subList(0, Math.min(limit, found.size()));
        return new PaymentPage(
                page.stream().map(Map.Entry::getValue).toList(),
                found.size() > limit ? Optional.of(page.get(limit - 1).getKey()) : Optional.empty());
    }

    /** Puts another name in the place of a user's, and nothing in that of texts which tell it. */
    void rename(UserId gone, UserId to, Predicate<String> tells) {
        Set<InvoiceId> own = new HashSet<>();
        invoices.replaceAll((id, invoice) -> {
            if (!invoice.user().equals(gone)) {
                return invoice;
            }
            own.add(id);
            invoicesByPayload.remove(invoice.payload());
            Invoice erased = invoice.erased(to, tells);
            invoicesByPayload.put(erased.payload(), id);
            return erased;
        });
        payments.replaceAll((number, payment) ->
                isOf(payment, gone) || payment.invoice().filter(own::contains).isPresent()
                        ? payment.erased(gone, to, tells)
                        : payment);
    }

    /** How many payments of a user's wait for a provider to say what became of their money. */
    int pendingRefunds(UserId user) {
        return (int) payments.values().stream()
                .filter(payment -> payment.state() == Payment.State.REFUND_PENDING && isOf(payment, user))
                .count();
    }

    private static boolean isOf(Payment payment, UserId user) {
        return payment.payer().equals(user) || payment.user().equals(Optional.of(user));
    }

    Collection<Invoice> allInvoices() {
        return invoices.values();
    }

    Collection<Payment> allPayments() {
        return payments.values();
    }
}
