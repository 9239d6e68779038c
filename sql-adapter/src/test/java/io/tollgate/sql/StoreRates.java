package io.tollgate.sql;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.SubmissionLimits;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many jobs a second a store takes in and drives to their end, with many callers at once. For people to run:
 * {@code main [callers] [jobs a round] [rounds] [marks] [answers: direct|thread] [directory]}.
 */
final class StoreRates {
    private static final int USERS = 1_000;
    private static final int MODELS = 10;

    private StoreRates() {}

    public static void main(String[] args) throws Exception {
        int callers = args.length > 0 ? Integer.parseInt(args[0]) : 64;
        int jobs = args.length > 1 ? Integer.parseInt(args[1]) : 20_000;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 4;
        int marks = args.length > 3 ? Integer.parseInt(args[3]) : 0;
        boolean direct = args.length <= 4 || args[4].equals("direct");
        Path directory = args.length > 5 ? Path.of(args[5]) : Files.createTempDirectory("store-rates");
        Map<ModelName, Integer> limits = new HashMap<>();
        for (int i = 0; i < MODELS; i++) {
            limits.put(new ModelName("m" + i), 1_000_000);
        }
        JobPolicy policy = new JobPolicy(
                CreditPolicy.PLAIN,
                new SubmissionLimits(1_000_000, 10_000_000, 600_000_000),
                limits,
                Map.of(),
                Map.of(),
                0.5,
                3);
        InstantSource clock = InstantSource.system();
        Executor answers = direct ? Runnable::run : Executors.newSingleThreadExecutor(TestSchema::daemon);
        try (StoreFixture fixture = new StoreFixture(directory, policy, clock, GroupCommit.Options.DEFAULT, answers)) {
            SqliteStore store = fixture.store();
            StoreFixture.value(store.execute(new JobCommand.ProvideSlots(StoreJobs.GPU, 200)));
            AtomicLong writer = new AtomicLong(Thread.currentThread().getId());
            store.onCommit(changes -> writer.set(Thread.currentThread().getId()));
            List<UserId> users = new ArrayList<>();
            for (int i = 0; i < USERS; i++) {
                UserId user = new UserId("user-" + i);
                users.add(user);
                StoreFixture.value(store.execute(StoreJobs.give(user, 100_000_000)));
            }
            for (int round = 0; round < rounds; round++) {
                AtomicInteger next = new AtomicInteger();
                long began = cpu(writer.get());
                double submits = rate(callers, jobs, () -> {
                    int i = next.getAndIncrement();
                    SubmitResult result = StoreFixture.value(store.execute(StoreJobs.submit(
                            StoreJobs.spec(users.get((i * 7) % USERS), clock.instant(), "m" + i % MODELS))));
                    if (!(result instanceof SubmitResult.Accepted)) {
                        throw new AssertionError(result);
                    }
                });
                long submitted = cpu(writer.get());
                BlockingQueue<AttemptRef> claimed = new ArrayBlockingQueue<>(1_000);
                Thread claimer = TestSchema.daemon(() -> claim(store, jobs, claimed));
                claimer.start();
                double ends = rate(callers, jobs, () -> {
                    AttemptRef attempt = claimed.take();
                    for (int i = 0; i < marks; i++) {
                        StoreFixture.value(store.execute(new JobCommand.Mark(
                                attempt, i == 0 ? Attempt.Phase.SUBMITTED : Attempt.Phase.STARTED, Optional.empty())));
                    }
                    StoreFixture.value(store.execute(StoreJobs.succeed(attempt)));
                });
                long ended = cpu(writer.get());
                System.out.printf(
                        "round %d: submit %,.0f/s (writer %.0f us), claim+%d marks+succeed %,.0f/s (writer %.0f us)%n",
                        round,
                        submits,
                        (submitted - began) / 1e3 / jobs,
                        marks,
                        ends,
                        (ended - submitted) / 1e3 / jobs);
            }
            Instant before = clock.instant();
            int findings = store.audit().findings().size();
            System.out.printf(
                    "%d findings in %s; %,d bytes a job; errors %s%n",
                    findings,
                    Duration.between(before, clock.instant()),
                    Files.size(directory.resolve(SqliteDatabase.FILE)) / ((long) jobs * rounds),
                    fixture.errors);
        }
    }

    private static long cpu(long thread) {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
    }

    private static void claim(SqliteStore store, int jobs, BlockingQueue<AttemptRef> claimed) {
        try {
            for (int sum = 0; sum < jobs; ) {
                for (Claimed one : StoreFixture.value(store.execute(StoreJobs.claim(64)))) {
                    claimed.put(one.attempt().ref());
                    sum++;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Unit {
        void run() throws Exception;
    }

    private static double rate(int callers, int units, Unit unit) throws Exception {
        AtomicInteger left = new AtomicInteger(units);
        List<Thread> threads = new ArrayList<>();
        long began = System.nanoTime();
        for (int i = 0; i < callers; i++) {
            Thread thread = TestSchema.daemon(() -> {
                try {
                    while (left.getAndDecrement() > 0) {
                        unit.run();
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return units * 1e9 / (System.nanoTime() - began);
    }
}
