package io.tollgate.app.crash;

import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.dispatch.DispatchSettings;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.media.LocalMediaStore;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.sql.GroupCommit;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A node in a process of its own, to be killed. Says on standard output, a line each, what it was told is durable:
 *
 * <pre>
 * READY       it runs
 * ACK ID      a job was acknowledged
 * END ID      a job is over
 * IDLE        no job is left (only without load)
 * </pre>
 */
final class CrashNode {
    static final UserId USER = new UserId("crash");
    static final Amount GRANTED = Amount.credits(1_000_000);
    static final Amount PRICE = Amount.credits(3);
    private static final int LOADERS = 3;

    private static final Workflow SLEEP = new Workflow(
            new WorkflowName("sleep"),
            "Sleep",
            "Sleeps for a while at the server.",
            new QueueName("image"),
            new ModelName("sleeper"),
            PRICE,
            false,
            List.of(
                    new InputSpec.Whole("ms", "", true, Optional.empty(), 0, 10_000),
                    new InputSpec.Flag("fail", "", false, Optional.of(false))),
            Map.of(SurvivingBackend.TYPE, Map.of()),
            Set.of(),
            1,
            Duration.ofMinutes(5),
            new RetryPolicy(3, Duration.ofMillis(10), Duration.ofMillis(50)));

    private static final JobPolicy POLICY = new JobPolicy(
            Tiers.SHIPPED,
            new SubmissionLimits(1_000_000, 1_000_000, 10_000_000),
            Map.of(new ModelName("sleeper"), 50),
            Map.of(),
            Map.of(),
            0.5,
            3);

    private static final DispatchSettings SPANS = new DispatchSettings(
            Duration.ofSeconds(10),
            Duration.ofSeconds(3),
            Duration.ofMillis(300),
            Duration.ofMillis(500),
            Duration.ofHours(1),
            Duration.ofSeconds(1),
            Duration.ofMillis(200));

    private CrashNode() {}

    /** Arguments: the data directory, the server's port, and how many jobs to submit (0: only finish what is there). */
    public static void main(String... args) throws Exception {
        Path directory = Path.of(args[0]);
        URI server = URI.create("http://127.0.0.1:" + args[1]);
        long jobs = Long.parseLong(args[2]);
        PrintStream out =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.system();
        try (SqliteDatabase database = open(directory, clock);
                SqliteStore store = SqliteStore.start(
                        database,
                        new JobRules(POLICY),
                        clock,
                        GroupCommit.Options.DEFAULT,
                        Executors.defaultThreadFactory(),
                        Runnable::run,
                        Throwable::printStackTrace);
                Tollgate tollgate = Tollgate.builder()
                        .store(store)
                        .policy(POLICY)
                        .media(new LocalMediaStore(directory.resolve("media")))
                        .workflows(SLEEP)
                        .backend(new SurvivingBackend(new BackendId("survivor"), server, 6))
                        .dispatch(SPANS)
                        .listener(event -> tell(event, out))
                        .build()) {
            tollgate.credits()
                    .grant(USER, GrantSource.BONUS, "crash:grant", GRANTED, Optional.empty(), "test", "to be spent")
                    .toCompletableFuture()
                    .join();
            tollgate.start();
            out.println("READY");
            if (jobs == 0) {
                while (isBusy(store)) {
                    Thread.onSpinWait();
                }
                out.println("IDLE");
            } else {
                load(tollgate, jobs, out);
            }
            while (System.in.read() >= 0) {
                // whoever started it holds its input open
            }
        }
    }

    static SqliteDatabase open(Path directory, InstantSource clock) {
        SqliteDatabase database =
                SqliteDatabase.openWriter(directory, SqliteOptions.of("crash node", Executors.defaultThreadFactory()));
        database.migrator(clock, "crash node").up();
        return database;
    }

    private static boolean isBusy(SqliteStore store) {
        boolean[] busy = new boolean[1];
        store.forEachLive(job -> busy[0] = true);
        return busy[0];
    }

    private static void tell(JobEvent event, PrintStream out) {
        if (event instanceof JobEvent.Ended ended) {
            out.println("END " + ended.job().id());
        } else if (event instanceof JobEvent.Fault fault) {
            System.err.println("FAULT " + fault.where() + ": " + fault.problem());
        }
    }

    private static void load(Tollgate tollgate, long jobs, PrintStream out) {
        AtomicLong left = new AtomicLong(jobs);
        for (int i = 0; i < LOADERS; i++) {
            Random random = new Random();
            Thread loader = new Thread(() -> {
                while (left.getAndDecrement() > 0) {
                    JobHandle handle = tollgate.submit(JobRequest.of(USER, "sleep")
                            .with("ms", random.nextInt(60))
                            .with("fail", random.nextInt(10) == 0));
                    out.println("ACK " + handle.id());
                }
            });
            loader.setDaemon(true);
            loader.start();
        }
    }
}
