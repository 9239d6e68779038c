package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Posting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A posting and its number, read from rows that repeat it for each of its entries.
 *
 * @param previous the user's posting before it
 */
record PostingRow(long key, @Nullable Long previous, Posting posting) {
    /** What {@link #readAll} reads, with {@link #TABLES}; ordered by posting. */
    static final String COLUMNS = "p.id, p.previous_id, p.kind, c.user_id, coalesce(h.uuid, j.uuid), p.list_price,"
            + " p.net, p.actor, p.reason, p.idem_key, p.request_hash, p.at, e.book, e.amount, e.account_id";

    /** The tables of {@link #COLUMNS}, joined to a {@code ledger_posting p}. */
    static final String TABLES = " CROSS JOIN account_holder AS c ON c.account_id = p.account_id"
            + " LEFT JOIN credit_hold AS h ON h.id = p.hold_id"
            + " LEFT JOIN job AS j ON j.id = p.hold_id"
            + " LEFT JOIN ledger_entry AS e ON " + Columns.belongs("e.id", "p.id")
            + " ORDER BY p.id DESC, e.id";

    /** Reads all rows. */
    static List<PostingRow> readAll(ResultSet row) throws SQLException {
        List<PostingRow> all = new ArrayList<>();
        boolean more = row.next();
        while (more) {
            long key = row.getLong(1);
            try {
                Long previous = Columns.optionalLong(row, 2);
                Posting header = header(row);
                List<Entry> entries = new ArrayList<>(2);
                do {
                    long amount = row.getLong(14);
                    if (amount != 0) {
                        Book book = Book.ofCode(row.getInt(13));
                        entries.add(new Entry(
                                book.ofUser() ? Optional.of(header.user()) : Optional.empty(),
                                book,
                                new Amount(amount)));
                    }
                    more = row.next();
                } while (more && row.getLong(1) == key);
                all.add(new PostingRow(key, previous, with(header, entries)));
            } catch (IllegalArgumentException e) {
                throw new CorruptRowException("posting", key, String.valueOf(e.getMessage()), e);
            }
        }
        return all;
    }

    private static Posting header(ResultSet row) throws SQLException {
        return new Posting(
                Posting.Kind.ofCode(row.getInt(3)),
                new UserId(row.getString(4)),
                Columns.optionalUuid(row, 5).map(HoldId::new),
                new Amount(row.getLong(6)),
                new Amount(row.getLong(7)),
                row.getString(8),
                Optional.ofNullable(row.getString(9)),
                Optional.ofNullable(row.getString(10)),
                Optional.ofNullable(row.getString(11)),
                Columns.instant(row, 12),
                List.of());
    }

    private static Posting with(Posting header, List<Entry> entries) {
        return new Posting(
                header.kind(),
                header.user(),
                header.hold(),
                header.listPrice(),
                header.net(),
                header.actor(),
                header.reason(),
                header.key(),
                header.requestHash(),
                header.at(),
                entries);
    }
}
