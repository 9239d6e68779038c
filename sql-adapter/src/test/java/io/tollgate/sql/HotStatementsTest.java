package io.tollgate.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HotStatementsTest {
    private Connection connection;
    private HotStatements statements;
    private HotStatement insert;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        TestSchema.execute(connection, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BLOB, d INTEGER)");
        statements = new HotStatements(connection);
        insert = statements.statement("INSERT INTO t VALUES (?, ?, ?, ?)");
    }

    @AfterEach
    void close() throws SQLException {
        statements.close();
        connection.close();
    }

    private String rows() throws SQLException {
        return TestSchema.query(connection, "SELECT group_concat(a || ifnull(b, '-'), ' ' ORDER BY a) FROM t")
                .toString();
    }

    private HotStatement row(long a) throws SQLException {
        return insert.bind(a)
                .bind("x")
                .bind("c".getBytes(StandardCharsets.UTF_8))
                .bind((Long) null);
    }

    @Test
    void flush_batch_writesEachRowOnce() throws SQLException {
        row(1).add();
        insert.bind(2).bind((String) null).bindNull().bind(Long.valueOf(4)).add();

        insert.flush();
        insert.flush();

        assertThat(rows()).isEqualTo("[1x 2-]");
        assertThat(statements.statement("INSERT INTO t VALUES (?, ?, ?, ?)")).isSameAs(insert);
    }

    @Test
    void flush_aRowThatChangesNone_isRefused() throws SQLException {
        row(1).runExpectingOne();
        HotStatement update = statements.statement("UPDATE t SET b = ? WHERE a = ?");
        update.bind("y").bind(1).add();
        update.bind("y").bind(2).add();

        assertThatThrownBy(update::flush)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("0 rows")
                .hasMessageContaining("UPDATE t");
        assertThatThrownBy(() -> update.bind("y").bind(3).runExpectingOne()).isInstanceOf(IllegalStateException.class);
        assertThat(update.bind("z").bind(1).run()).isOne();
    }

    @Test
    void clear_batchedAndBound_forgetsBoth() throws SQLException {
        row(1).add();
        insert.bind(7);

        statements.clear();
        row(2).add();
        insert.flush();

        assertThat(rows()).isEqualTo("[2x]");
    }

    @Test
    void anyUse_afterAnError_worksAgain() throws SQLException {
        row(1).add();
        insert.flush();
        row(1).add();
        assertThatThrownBy(insert::flush).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> row(1).run()).isInstanceOf(SQLException.class);
        row(2).runExpectingOne();

        HotStatement abs = statements.statement("SELECT abs(?)");
        assertThatThrownBy(() -> abs.bind(Long.MIN_VALUE).query()).isInstanceOf(SQLException.class);
        try (ResultSet five = abs.bind(-5).query()) {
            assertThat(five.next()).isTrue();
            assertThat(five.getLong(1)).isEqualTo(5);
        }
        assertThat(rows()).isEqualTo("[1x 2x]");
    }
}
