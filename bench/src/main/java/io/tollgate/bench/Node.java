package io.tollgate.bench;

import io.tollgate.queue.job.JobRules;
import io.tollgate.sql.GroupCommit;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Tollgate's store on a database in a directory, with its threads, as the program puts them together. */
final class Node implements AutoCloseable {
    /** A benchmark that fails must end. */
    static final ThreadFactory DAEMONS = body -> {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        return thread;
    };

    private static final int WORKERS = 4;

    final ScheduledThreadPoolExecutor work;
    final SqliteDatabase database;
    final SqliteStore store;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private Node(Path dir, Workload workload) {
        work = new ScheduledThreadPoolExecutor(WORKERS, DAEMONS);
        work.setRemoveOnCancelPolicy(true);
        work.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        database = SqliteDatabase.openWriter(dir, SqliteOptions.of("bench", DAEMONS));
        InstantSource clock = InstantSource.system();
        database.migrator(clock, "bench").up();
        store = SqliteStore.start(
                database,
                new JobRules(workload.policy()),
                clock,
                GroupCommit.Options.DEFAULT,
                DAEMONS,
                work,
                this::failed);
    }

    static Node open(Path dir, Workload workload) {
        return new Node(dir, workload);
    }

    /** Notes what must not happen; the next check throws it. */
    void failed(Throwable problem) {
        failure.compareAndSet(null, problem);
    }

    /** Throws {@link IllegalStateException} if something went wrong that no caller heard of. */
    void checkUnharmed() {
        Throwable problem = failure.get();
        if (problem != null) {
            throw new IllegalStateException("tollgate: " + problem, problem);
        }
    }

    @Override
    public void close() {
        store.close();
        work.shutdownNow();
        database.close();
    }
}
