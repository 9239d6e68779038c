package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentKeys;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Reads the invoices and payments that the commands of a batch name. Confined to the writer's thread. */
final class PaymentLoader {
    static final String INVOICES = "SELECT " + PaymentRow.INVOICE_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN invoice AS i ON i.uuid = unhex(w.value)" + PaymentRow.INVOICE_TABLES;
    static final String INVOICES_BY_PAYLOAD = "SELECT " + PaymentRow.INVOICE_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN invoice AS i ON i.payload = w.value" + PaymentRow.INVOICE_TABLES;
    static final String PAYMENTS = "SELECT " + PaymentRow.PAYMENT_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN payment AS p ON p.uuid = unhex(w.value)" + PaymentRow.PAYMENT_TABLES;
    static final String PAYMENT_BY_CHARGE = "SELECT " + PaymentRow.PAYMENT_COLUMNS + " FROM payment AS p"
            + PaymentRow.PAYMENT_TABLES + " WHERE p.provider = ? AND p.external_id = ? AND p.period_end = ?";

    private final HotStatements statements;
    private final Set<PaymentId> payments = new LinkedHashSet<>(0);
    private final Set<Charge> charges = new LinkedHashSet<>(0);
    private final Set<InvoiceId> invoices = new LinkedHashSet<>(0);
    private final Set<String> payloads = new LinkedHashSet<>(0);

    PaymentLoader(HotStatements statements) {
        this.statements = statements;
    }

    /** Adds what a command names. */
    void add(PaymentKeys keys) {
        payments.addAll(keys.payments());
        charges.addAll(keys.charges());
        invoices.addAll(keys.invoices());
        payloads.addAll(keys.payloads());
    }

    /**
     * Reads all of it into the batch.
     *
     * @param users gets those whose grants payments made
     * @param sourceKeys gets those of these grants
     */
    void load(Batch batch, Set<UserId> users, Set<String> sourceKeys) throws SQLException {
        BatchPayments into = batch.payments;
        payments.forEach(into::lookedFor);
        charges.forEach(into::lookedFor);
        invoices.forEach(into::lookedFor);
        payloads.forEach(into::lookedFor);
        if (!invoices.isEmpty()) {
            invoices(
                    batch,
                    INVOICES,
                    Columns.jsonOfUuids(invoices.stream().map(InvoiceId::value).toList()));
        }
        if (!payloads.isEmpty()) {
            invoices(batch, INVOICES_BY_PAYLOAD, JsonColumns.texts(List.copyOf(payloads)));
        }
        if (!payments.isEmpty()) {
            List<UUID> ids = payments.stream().map(PaymentId::value).toList();
            payments(batch, statements.statement(PAYMENTS).bind(Columns.jsonOfUuids(ids)), users, sourceKeys);
        }
        for (Charge charge : charges) {
            HotStatement select = statements
                    .statement(PAYMENT_BY_CHARGE)
                    .bind(charge.provider())
                    .bind(charge.externalId())
                    .bind(charge.periodEnd());
            payments(batch, select, users, sourceKeys);
        }
    }

    private void invoices(Batch batch, String sql, String names) throws SQLException {
        try (ResultSet row = statements.statement(sql).bind(names).query()) {
            while (row.next()) {
                batch.payments.read(row.getLong(1), PaymentRow.invoice(row));
            }
        }
    }

    private static void payments(Batch batch, HotStatement select, Set<UserId> users, Set<String> sourceKeys)
            throws SQLException {
        try (ResultSet row = select.query()) {
            while (row.next()) {
                Payment payment = PaymentRow.payment(row);
                batch.payments.read(row.getLong(1), payment);
                if (payment.user().isPresent()) {
                    users.add(payment.user().get());
                    sourceKeys.add(payment.sourceKey());
                }
            }
        }
    }
}
