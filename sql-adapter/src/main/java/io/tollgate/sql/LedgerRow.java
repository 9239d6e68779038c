package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Price;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Optional;
import java.util.UUID;

/** How accounts, grants and holds are read. Stateless. */
final class LedgerRow {
    /** What {@link #account} reads, of an account {@code b}, its holder {@code c} and its {@link #LATEST_DRAW}. */
    static final String ACCOUNT_COLUMNS =
            "c.account_id, c.user_id, c.tier, c.tier_until, c.trial_until, b.available, b.held, b.debt,"
                    + " d.day, d.roll, d.prize, d.percent_off, d.at,"
                    + " d.provable";

    /** The latest draw {@code d} of a holder {@code c}, if there was any. */
    static final String LATEST_DRAW =
            " LEFT JOIN lucky_draw AS d ON d.account_id = c.account_id AND d.day = c.draw_day";

    /** How many columns those are. */
    static final int ACCOUNT_WIDTH = 14;

    /** What {@link #grant} reads, of a grant {@code g}, its terms {@code t} and its account's holder {@code c}. */
    static final String GRANT_COLUMNS = "g.id, c.user_id, t.source, t.source_key, t.priority, g.granted, g.remaining,"
            + " g.held, g.consumed, g.expired, g.revoked, t.effective_at, t.expires_at, t.created_at";

    /** What {@link #hold} reads, of a hold {@code h} and its account's holder {@code c}. */
    static final String HOLD_COLUMNS =
            "h.id, c.user_id, h.list_price, h.amount, h.slices, h.steps, h.state, h.captured, h.opened_at, h.settled_at, h.free_run";

    private LedgerRow() {}

    static Account account(ResultSet row) throws SQLException {
        try {
            UserId user = new UserId(row.getString(2));
            return new Account(
                    user,
                    row.getString(3),
                    Columns.optionalInstant(row, 4),
                    Columns.optionalInstant(row, 5),
                    row.getString(11) == null ? Optional.empty() : Optional.of(draw(row, 9, user)),
                    new Amount(row.getLong(6)),
                    new Amount(row.getLong(7)),
                    new Amount(row.getLong(8)));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException("account", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }

    /** A draw, whose day stands in column {@code from}. */
    static Draw draw(ResultSet row, int from, UserId user) throws SQLException {
        try {
            return new Draw(
                    user,
                    LocalDate.ofEpochDay(row.getLong(from)),
                    row.getInt(from + 1),
                    row.getString(from + 2),
                    row.getInt(from + 3),
                    Columns.instant(row, from + 4),
                    row.getInt(from + 5) == 1);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new CorruptRowException("draw of", user, String.valueOf(e.getMessage()), e);
        }
    }

    static Grant grant(ResultSet row) throws SQLException {
        try {
            return new Grant(
                    new GrantId(row.getLong(1)),
                    new UserId(row.getString(2)),
                    GrantSource.ofCode(row.getInt(3)),
                    row.getString(4),
                    row.getInt(5),
                    new Amount(row.getLong(6)),
                    new Amount(row.getLong(7)),
                    new Amount(row.getLong(8)),
                    new Amount(row.getLong(9)),
                    new Amount(row.getLong(10)),
                    new Amount(row.getLong(11)),
                    Columns.instant(row, 12),
                    Columns.optionalInstant(row, 13),
                    Columns.instant(row, 14));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CorruptRowException("grant", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }

    static Hold hold(ResultSet row, UUID id) throws SQLException {
        try {
            return new Hold(
                    new HoldId(id),
                    new UserId(row.getString(2)),
                    new Price(
                            new Amount(row.getLong(3)),
                            new Amount(row.getLong(4)),
                            JsonColumns.steps(row.getString(6))),
                    JsonColumns.freeRun(row.getString(11)),
                    JsonColumns.slices(row.getString(5)),
                    Hold.State.ofCode(row.getInt(7)),
                    new Amount(row.getLong(8)),
                    Columns.instant(row, 9),
                    Columns.optionalInstant(row, 10));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CorruptRowException("hold", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }
}
