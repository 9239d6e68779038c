package io.tollgate.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;

/**
 * A statement of the hot path: prepared once, its parameters bound one after the other, rows batched, counts checked.
 *
 * <pre>{@code
 * for (Entry entry : entries) {
 *     insert.bind(entry.account()).bind(entry.hundredths()).add();
 * }
 * insert.flush();
 * }</pre>
 *
 * <p>Prepared again by itself after an error, because sqlite-jdbc finalizes a statement that failed. Confined to the
 * connection's thread. Methods throw the driver's {@link SQLException}, for {@link GroupCommit} to see.
 */
public final class HotStatement implements AutoCloseable {
    private final Connection connection;
    private final String sql;
    private @Nullable PreparedStatement prepared;
    private int position;
    private int pending;

    HotStatement(Connection connection, String sql) {
        this.connection = connection;
        this.sql = sql;
    }

    /** Binds the next parameter. */
    public HotStatement bind(long value) throws SQLException {
        prepared().setLong(++position, value);
        return this;
    }

    /** Binds the next parameter. */
    public HotStatement bind(@Nullable Long value) throws SQLException {
        return value == null ? bindNull() : bind(value.longValue());
    }

    /** Binds the next parameter. */
    public HotStatement bind(@Nullable String value) throws SQLException {
        prepared().setString(++position, value);
        return this;
    }

    /** Binds the next parameter. */
    public HotStatement bind(byte @Nullable [] value) throws SQLException {
        prepared().setBytes(++position, value);
        return this;
    }

    /** Binds the next parameter. */
    public HotStatement bindNull() throws SQLException {
        prepared().setNull(++position, Types.NULL);
        return this;
    }

    /** Puts the bound row into the batch. */
    public void add() throws SQLException {
        prepared().addBatch();
        position = 0;
        pending++;
    }

    /**
     * Runs the batch, nothing if it is empty.
     *
     * @throws IllegalStateException if a row of it didn't change exactly one row of the database
     */
    public void flush() throws SQLException {
        if (pending == 0) {
            return;
        }
        int[] counts;
        try {
            counts = prepared().executeBatch();
        } catch (SQLException e) {
            throw reset(e);
        }
        pending = 0;
        for (int count : counts) {
            expectOne(count);
        }
    }

    /**
     * Runs the statement with the bound row.
     *
     * @throws IllegalStateException if it didn't change exactly one row
     */
    public void runExpectingOne() throws SQLException {
        expectOne(run());
    }

    /** Runs the statement with the bound row. Returns the rows changed. */
    public int run() throws SQLException {
        try {
            int count = prepared().executeUpdate();
            position = 0;
            return count;
        } catch (SQLException e) {
            throw reset(e);
        }
    }

    /** Runs the query with the bound row. Close the rows before the next use. */
    public ResultSet query() throws SQLException {
        try {
            ResultSet rows = prepared().executeQuery();
            position = 0;
            return rows;
        } catch (SQLException e) {
            throw reset(e);
        }
    }

    /** Forgets what is bound and batched, so that nothing of a transaction that failed runs in the next one. */
    public void clear() {
        if (position > 0 || pending > 0) {
            drop();
        }
    }

    /** Frees the statement; it is prepared again if it is used again. */
    @Override
    public void close() {
        drop();
    }

    private PreparedStatement prepared() throws SQLException {
        PreparedStatement statement = prepared;
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared = statement;
        }
        return statement;
    }

    private void expectOne(int count) {
        if (count != 1) {
            throw new IllegalStateException("changed " + count + " rows, not one: " + sql);
        }
    }

    private SQLException reset(SQLException because) {
        drop();
        return because;
    }

    private void drop() {
        PreparedStatement statement = prepared;
        prepared = null;
        position = 0;
        pending = 0;
        if (statement != null) {
            try {
                statement.close();
            } catch (SQLException e) {
                // what failed before is what matters; the connection frees it at the latest
            }
        }
    }
}
