package io.tollgate.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What differs from one database engine to another: where its scripts lie, how its transactions begin and end. The
 * connections are in the driver's mode without auto-commit. Stateless.
 */
public enum Dialect {
    /**
     * SQLite. Transactions are begun and ended by statements of ours: the driver's own {@code commit()} begins the next
     * transaction at once, which would hold the write lock while idle and make its failure look like the commit's.
     */
    SQLITE("sqlite") {
        @Override
        void begin(Connection connection) throws SQLException {
            execute(connection, "BEGIN IMMEDIATE");
        }

        @Override
        void commit(Connection connection) throws SQLException {
            execute(connection, "COMMIT");
        }

        @Override
        boolean rollback(Connection connection) throws SQLException {
            try {
                execute(connection, "ROLLBACK");
                return true;
            } catch (SQLException e) {
                if (SqlErrors.saysNoTransaction(e)) { // there is no sqlite3_get_autocommit in the driver
                    return false;
                }
                throw e;
            }
        }

        @Override
        void prepareMigration(Connection connection) throws SQLException {
            // so that a table can be rebuilt: https://sqlite.org/lang_altertable.html, section 7
            execute(connection, "PRAGMA foreign_keys = OFF");
        }

        @Override
        void finishMigration(Connection connection, int version) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("PRAGMA foreign_key_check")) {
                if (rows.next()) {
                    throw new SQLException("foreign key violated in table " + rows.getString(1) + ", row "
                            + rows.getString(2) + ", referring to " + rows.getString(3));
                }
            }
            execute(connection, "PRAGMA user_version = " + version);
        }

        @Override
        void settleMigration(Connection connection) throws SQLException {
            // the version into the file's own header, where an older program sees it before it opens the file
            execute(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        }

        @Override
        void afterMigration(Connection connection) throws SQLException {
            execute(connection, "PRAGMA foreign_keys = ON");
        }

        @Override
        boolean tableExists(Connection connection, String table) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '" + table + "'")) {
                return rows.next();
            }
        }
    };

    private final String folder;

    Dialect(String folder) {
        this.folder = folder;
    }

    /** The folder of its scripts. */
    String folder() {
        return folder;
    }

    /** Begins a transaction that may write, waiting for other writers as long as the connection is set to. */
    abstract void begin(Connection connection) throws SQLException;

    abstract void commit(Connection connection) throws SQLException;

    /** Ends the transaction without a trace. Returns false if the engine had already done so by itself. */
    abstract boolean rollback(Connection connection) throws SQLException;

    /** Before the transaction that migrates. */
    abstract void prepareMigration(Connection connection) throws SQLException;

    /** The last thing inside the transaction that migrates. */
    abstract void finishMigration(Connection connection, int version) throws SQLException;

    /** After the commit that migrated; if it fails, nothing is lost. */
    abstract void settleMigration(Connection connection) throws SQLException;

    /** After the transaction that migrates, however it ended. */
    abstract void afterMigration(Connection connection) throws SQLException;

    abstract boolean tableExists(Connection connection, String table) throws SQLException;

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
