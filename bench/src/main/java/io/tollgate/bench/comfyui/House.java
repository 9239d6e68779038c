package io.tollgate.bench.comfyui;

import io.tollgate.comfyui.ComfyBackend;
import io.tollgate.comfyui.ComfySettings;
import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.TollgateBuilder;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.media.LocalMediaStore;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.sql.GroupCommit;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The whole of Tollgate with servers behind it, as the program puts it together: SQLite with durable commits, outputs
 * as durable files, the same numbers of threads. Notes when claims are durable. Safe for use by many threads.
 */
final class House implements AutoCloseable {
    private static final UserId USER = new UserId("bench");
    private static final int NO_LIMIT = 1_000_000_000;
    private static final long LONGEST_JOB_SECONDS = 120;
    private static final int WORKERS = 4;
    private static final int REMOTE = 4;
    private static final int FILES = 8;
    private static final ThreadFactory DAEMONS = body -> {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        return thread;
    };

    private final ScheduledThreadPoolExecutor work = new ScheduledThreadPoolExecutor(WORKERS, DAEMONS);
    private final ExecutorService io = Executors.newFixedThreadPool(FILES, DAEMONS);
    private final ExecutorService remote = Executors.newFixedThreadPool(REMOTE, DAEMONS);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Map<JobId, Claim> claims = new ConcurrentHashMap<>();
    private final SqliteDatabase database;
    private final SqliteStore store;
    private final Tollgate tollgate;

    /**
     * A server behind it.
     *
     * @param queue what it serves, and its name
     * @param prefetch how many runs it is handed early
     */
    record Server(String queue, URI url, int prefetch) {}

    /**
     * When a claim was durable.
     *
     * @param runId what the server knows the run by
     * @param atNanos by {@link System#nanoTime}
     */
    record Claim(String runId, long atNanos) {}

    /** @param listener hears of everything */
    House(Path dir, List<Server> servers, List<Workflow> workflows, Consumer<JobEvent> listener) throws IOException {
        work.setRemoveOnCancelPolicy(true);
        work.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        Files.createDirectories(dir);
        InstantSource clock = InstantSource.system();
        JobPolicy policy = new JobPolicy(
                CreditPolicy.PLAIN,
                new SubmissionLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT),
                Map.of(),
                Map.of(),
                Map.of(),
                0.5,
                3);
        database = SqliteDatabase.openWriter(dir, SqliteOptions.of("bench", DAEMONS));
        database.migrator(clock, "bench").up();
        store = SqliteStore.start(
                database, new JobRules(policy), clock, GroupCommit.Options.DEFAULT, DAEMONS, work, this::failed);
        TollgateBuilder builder = Tollgate.builder()
                .store(store)
                .policy(policy)
                .media(new LocalMediaStore(Files.createDirectories(dir.resolve("media"))))
                .workflows(workflows.toArray(Workflow[]::new))
                .threads(work, io)
                .listener(this::heard)
                .listener(listener::accept);
        for (Server server : servers) {
            builder.backend(new ComfyBackend(
                    new BackendId(server.queue()),
                    ComfySettings.of(server.url())
                            .withQueues(Set.of(new QueueName(server.queue())))
                            .withSlots(1, server.prefetch()),
                    remote,
                    work,
                    clock));
        }
        tollgate = builder.build();
        store.onCommit(this::committed);
        store.execute(new LedgerCommand.GrantCredits(
                        USER,
                        GrantSource.BONUS,
                        "bench",
                        Amount.credits(1_000_000),
                        Optional.empty(),
                        "bench",
                        "to spend"))
                .toCompletableFuture()
                .join();
        tollgate.start();
    }

    private void failed(Throwable problem) {
        failure.compareAndSet(null, problem);
    }

    private void heard(JobEvent event) {
        if (event instanceof JobEvent.Fault fault) {
            failed(fault.problem());
        }
    }

    private void committed(List<JobChanges> commit) {
        long now = System.nanoTime();
        for (JobChanges changes : commit) {
            for (Attempt attempt : changes.attempts()) {
                if (attempt.phase() == Attempt.Phase.CLAIMED) {
                    claims.put(attempt.job(), new Claim(attempt.runId().toString(), now));
                }
            }
        }
    }

    /** A request for what runs in this queue. */
    static JobRequest request(String queue) {
        return JobRequest.of(USER, queue);
    }

    JobHandle submit(JobRequest request) {
        return tollgate.submit(request);
    }

    /** Waits until it has succeeded; anything else is thrown. */
    JobRecord done(JobHandle job) throws Exception {
        JobRecord record = job.result().get(LONGEST_JOB_SECONDS, TimeUnit.SECONDS);
        if (record.job().kind() != JobState.Kind.SUCCEEDED) {
            throw new IllegalStateException(
                    "a job did not succeed: " + record.job().state());
        }
        return record;
    }

    /** The last claim of a job that was claimed. */
    Claim claim(JobId job) {
        Claim claim = claims.get(job);
        if (claim == null) {
            throw new IllegalStateException("not claimed: " + job);
        }
        return claim;
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
        tollgate.close();
        store.close();
        database.close();
        remote.shutdownNow();
        io.shutdownNow();
        work.shutdownNow();
    }
}
