package io.tollgate.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** How every contender opens SQLite: the same driver, file system and pragmas for all. */
final class Sqlite {
    private static final int PAGE_BYTES = 4_096;
    private static final int CACHE_KIB = 64 * 1_024;
    private static final int CHECKPOINT_PAGES = 10_000;
    private static final int BUSY_TIMEOUT_MILLIS = 30_000;

    private Sqlite() {}

    static String settings() {
        return "WAL, synchronous=FULL, IMMEDIATE transactions, foreign keys on, page " + PAGE_BYTES + " B, cache "
                + CACHE_KIB + " KiB, mmap off, checkpoint at " + CHECKPOINT_PAGES + " pages";
    }

    static Connection connect(Path dir) throws SQLException {
        return source(dir).getConnection();
    }

    static HikariDataSource pool(Path dir, int connections, boolean autoCommit) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source(dir));
        config.setMaximumPoolSize(connections);
        config.setAutoCommit(autoCommit);
        config.setConnectionTimeout(BUSY_TIMEOUT_MILLIS);
        return new HikariDataSource(config);
    }

    private static SQLiteDataSource source(Path dir) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.enforceForeignKeys(true);
        config.setPageSize(PAGE_BYTES);
        config.setCacheSize(-CACHE_KIB);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setPragma(SQLiteConfig.Pragma.MMAP_SIZE, "0");
        SQLiteDataSource source = new SQLiteDataSource(config) {
            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = super.getConnection();
                // the driver knows no pragma enum for this one
                try (var statement = connection.createStatement()) {
                    statement.execute("PRAGMA wal_autocheckpoint=" + CHECKPOINT_PAGES);
                }
                return connection;
            }
        };
        source.setUrl("jdbc:sqlite:" + dir.resolve("bench.db"));
        return source;
    }
}
