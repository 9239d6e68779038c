package io.tollgate.sql;

import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRules;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A store on a file, which can be closed and opened again. */
final class StoreFixture implements AutoCloseable {
    final ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final Path directory;
    private final JobPolicy policy;
    private final InstantSource clock;
    private final GroupCommit.Options options;
    private final Executor answers;
    private SqliteDatabase database;
    private SqliteStore store;

    StoreFixture(Path directory, JobPolicy policy, InstantSource clock) {
        this(directory, policy, clock, GroupCommit.Options.DEFAULT, Runnable::run);
    }

    StoreFixture(Path directory, JobPolicy policy, InstantSource clock, GroupCommit.Options options, Executor answers) {
        this.directory = directory;
        this.policy = policy;
        this.clock = clock;
        this.options = options;
        this.answers = answers;
        database = open();
        store = start();
    }

    private SqliteDatabase open() {
        SqliteDatabase opened = SqliteDatabase.openWriter(directory, SqliteOptions.of("a test", TestSchema::daemon));
        if (opened.migrator(clock, "tester").version() == 0) {
            opened.migrator(clock, "tester").up();
        }
        return opened;
    }

    private SqliteStore start() {
        return SqliteStore.start(
                database, new JobRules(policy), clock, options, TestSchema::daemon, answers, errors::add);
    }

    Path directory() {
        return directory;
    }

    SqliteStore store() {
        return store;
    }

    SqliteDatabase database() {
        return database;
    }

    /** Closes everything and opens it again, as a new process would. */
    SqliteStore restart() {
        close();
        database = open();
        store = start();
        return store;
    }

    @Override
    public void close() {
        store.close();
        database.close();
    }

    static <T> T value(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(Duration.ofSeconds(30).toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
