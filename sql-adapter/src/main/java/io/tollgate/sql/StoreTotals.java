package io.tollgate.sql;

import io.tollgate.credits.audit.TotalsSum;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Books;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Totals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Sums the ledger up by days. One reading transaction; rows go through one by one, and only sums are kept. Reads every
 * posting: there is no index by time, as it would be written at each. Safe for use by many threads.
 */
final class StoreTotals {
    /** In the order of their keys, so that nothing is sorted. */
    private static final String POSTINGS =
            "SELECT p.id, p.at, h.list_price, h.amount, h.steps, e.book, e.amount, p.kind FROM ledger_posting AS p"
                    + " CROSS JOIN ledger_entry AS e ON " + Columns.belongs("e.id", "p.id")
                    + " LEFT JOIN credit_hold AS h ON h.id = p.hold_id"
                    + " WHERE p.at >= :begin AND p.at < :end ORDER BY p.id, e.id";

    /** What users have by the postings of other days: before, 0, and after, 1. */
    private static final String OTHERS =
            "SELECT p.at >= :end, e.book, sum(e.amount) FROM ledger_posting AS p CROSS JOIN ledger_entry AS e ON "
                    + Columns.belongs("e.id", "p.id")
                    + " WHERE (p.at < :begin OR p.at >= :end) AND e.book < 10 GROUP BY 1, 2";

    private static final String ACCOUNTS =
            "SELECT coalesce(sum(available), 0), coalesce(sum(held), 0)," + " coalesce(sum(debt), 0) FROM account";

    private final SqliteDatabase database;

    StoreTotals(SqliteDatabase database) {
        this.database = database;
    }

    Totals totals(LocalDate from, LocalDate to, ZoneId zone) {
        TotalsSum sum = new TotalsSum(from, to, zone);
        return database.read(handle -> {
            others(handle, sum);
            postings(handle, sum);
            Books accounts = handle.createQuery(ACCOUNTS)
                    .map((row, context) -> new Books(amount(row, 1), amount(row, 2), amount(row, 3)))
                    .one();
            return sum.totals(accounts);
        });
    }

    private static void others(Handle handle, TotalsSum sum) {
        scan(handle, OTHERS, sum, row -> {
            while (row.next()) {
                sum.addOutside(
                        row.getInt(1) == 0 ? Instant.MIN : Instant.MAX, Book.ofCode(row.getInt(2)), amount(row, 3));
            }
        });
    }

    private static void postings(Handle handle, TotalsSum sum) {
        scan(handle, POSTINGS, sum, row -> {
            boolean more = row.next();
            while (more) {
                long key = row.getLong(1);
                try {
                    Instant at = Columns.instant(row, 2);
                    Optional<Price> price = price(row);
                    Map<Book, Amount> moved = new EnumMap<>(Book.class);
                    do {
                        moved.merge(Book.ofCode(row.getInt(6)), amount(row, 7), Amount::plus);
                        more = row.next();
                    } while (more && row.getLong(1) == key);
                    sum.add(at, moved, price);
                } catch (IllegalArgumentException | ArithmeticException e) {
                    throw new CorruptRowException("posting", key, String.valueOf(e.getMessage()), e);
                }
            }
        });
    }

    private static Optional<Price> price(ResultSet row) throws SQLException {
        boolean late = row.getInt(8) == Posting.Kind.LATE.code();
        return Columns.optionalLong(row, 3) == null
                ? Optional.empty()
                : Optional.of(new Price(amount(row, 3), amount(row, 4), JsonColumns.steps(row.getString(5))))
                        .map(price -> late ? price.late() : price);
    }

    private static Amount amount(ResultSet row, int column) throws SQLException {
        return new Amount(row.getLong(column));
    }

    private static void scan(Handle handle, String sql, TotalsSum sum, StoreReads.RowReader reader) {
        StoreReads.scan(
                handle.createQuery(sql)
                        .bind("begin", sum.begin().toEpochMilli())
                        .bind("end", sum.end().toEpochMilli()),
                reader);
    }
}
