package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import java.sql.SQLException;
import java.util.Objects;

/** Writes the invoices and payments that a batch changed. Confined to the writer's thread. */
final class PaymentFlush {
    private final HotStatement insertInvoice;
    private final HotStatement updateInvoice;
    private final HotStatement insertPayment;
    private final HotStatement updatePayment;

    PaymentFlush(HotStatements statements) {
        insertInvoice = statements.statement("INSERT INTO invoice (id, uuid, account_id, payload, pack, currency,"
                + " price, credits, state, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        updateInvoice = statements.statement("UPDATE invoice SET state = ? WHERE id = ?");
        insertPayment = statements.statement("INSERT INTO payment (account_id, credits, state, note, changed_at, id,"
                + " uuid, provider, external_id, period_end, payer_id, currency, amount, payload, invoice_id, raw,"
                + " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        updatePayment = statements.statement(
                "UPDATE payment SET account_id = ?, credits = ?, state = ?, note = ?, changed_at = ? WHERE id = ?");
    }

    void flush(Batch batch) throws SQLException {
        BatchPayments rows = batch.payments;
        for (InvoiceId id : rows.changedInvoices) {
            Invoice invoice = rows.invoice(id).orElseThrow();
            if (rows.newInvoices.contains(id)) {
                insertInvoice
                        .bind(rows.key(id))
                        .bind(Columns.bytes(id.value()))
                        .bind(account(batch, invoice.user()))
                        .bind(invoice.payload())
                        .bind(invoice.pack())
                        .bind(invoice.price().currency())
                        .bind(invoice.price().minorUnits())
                        .bind(invoice.credits().hundredths())
                        .bind(invoice.state().code())
                        .bind(invoice.createdAt().toEpochMilli())
                        .bind(invoice.expiresAt().toEpochMilli())
                        .add();
            } else {
                updateInvoice.bind(invoice.state().code()).bind(rows.key(id)).add();
            }
        }
        insertInvoice.flush();
        updateInvoice.flush();
        for (PaymentId id : rows.changedPayments) {
            Payment payment = rows.payment(id).orElseThrow();
            boolean added = rows.newPayments.contains(id);
            HotStatement put = added ? insertPayment : updatePayment;
            put.bind(payment.user().map(user -> account(batch, user)).orElse(null))
                    .bind(payment.credits().hundredths())
                    .bind(payment.state().code())
                    .bind(payment.note().orElse(null))
                    .bind(payment.changedAt().toEpochMilli())
                    .bind(rows.key(id));
            if (added) {
                put.bind(Columns.bytes(id.value()))
                        .bind(payment.charge().provider())
                        .bind(payment.charge().externalId())
                        .bind(payment.charge().periodEnd())
                        .bind(account(batch, payment.payer()))
                        .bind(payment.money().currency())
                        .bind(payment.money().minorUnits())
                        .bind(payment.payload().orElse(null))
                        .bind(payment.invoice().map(rows::key).orElse(null))
                        .bind(payment.raw())
                        .bind(payment.createdAt().toEpochMilli());
            }
            put.add();
        }
        insertPayment.flush();
        updatePayment.flush();
    }

    private static Long account(Batch batch, UserId user) {
        return Objects.requireNonNull(batch.accounts.get(user)).key;
    }
}
