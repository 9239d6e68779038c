package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.OptionalBinder;
import io.tollgate.app.config.ConfigException;
import io.tollgate.app.config.Problem;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.media.LocalMediaStore;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.sql.GroupCommit;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Binds where jobs, credits and files are kept. Needs the configuration and {@link Threads}. */
final class StoreModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(StoreModule.class);
    private static final Duration DATABASE_STOPS_WITHIN = Duration.ofSeconds(20);
    private static final Duration STORE_STOPS_WITHIN = Duration.ofSeconds(70); // its writer has 60 s of its own

    private final String command;

    /** @param command what this process is, for others that want to write in the same directory */
    StoreModule(String command) {
        this.command = command;
    }

    @Override
    protected void configure() {
        OptionalBinder.newOptionalBinder(binder(), JobStore.class).setDefault().to(SqliteStore.class);
        OptionalBinder.newOptionalBinder(binder(), LedgerStore.class)
                .setDefault()
                .to(SqliteStore.class);
    }

    /** The directory of the SQLite database. */
    static Path directory(TollgateConfig config) {
        String url = config.database().url();
        String sqlite = "jdbc:sqlite:";
        Path file = url.startsWith(sqlite) ? Path.of(url.substring(sqlite.length())) : Path.of("");
        if (!file.endsWith(SqliteDatabase.FILE)) {
            throw new ConfigException(List.of(new Problem(
                    "database.url",
                    "must be jdbc:sqlite:DIRECTORY/" + SqliteDatabase.FILE
                            + "; other databases are not part of this program yet")));
        }
        Path directory = file.getParent();
        return directory == null ? Path.of(".") : directory;
    }

    /** How large the SQLite database is, with its log. */
    static long databaseBytes(TollgateConfig config) throws IOException {
        long bytes = 0;
        for (String suffix : List.of("", "-wal", "-shm")) {
            Path file = directory(config).resolve(SqliteDatabase.FILE + suffix);
            bytes += Files.exists(file) ? Files.size(file) : 0;
        }
        return bytes;
    }

    static SqliteOptions options(String command) {
        return SqliteOptions.of(command, Threads.named("tollgate-sqlite-"));
    }

    @Provides
    @Singleton
    SqliteDatabase database(TollgateConfig config, Access access, InstantSource clock, Lifecycle lifecycle) {
        Path directory = directory(config);
        SqliteDatabase database = access == Access.READ
                ? SqliteDatabase.openReader(directory, options(command))
                : SqliteDatabase.openWriter(directory, options(command));
        lifecycle.add(Service.of("database", DATABASE_STOPS_WITHIN, database::close));
        if (access == Access.READ) {
            database.requireCurrentSchema();
        } else {
            int steps = database.migrator(clock, command).up();
            if (steps > 0) {
                LOG.atInfo()
                        .setMessage("database migrated")
                        .addKeyValue("steps", steps)
                        .log();
            }
        }
        return database;
    }

    @Provides
    @Singleton
    SqliteStore store(
            SqliteDatabase database,
            JobPolicy policy,
            Access access,
            InstantSource clock,
            Threads threads,
            Lifecycle lifecycle) {
        if (access == Access.READ) {
            return SqliteStore.readOnly(database);
        }
        SqliteStore store = SqliteStore.start(
                database,
                new JobRules(policy),
                clock,
                GroupCommit.Options.DEFAULT,
                Threads.named("tollgate-store-"),
                threads.work(),
                problem -> LOG.atError()
                        .setMessage("store failed")
                        .addKeyValue("problem", String.valueOf(problem))
                        .log());
        lifecycle.add(Service.of("store", STORE_STOPS_WITHIN, store::close));
        return store;
    }

    /** @param database opened first, so that a directory that isn't ours is left as it was */
    @Provides
    @Singleton
    @SuppressWarnings("UnusedVariable") // that it is there is what counts
    MediaStore media(TollgateConfig config, SqliteDatabase database) {
        try {
            return new LocalMediaStore(config.media().dir(), new Blake3Hashing());
        } catch (IOException e) {
            throw new UncheckedIOException("media.dir " + config.media().dir() + " can't be used: " + e, e);
        }
    }
}
