package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** How invoices and payments are read. Stateless. */
final class PaymentRow {
    /** What {@link #invoice} reads, with {@link #INVOICE_TABLES}. */
    static final String INVOICE_COLUMNS =
            "i.id, i.uuid, i.payload, ic.user_id, i.pack, i.currency, i.price, i.credits, i.state, i.created_at, i.expires_at";

    /** The tables of {@link #INVOICE_COLUMNS}, joined to an {@code invoice i}. */
    static final String INVOICE_TABLES = " CROSS JOIN account_holder AS ic ON ic.account_id = i.account_id";

    /** What {@link #payment} reads, with {@link #PAYMENT_TABLES}. */
    static final String PAYMENT_COLUMNS = "p.id, p.uuid, p.provider, p.external_id, p.period_end, pc.user_id,"
            + " p.currency, p.amount, p.payload, pi.uuid, uc.user_id, p.credits, p.state, p.note, p.raw, p.created_at,"
            + " p.changed_at";

    /** The tables of {@link #PAYMENT_COLUMNS}, joined to a {@code payment p}. */
    static final String PAYMENT_TABLES = " CROSS JOIN account_holder AS pc ON pc.account_id = p.payer_id"
            + " LEFT JOIN account_holder AS uc ON uc.account_id = p.account_id"
            + " LEFT JOIN invoice AS pi ON pi.id = p.invoice_id";

    private PaymentRow() {}

    static Invoice invoice(ResultSet row) throws SQLException {
        try {
            return new Invoice(
                    new InvoiceId(Columns.uuid(row, 2)),
                    row.getString(3),
                    new UserId(row.getString(4)),
                    row.getString(5),
                    new Money(row.getLong(7), row.getString(6)),
                    new Amount(row.getLong(8)),
                    Invoice.State.ofCode(row.getInt(9)),
                    Columns.instant(row, 10),
                    Columns.instant(row, 11));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException("invoice", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }

    static Payment payment(ResultSet row) throws SQLException {
        try {
            return new Payment(
                    new PaymentId(Columns.uuid(row, 2)),
                    new Charge(row.getString(3), row.getString(4), row.getLong(5)),
                    new UserId(row.getString(6)),
                    new Money(row.getLong(8), row.getString(7)),
                    Optional.ofNullable(row.getString(9)),
                    Columns.optionalUuid(row, 10).map(InvoiceId::new),
                    Optional.ofNullable(row.getString(11)).map(UserId::new),
                    new Amount(row.getLong(12)),
                    Payment.State.ofCode(row.getInt(13)),
                    Optional.ofNullable(row.getString(14)),
                    row.getString(15),
                    Columns.instant(row, 16),
                    Columns.instant(row, 17));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException("payment", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }
}
