package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentPage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;

/** Invoices and payments, read. Each method is one transaction on a reader. Safe for use by many threads. */
final class PaymentReads {
    private static final String INVOICES =
            "SELECT " + PaymentRow.INVOICE_COLUMNS + " FROM invoice AS i" + PaymentRow.INVOICE_TABLES;
    private static final String PAYMENTS =
            "SELECT " + PaymentRow.PAYMENT_COLUMNS + " FROM payment AS p" + PaymentRow.PAYMENT_TABLES;
    private static final String ACCOUNT = "(SELECT account_id FROM account_holder WHERE user_id = :user)";

    private final SqliteDatabase database;

    PaymentReads(SqliteDatabase database) {
        this.database = database;
    }

    /** A payment and its number. */
    private record Numbered(long number, Payment payment) {}

    Optional<Invoice> invoice(InvoiceId id) {
        return invoices(INVOICES + " WHERE i.uuid = :id", Map.of("id", Columns.bytes(id.value()))).stream()
                .findFirst();
    }

    Optional<Invoice> invoiceByPayload(String payload) {
        return invoices(INVOICES + " WHERE i.payload = :payload", Map.of("payload", payload)).stream()
                .findFirst();
    }

    List<Invoice> invoices(UserId user, int limit) {
        StoreReads.checkLimit(limit);
        return invoices(
                INVOICES + " WHERE i.account_id = " + ACCOUNT + " ORDER BY i.id DESC LIMIT :limit",
                Map.of("user", user.value(), "limit", limit));
    }

    Optional<Payment> payment(PaymentId id) {
        return payments(PAYMENTS + " WHERE p.uuid = :id", Map.of("id", Columns.bytes(id.value()))).stream()
                .map(Numbered::payment)
                .findFirst();
    }

    Optional<Payment> payment(Charge charge) {
        return payments(
                        PAYMENTS + " WHERE p.provider = :provider AND p.external_id = :id AND p.period_end = :end",
                        Map.of("provider", charge.provider(), "id", charge.externalId(), "end", charge.periodEnd()))
                .stream()
                .map(Numbered::payment)
                .findFirst();
    }

    PaymentPage payments(PaymentFilter filter, Optional<Long> before, int limit) {
        StoreReads.checkLimit(limit);
        List<String> conditions = new ArrayList<>();
        Map<String, Object> parameters = new LinkedHashMap<>();
        conditions.add("p.id < :before");
        parameters.put("before", before.orElse(Long.MAX_VALUE));
        filter.state().ifPresent(state -> {
            conditions.add("p.state = :state");
            parameters.put("state", state.code());
        });
        filter.user().ifPresent(user -> {
            conditions.add("(p.payer_id = " + ACCOUNT + " OR p.account_id = " + ACCOUNT + ")");
            parameters.put("user", user.value());
        });
        parameters.put("limit", limit + 1L);
        List<Numbered> found = payments(
                PAYMENTS + " WHERE " + String.join(" AND ", conditions) + " ORDER BY p.id DESC LIMIT :limit",
                parameters);
        List<Numbered> page = found.subList(0, Math.min(limit, found.size()));
        return new PaymentPage(
                page.stream().map(Numbered::payment).toList(),
                found.size() > limit ? Optional.of(page.get(limit - 1).number()) : Optional.empty());
    }

    private List<Invoice> invoices(String sql, Map<String, ?> parameters) {
        return list(sql, parameters, (row, context) -> PaymentRow.invoice(row));
    }

    private List<Numbered> payments(String sql, Map<String, ?> parameters) {
        return list(sql, parameters, (row, context) -> new Numbered(row.getLong(1), PaymentRow.payment(row)));
    }

    private <T> List<T> list(String sql, Map<String, ?> parameters, RowMapper<T> mapper) {
        return database.read(handle ->
                handle.createQuery(sql).bindMap(parameters).map(mapper).list());
    }
}
