package io.tollgate.sql;

import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The invoices and payments of a batch, as they are by now. Confined to the writer's thread. */
final class BatchPayments {
    private final Map<PaymentId, Payment> payments = new HashMap<>(0);
    private final Map<Charge, PaymentId> charges = new HashMap<>(0);
    private final Map<InvoiceId, Invoice> invoices = new HashMap<>(0);
    private final Map<String, InvoiceId> payloads = new HashMap<>(0);
    private final Map<PaymentId, Long> paymentKeys = new HashMap<>(0);
    private final Map<InvoiceId, Long> invoiceKeys = new HashMap<>(0);
    private final Set<Object> loaded = new HashSet<>(0);

    // What is to be written.
    final Set<PaymentId> changedPayments = new LinkedHashSet<>(0);
    final Set<PaymentId> newPayments = new HashSet<>(0);
    final Set<InvoiceId> changedInvoices = new LinkedHashSet<>(0);
    final Set<InvoiceId> newInvoices = new HashSet<>(0);

    /** Notes that something was looked for by this id, charge or payload. */
    void lookedFor(Object name) {
        loaded.add(name);
    }

    void read(long key, Payment payment) {
        if (paymentKeys.putIfAbsent(payment.id(), key) == null) {
            put(payment);
        }
    }

    void read(long key, Invoice invoice) {
        if (invoiceKeys.putIfAbsent(invoice.id(), key) == null) {
            put(invoice);
        }
    }

    private void put(Payment payment) {
        payments.put(payment.id(), payment);
        charges.put(payment.charge(), payment.id());
    }

    private void put(Invoice invoice) {
        invoices.put(invoice.id(), invoice);
        payloads.put(invoice.payload(), invoice.id());
    }

    Optional<Payment> payment(PaymentId id) {
        return found(Optional.ofNullable(payments.get(id)), id);
    }

    Optional<Payment> payment(Charge charge) {
        return found(Optional.ofNullable(charges.get(charge)).map(payments::get), charge);
    }

    Optional<Invoice> invoice(InvoiceId id) {
        return found(Optional.ofNullable(invoices.get(id)), id);
    }

    Optional<Invoice> invoiceByPayload(String payload) {
        return found(Optional.ofNullable(payloads.get(payload)).map(invoices::get), payload);
    }

    private <T> Optional<T> found(Optional<T> row, Object name) {
        if (row.isEmpty() && !loaded.contains(name)) {
            throw Batch.notLoaded("payment or invoice", name);
        }
        return row;
    }

    long key(PaymentId id) {
        return Objects.requireNonNull(paymentKeys.get(id));
    }

    long key(InvoiceId id) {
        return Objects.requireNonNull(invoiceKeys.get(id));
    }

    /** Applies what happened to invoices and payments. */
    void apply(LedgerChanges changes, StoreState state) {
        for (Invoice invoice : changes.invoices()) {
            if (!invoiceKeys.containsKey(invoice.id())) {
                invoiceKeys.put(invoice.id(), ++state.lastInvoice);
                newInvoices.add(invoice.id());
            }
            put(invoice);
            changedInvoices.add(invoice.id());
        }
        for (Payment payment : changes.payments()) {
            if (!paymentKeys.containsKey(payment.id())) {
                paymentKeys.put(payment.id(), ++state.lastPayment);
                newPayments.add(payment.id());
            }
            put(payment);
            changedPayments.add(payment.id());
        }
    }
}
