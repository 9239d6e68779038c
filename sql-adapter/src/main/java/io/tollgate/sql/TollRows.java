package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** How free runs and quotes are read and written. Stateless. */
final class TollRows {
    /** What {@link #quota} reads, of a {@code quota_day d}; the owner's key comes first. */
    static final String QUOTA_COLUMNS = "d.account_id, d.product, d.day, d.zone, d.quota, d.used, d.held, d.latest";

    /** What {@link #quote} reads, of a {@code quote q}. */
    static final String QUOTE_COLUMNS =
            "q.uuid, q.user_id, q.request_hash, q.lines, q.made_at, q.expires_at, q.used_at";

    private static final String LIVE_QUOTAS = "SELECT " + QUOTA_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN quota_day AS d ON d.account_id = w.value AND d.live = 1";
    private static final String QUOTES =
            "SELECT " + QUOTE_COLUMNS + " FROM json_each(?) AS w CROSS JOIN quote AS q ON q.uuid = unhex(w.value)";
    private static final String OPEN_QUOTES = "SELECT " + QUOTE_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN quote AS q ON q.user_id = w.value AND q.used_at IS NULL"
            + " WHERE q.expires_at > ?";
    private static final String PUT_QUOTA =
            "INSERT INTO quota_day (account_id, product, day, zone, quota, used, held, latest, live)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, product, day) DO UPDATE SET"
                    + " quota = excluded.quota, used = excluded.used, held = excluded.held,"
                    + " latest = excluded.latest, live = excluded.live";
    // the second wall of "used once": a quote that was used is never written again
    private static final String PUT_QUOTE =
            "INSERT INTO quote (uuid, user_id, request_hash, lines, made_at, expires_at, used_at)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET used_at = excluded.used_at"
                    + " WHERE quote.used_at IS NULL";

    private TollRows() {}

    static QuotaDay quota(ResultSet row, UserId user) throws SQLException {
        try {
            return new QuotaDay(
                    user,
                    row.getString(2),
                    LocalDate.ofEpochDay(row.getLong(3)),
                    ZoneId.of(row.getString(4)),
                    row.getInt(5),
                    row.getInt(6),
                    row.getInt(7),
                    row.getInt(8) != 0);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new CorruptRowException("quota of", user, String.valueOf(e.getMessage()), e);
        }
    }

    static Quote quote(ResultSet row) throws SQLException {
        QuoteId id = new QuoteId(Columns.uuid(row, 1));
        try {
            return new Quote(
                    id,
                    new UserId(row.getString(2)),
                    row.getString(3),
                    JsonColumns.quoteLines(row.getString(4)),
                    Columns.instant(row, 5),
                    Columns.instant(row, 6),
                    Columns.optionalInstant(row, 7));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CorruptRowException("quote", id, String.valueOf(e.getMessage()), e);
        }
    }

    /** Loads what can still move of the free runs of accounts that were just loaded. */
    static void loadQuotas(HotStatements statements, Batch batch, List<Batch.AccountEntry> accounts)
            throws SQLException {
        if (!batch.state.quotas) {
            return;
        }
        Map<Long, Batch.AccountEntry> byKey = new HashMap<>();
        accounts.forEach(entry -> byKey.put(entry.key, entry));
        try (ResultSet row = statements
                .statement(LIVE_QUOTAS)
                .bind(Columns.json(byKey.keySet()))
                .query()) {
            while (row.next()) {
                Batch.AccountEntry entry = Objects.requireNonNull(byKey.get(row.getLong(1)));
                QuotaDay day = quota(row, Objects.requireNonNull(entry.account).user());
                entry.quotas.put(day.key(), day);
            }
        }
    }

    /** Loads quotes by id, and the open ones of users. */
    static void loadQuotes(HotStatements statements, Batch batch, Set<QuoteId> ids, Set<UserId> users)
            throws SQLException {
        if (!ids.isEmpty()) {
            ids.forEach(id -> batch.quotes.put(id, Optional.empty()));
            String json = Columns.jsonOfUuids(ids.stream().map(QuoteId::value).toList());
            try (ResultSet row = statements.statement(QUOTES).bind(json).query()) {
                while (row.next()) {
                    Quote quote = quote(row);
                    batch.quotes.put(quote.id(), Optional.of(quote));
                }
            }
        }
        if (!users.isEmpty()) {
            users.forEach(user -> batch.openQuotes.put(user, new ArrayList<>()));
            String json = JsonColumns.texts(users.stream().map(UserId::value).toList());
            try (ResultSet row = statements
                    .statement(OPEN_QUOTES)
                    .bind(json)
                    .bind(batch.now.toEpochMilli())
                    .query()) {
                while (row.next()) {
                    Quote quote = quote(row);
                    batch.quotes.put(quote.id(), Optional.of(quote));
                    Objects.requireNonNull(batch.openQuotes.get(quote.user())).add(quote.id());
                }
            }
        }
    }

    /** Writes what a batch changed. Accounts are written already. */
    static void flush(HotStatements statements, Batch batch) throws SQLException {
        quotas(statements, batch, batch.changedQuotas.values());
        quotes(statements, batch.changedQuotes.values());
    }

    private static void quotas(HotStatements statements, Batch batch, Collection<QuotaDay> days) throws SQLException {
        if (days.isEmpty()) {
            return;
        }
        HotStatement put = statements.statement(PUT_QUOTA);
        for (QuotaDay day : days) {
            put.bind(Objects.requireNonNull(batch.accounts.get(day.user())).key)
                    .bind(day.product())
                    .bind(day.day().toEpochDay())
                    .bind(day.zone().getId())
                    .bind(day.limit())
                    .bind(day.used())
                    .bind(day.held())
                    .bind(day.latest() ? 1 : 0)
                    .bind(day.live() ? 1 : 0)
                    .add();
        }
        put.flush();
    }

    private static void quotes(HotStatements statements, Collection<Quote> quotes) throws SQLException {
        if (quotes.isEmpty()) {
            return;
        }
        HotStatement put = statements.statement(PUT_QUOTE);
        for (Quote quote : quotes) {
            put.bind(Columns.bytes(quote.id().value()))
                    .bind(quote.user().value())
                    .bind(quote.requestHash())
                    .bind(JsonColumns.quoteLines(quote.lines()))
                    .bind(quote.madeAt().toEpochMilli())
                    .bind(quote.expiresAt().toEpochMilli())
                    .bind(Columns.millis(quote.usedAt()))
                    .add();
        }
        put.flush();
    }
}
