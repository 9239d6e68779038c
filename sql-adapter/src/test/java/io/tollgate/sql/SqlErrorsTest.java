package io.tollgate.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.ledger.StoreException;
import io.tollgate.sql.ConstraintViolatedException.Kind;
import io.tollgate.sql.DatabaseUnavailableException.Reason;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

final class SqlErrorsTest {
    private static RuntimeException error(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            TestSchema.execute(
                    connection,
                    "PRAGMA foreign_keys = ON",
                    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL, c INT,"
                            + " CONSTRAINT positive CHECK (c > 0), UNIQUE (b, c)) STRICT",
                    "CREATE UNIQUE INDEX lower_b ON t (lower(b))",
                    "CREATE TABLE u (t INTEGER REFERENCES t (a))",
                    "CREATE TRIGGER stop BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'rows stay (here)'); END",
                    "INSERT INTO t VALUES (1, 'x', 1)");
            try {
                TestSchema.execute(connection, sql);
                throw new AssertionError("accepted: " + sql);
            } catch (SQLException e) {
                return SqlErrors.translate("test", e);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "INSERT INTO t VALUES (1, 'y', 1)    | UNIQUE      | t.a              | t",
                "INSERT INTO t VALUES (2, 'x', 1)    | UNIQUE      | lower_b          | -",
                "INSERT INTO t VALUES (2, null, 1)   | NOT_NULL    | t.b              | t",
                "INSERT INTO t VALUES (2, 'y', 0)    | CHECK       | positive         | -",
                "INSERT INTO t VALUES (2, 'y', 'no') | TYPE        | t.c              | t",
                "INSERT INTO u VALUES (9)            | FOREIGN_KEY | -                | -",
                "DELETE FROM t                       | TRIGGER     | rows stay (here) | -",
            })
    void translate_constraint_namesIt(String sql, Kind kind, String constraint, String table) throws Exception {
        ConstraintViolatedException violated = (ConstraintViolatedException) error(sql);

        assertThat(violated.kind()).isEqualTo(kind);
        assertThat(violated.constraint().orElse(null)).isEqualTo(constraint);
        assertThat(violated.table().orElse(null)).isEqualTo(table);
    }

    @ParameterizedTest
    @CsvSource({
        "SELEC 1",
        "SELECT nope FROM t",
        "INSERT INTO nowhere VALUES (1)",
        "INSERT INTO t VALUES (1)",
    })
    void translate_typo_isABugAndNoOutage(String sql) throws Exception {
        assertThat(error(sql)).isInstanceOf(StatementBugException.class).isNotInstanceOf(StoreException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "SQLITE_FULL, FULL",
        "SQLITE_IOERR_FSYNC, IO",
        "SQLITE_IOERR, IO",
        "SQLITE_READONLY_DBMOVED, READ_ONLY",
        "SQLITE_CANTOPEN_ISDIR, CANNOT_OPEN",
        "SQLITE_NOMEM, OUT_OF_MEMORY",
        "SQLITE_INTERRUPT, INTERRUPTED",
    })
    void translate_outside_isUnavailableForItsReason(SQLiteErrorCode code, Reason reason) {
        RuntimeException e = SqlErrors.translate("test", new SQLiteException("x", code));

        assertThat(e)
                .isInstanceOfSatisfying(
                        DatabaseUnavailableException.class,
                        unavailable -> assertThat(unavailable.reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @CsvSource({
        "SQLITE_BUSY_SNAPSHOT, StoreBusyException",
        "SQLITE_LOCKED, StoreBusyException",
        "SQLITE_CORRUPT_INDEX, DatabaseCorruptException",
        "SQLITE_NOTADB, DatabaseCorruptException",
        "SQLITE_MISUSE, StatementBugException",
        "SQLITE_RANGE, StatementBugException",
    })
    void translate_otherCodes_haveTheirTypes(SQLiteErrorCode code, String type) {
        assertThat(SqlErrors.translate("test", new SQLiteException("x", code))
                        .getClass()
                        .getSimpleName())
                .isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource({
        "23505, ConstraintViolatedException",
        "40001, StoreBusyException",
        "55P03, StoreBusyException",
        "53100, DatabaseUnavailableException",
        "08006, DatabaseUnavailableException",
        "57P01, DatabaseUnavailableException",
        "XX001, DatabaseCorruptException",
        "42601, StatementBugException",
        "22012, StatementBugException",
    })
    void translate_sqlState_hasItsType(String state, String type) {
        SQLException e = new SQLException("duplicate key value violates unique constraint \"item_name_key\"", state);

        assertThat(SqlErrors.translate("test", e).getClass().getSimpleName()).isEqualTo(type);
    }

    @Test
    void translate_sqlStateConstraint_namesIt() {
        SQLException e = new SQLException(
                "insert on table \"part\" violates foreign key constraint \"part_item_fkey\"", "23503");

        ConstraintViolatedException violated = (ConstraintViolatedException) SqlErrors.translate("test", e);

        assertThat(violated.kind()).isEqualTo(Kind.FOREIGN_KEY);
        assertThat(violated.constraint()).contains("part_item_fkey");
        assertThat(violated.table()).contains("part");
    }

    @Test
    void translate_wrapped_findsTheCause() {
        RuntimeException wrapped = new RuntimeException(new SQLiteException("x", SQLiteErrorCode.SQLITE_FULL));
        RuntimeException other = new IllegalStateException("no SQL in it");

        assertThat(SqlErrors.translate("test", wrapped)).isInstanceOf(DatabaseUnavailableException.class);
        assertThat(SqlErrors.translate("test", other)).isSameAs(other);
    }
}
