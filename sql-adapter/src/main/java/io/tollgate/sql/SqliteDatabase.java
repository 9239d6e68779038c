package io.tollgate.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tollgate.sql.DatabaseUnavailableException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TempStore;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteOpenMode;
import org.sqlite.core.DB;

/**
 * A data directory's database, {@code tollgate.db}, opened to write or to read.
 *
 * <p>A directory has one writer at a time, on any number of threads of one process; {@link #openWriter} takes the
 * directory's lock. Readers need no lock and work beside a writer. What is read is what was committed when the reading
 * transaction began.
 *
 * <p>Safe for use by many threads, but {@link #writer()}, which is one thread's at a time.
 */
public final class SqliteDatabase implements AutoCloseable {
    public static final String FILE = "tollgate.db";

    private static final int PAGE_BYTES = 4096;
    private static final int WRITER_CACHE_KIB = 64 * 1024;
    private static final int READER_CACHE_KIB = 8 * 1024;
    private static final int CHECKPOINT_PAGES = 10_000; // larger gained nothing: BENCHMARKS
    private static final int BACKUP_PAGES_A_STEP = 1_000;
    private static final int BACKUP_RETRIES = 100;
    private static final int BACKUP_RETRY_MILLIS = 50;

    private final SqliteFile file;
    private final SqliteOptions options;
    private final @Nullable DirectoryLock lock;
    private final @Nullable Connection writer;
    private final String readerParameters;
    private final HikariDataSource pool;
    private final Jdbi readers;

    private SqliteDatabase(
            SqliteFile file,
            SqliteOptions options,
            @Nullable DirectoryLock lock,
            @Nullable Connection writer,
            String readerParameters) {
        this.file = file;
        this.options = options;
        this.lock = lock;
        this.writer = writer;
        this.readerParameters = readerParameters;
        this.pool = pool(file, options, readerParameters);
        this.readers = Jdbi.create(pool);
    }

    /**
     * Opens the database to write, making directory and file if they aren't there. The schema may be older than this
     * program's: see {@link #migrator}.
     *
     * @throws DataDirectoryBusyException if another process writes there
     * @throws NotTollgateDatabaseException if the file is something else
     * @throws NewerSchemaException if the file is newer than this program
     * @throws DatabaseCorruptException if the file is damaged
     * @throws DatabaseUnavailableException if the file or the directory can't be written
     */
    public static SqliteDatabase openWriter(Path directory, SqliteOptions options) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new DatabaseUnavailableException(
                    Reason.CANNOT_OPEN, "can't make the data directory " + directory + ": " + e, e);
        }
        SqliteFile file = new SqliteFile(directory.resolve(FILE));
        DirectoryLock lock = DirectoryLock.acquire(directory, options.command());
        @Nullable Connection writer = null;
        try {
            if (!Files.exists(file.path())) {
                file.create();
            }
            file.check(options.scripts().latest());
            if (!file.isWritable()) {
                throw new DatabaseUnavailableException(
                        Reason.READ_ONLY, file.path() + " is read-only; it was not touched", null);
            }
            writer = connectWriter(file, options);
            return new SqliteDatabase(file, options, lock, writer, "");
        } catch (Throwable e) {
            closeQuietly(writer, e);
            closeQuietly(lock, e);
            throw e;
        }
    }

    /**
     * Opens the database to read. The schema may be older than this program's: see {@link #requireCurrentSchema}.
     *
     * <p>Where the directory can't be written, as on a read-only file system, the file is taken to stay as it is, so a
     * writer that begins later under another user isn't seen.
     *
     * @throws NotTollgateDatabaseException if the file is something else
     * @throws NewerSchemaException if the file is newer than this program
     * @throws DatabaseCorruptException if the file is damaged
     * @throws DatabaseUnavailableException if there is no database, or it can't be read
     */
    public static SqliteDatabase openReader(Path directory, SqliteOptions options) {
        SqliteFile file = new SqliteFile(directory.resolve(FILE));
        if (!Files.exists(file.path())) {
            throw new DatabaseUnavailableException(
                    Reason.CANNOT_OPEN,
                    "no database in " + directory + ": nothing was ever written there by Tollgate",
                    null);
        }
        file.check(options.scripts().latest());
        // SQLite lays an empty log and its index beside the file even to read it; where it can't, the file alone is
        // right exactly if there is no log. With a live writer both are there already.
        boolean fixed = !Files.exists(file.log()) && !Files.isWritable(directory);
        return new SqliteDatabase(file, options, null, null, fixed ? "?immutable=1" : "");
    }

    private static Connection connectWriter(SqliteFile file, SqliteOptions options) {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setOpenMode(SQLiteOpenMode.NOMUTEX); // one thread at a time: see writer()
        common(config, options, WRITER_CACHE_KIB);
        config.setPageSize(PAGE_BYTES);
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(SynchronousMode.FULL);
        config.setWalAutocheckpoint(CHECKPOINT_PAGES);
        config.setTransactionMode(TransactionMode.IMMEDIATE);
        @Nullable Connection connection = null;
        try {
            connection = config.createConnection(file.url(""));
            // Off, because with it on the driver tries a BEGIN after every statement. This one begins, too: it proves
            // that the file can be written.
            connection.setAutoCommit(false);
            Dialect.SQLITE.rollback(connection);
            return connection;
        } catch (SQLException e) {
            RuntimeException translated = SqlErrors.translate("can't open " + file.path(), e);
            closeQuietly(connection, translated);
            throw translated;
        }
    }

    private static void common(SQLiteConfig config, SqliteOptions options, int cacheKib) {
        config.setBusyTimeout(Math.toIntExact(options.busyTimeout().toMillis()));
        config.setCacheSize(-cacheKib);
        config.enforceForeignKeys(true);
        config.setTempStore(TempStore.MEMORY);
        config.setPragma(SQLiteConfig.Pragma.MMAP_SIZE, "0");
    }

    private static HikariDataSource pool(SqliteFile file, SqliteOptions options, String parameters) {
        SQLiteConfig sqlite = SqliteFile.readOnly();
        common(sqlite, options, READER_CACHE_KIB);
        SQLiteDataSource source = new SQLiteDataSource(sqlite);
        source.setUrl(file.url(parameters));
        HikariConfig config = new HikariConfig();
        config.setPoolName("tollgate-readers");
        config.setDataSource(source);
        config.setConnectionInitSql("PRAGMA query_only = 1");
        config.setReadOnly(true);
        config.setMaximumPoolSize(options.readers());
        config.setMinimumIdle(0);
        config.setMaxLifetime(0);
        config.setConnectionTimeout(Math.max(250, options.busyTimeout().toMillis())); // Hikari's least
        config.setInitializationFailTimeout(-1); // connects when it is first asked
        config.setThreadFactory(options.threads());
        return new HikariDataSource(config);
    }

    /**
     * The one connection that writes, without auto-commit. Begin and end transactions as {@link Dialect#SQLITE} does.
     * Belongs to one thread at a time: normally to {@link GroupCommit}'s.
     *
     * @throws IllegalStateException if this was opened to read
     */
    public Connection writer() {
        if (writer == null) {
            throw new IllegalStateException("opened to read: " + file.path());
        }
        return writer;
    }

    /** Jdbi over the pool of readers. Its exceptions are Jdbi's: prefer {@link #read}. */
    public Jdbi readers() {
        return readers;
    }

    /**
     * Reads in one transaction: everything that {@code work} sees is of one instant.
     *
     * @throws io.tollgate.credits.ledger.StoreException when the database refuses
     */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        try {
            return readers.inTransaction(work::apply);
        } catch (JdbiException e) {
            throw SqlErrors.translate("can't read " + file.path(), e);
        }
    }

    /**
     * Steps the schema forth and back, on the writing connection: before {@link GroupCommit} is started on it.
     *
     * @param who for the audit: the user or the program
     */
    public Migrator migrator(InstantSource clock, String who) {
        return new Migrator(writer(), options.scripts(), clock, who);
    }

    /** Every step of the schema, read by a reader. */
    public List<MigrationStatus> migrationStatus() {
        return read(handle -> Migrator.status(handle.getConnection(), options.scripts()));
    }

    /**
     * Makes sure that the schema is this program's.
     *
     * @throws SchemaMigrationException if steps are missing
     */
    public void requireCurrentSchema() {
        for (MigrationStatus status : migrationStatus()) {
            if (status.state() != MigrationStatus.State.APPLIED) {
                throw new SchemaMigrationException(
                        status.script(), "is " + status.state() + " in " + file.path() + ": migrate it first", null);
            }
        }
    }

    /**
     * Moves the log's pages into the file, so that the file alone is the whole database. On the writing thread, outside
     * a transaction. Does what it can beside readers that hold an older state.
     */
    public void checkpoint() {
        try (Statement statement = writer().createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            throw SqlErrors.translate("can't checkpoint " + file.path(), e);
        }
    }

    /**
     * Copies the database as it is now into a new file, while the writer goes on. The log can't be reset meanwhile, so
     * it grows with what is written. The copy is durable and checked before it gets its name.
     *
     * @param target must not exist; its directory must
     * @throws IllegalArgumentException if {@code target} exists
     * @throws DatabaseCorruptException if the copy is not sound, which says that the database isn't
     * @throws io.tollgate.credits.ledger.StoreException when it can't be read or written; then nothing is left behind
     */
    public void backup(Path target, BackupProgress progress) {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new IllegalArgumentException("there is a file already, it was not touched: " + target);
        }
        SqliteFile partial = new SqliteFile(target.resolveSibling(target.getFileName() + ".partial"));
        try {
            Files.createFile(partial.path()); // two backups to one target: the second fails here
        } catch (IOException e) {
            throw new DatabaseUnavailableException(Reason.CANNOT_OPEN, "can't write " + partial.path() + ": " + e, e);
        }
        try {
            copyTo(partial.path(), progress);
            checkIntegrity(partial);
            partial.sync();
            Files.move(partial.path(), target);
            partial.syncDirectory();
        } catch (SQLException e) {
            throw SqlErrors.translate("can't back up to " + target, e);
        } catch (IOException e) {
            throw new DatabaseUnavailableException(Reason.IO, "can't back up to " + target + ": " + e, e);
        } finally {
            deleteQuietly(partial);
        }
    }

    private void copyTo(Path target, BackupProgress progress) throws SQLException {
        SQLiteConfig config = SqliteFile.readOnly();
        common(config, options, READER_CACHE_KIB);
        RuntimeException[] thrown = new RuntimeException[1]; // an exception must not cross the native frames
        try (Connection source = config.createConnection(file.url(readerParameters));
                Statement statement = source.createStatement()) {
            // An open reading transaction pins what is copied; without it each commit starts the copy anew.
            statement.execute("BEGIN");
            statement.executeQuery("SELECT count(*) FROM sqlite_master").close();
            int code = source.unwrap(SQLiteConnection.class)
                    .getDatabase()
                    .backup(
                            "main",
                            target.toString(),
                            (remaining, total) -> {
                                try {
                                    progress.copied(total - remaining, Math.max(1, total));
                                } catch (RuntimeException e) {
                                    thrown[0] = e;
                                }
                            },
                            BACKUP_RETRY_MILLIS,
                            BACKUP_RETRIES,
                            BACKUP_PAGES_A_STEP);
            if (code != 0) {
                throw DB.newSQLException(code, "online backup");
            }
            statement.execute("COMMIT");
        }
        if (thrown[0] != null) {
            throw thrown[0];
        }
    }

    private static void checkIntegrity(SqliteFile copy) throws SQLException {
        try (Connection connection = SqliteFile.readOnly().createConnection(copy.url("?immutable=1"));
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA integrity_check(1)")) {
            String first = result.next() ? result.getString(1) : "no answer";
            if (!"ok".equals(first)) {
                throw new DatabaseCorruptException("the copy is not sound, so the database may not be: " + first, null);
            }
        }
    }

    /** Closes everything; the writing thread must have ended. Twice is fine. */
    @Override
    public void close() {
        pool.close();
        try {
            if (writer != null) {
                writer.close();
            }
        } catch (SQLException e) {
            throw SqlErrors.translate("can't close " + file.path(), e);
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable closeable, Throwable because) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (Exception e) {
            because.addSuppressed(e);
        }
    }

    private static void deleteQuietly(SqliteFile partial) {
        try {
            partial.delete();
        } catch (IOException e) {
            // it says ".partial" and is in nobody's way but the next backup's, which will tell
        }
    }
}
