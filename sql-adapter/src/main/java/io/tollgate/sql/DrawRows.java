package io.tollgate.sql;

import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Objects;
import java.util.Optional;

/** Writes what was drawn and the secrets it was made of. Confined to the writer's thread, but for what is static. */
final class DrawRows {
    /** What {@link #secret} reads. */
    static final String SECRET_COLUMNS = "day, secret, at";

    private final HotStatement insertDraw;
    private final HotStatement insertSecret;

    DrawRows(HotStatements statements) {
        insertDraw = statements.statement(
                "INSERT INTO lucky_draw (account_id, day, roll, prize, percent_off, at, provable) VALUES (?, ?, ?, ?, ?, ?, ?)");
        insertSecret = statements.statement("INSERT INTO draw_secret (day, secret, at) VALUES (?, ?, ?)");
    }

    void flush(Batch batch) throws SQLException {
        for (DrawSecret secret : batch.newSecrets) {
            insertSecret
                    .bind(secret.day().toEpochDay())
                    .bind(secret.secret().bytes())
                    .bind(secret.at().toEpochMilli())
                    .add();
        }
        insertSecret.flush();
        for (Draw draw : batch.newDraws) {
            insertDraw
                    .bind(Objects.requireNonNull(batch.accounts.get(draw.user())).key)
                    .bind(draw.day().toEpochDay())
                    .bind(draw.roll())
                    .bind(draw.prize())
                    .bind(draw.percentOff())
                    .bind(draw.at().toEpochMilli())
                    .bind(draw.provable() ? 1 : 0)
                    .add();
        }
        insertDraw.flush();
    }

    /** The secret of the latest day that has one. */
    static Optional<DrawSecret> latest(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT " + SECRET_COLUMNS + " FROM draw_secret ORDER BY day DESC LIMIT 1")) {
            return row.next() ? Optional.of(secret(row)) : Optional.empty();
        }
    }

    static DrawSecret secret(ResultSet row) throws SQLException {
        try {
            return new DrawSecret(
                    LocalDate.ofEpochDay(row.getLong(1)),
                    DrawSecret.Secret.of(row.getBytes(2)),
                    Columns.instant(row, 3));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new CorruptRowException("secret of day", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }
}
