package io.tollgate.app.cli;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.memory.MemoryMediaStore;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.sql.GroupCommit;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The small benchmark: the whole way of a job that does nothing, through gate, books, dispatch and back, on a database
 * in a directory of its own. Outputs are kept in memory. Used by one thread.
 */
final class MachineBench {
    private static final int USERS = 1_000;
    private static final int CALLERS = 64;
    private static final int IDLE_SLOTS = 8;
    private static final int STARTS_UNCOUNTED = 20; // they meet cold code
    private static final int SUBMIT_AHEAD = 1_000;
    private static final int LEAST_TO_COMPLETE = 100;
    private static final int LOOKS = 20_000;
    private static final int FILL_AT_MOST = 3; // times the span of a rate
    private static final int NO_LIMIT = 1_000_000_000;
    private static final int WORKERS = 4;
    private static final Duration STUCK = Duration.ofSeconds(60);
    private static final Duration WARM_UP = Duration.ofSeconds(1);

    private static final String NUMBER = "number";
    private static final String TYPE = "bench";
    private static final QueueName QUEUE = new QueueName("bench");
    private static final ModelName MODEL = new ModelName("noop");
    private static final Amount PRICE = Amount.credits(1);
    private static final Amount GRANTED = Amount.credits(1_000_000);

    private static final JobPolicy POLICY = new JobPolicy(
            CreditPolicy.PLAIN,
            new SubmissionLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT),
            Map.of(MODEL, NO_LIMIT),
            Map.of(),
            Map.of(),
            0.5,
            3);

    private static final Workflow NOOP = new Workflow(
            new WorkflowName("noop"),
            "No-op",
            "Does nothing.",
            QUEUE,
            MODEL,
            Tariff.of(PRICE),
            List.of(new InputSpec.Whole(NUMBER, "", true, Optional.empty(), 0, Long.MAX_VALUE)),
            Map.of(TYPE, Map.of()),
            Set.of(),
            Map.of(),
            1,
            Duration.ofMinutes(5),
            RetryPolicy.DEFAULT);

    private final Path dir;
    private final Duration span;
    private final int queued;
    private final int starts;
    private final Progress progress;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicLong next = new AtomicLong(1);

    /**
     * @param dir an empty directory
     * @param span how long each rate is measured
     * @param queued how many jobs shall be queued when positions are measured
     * @param starts how many starts are timed
     */
    MachineBench(Path dir, Duration span, int queued, int starts, Progress progress) {
        this.dir = dir;
        this.span = span;
        this.queued = queued;
        this.starts = starts;
        this.progress = progress;
    }

    /**
     * Measures everything.
     *
     * @return what was measured, by the names that the command prints
     * @throws CommandFailed if a job was refused or the books don't hold: a rate of wrong work is none
     */
    Map<String, Object> run() throws IOException, InterruptedException {
        Map<String, Object> results = new LinkedHashMap<>();
        Progress.Track track = progress.track("bench");
        Path rates = Files.createDirectory(dir.resolve("rates"));
        Ends ends = new Ends();
        try (Node node = new Node(rates, 1, ends)) {
            node.grant();
            track.at(0.02, "warming up");
            submitRate(node, CALLERS, WARM_UP);
            track.at(0.08, "submit, 1 caller");
            results.put("submit_per_s_1", submitRate(node, 1, span));
            track.at(0.2, "submit, 64 callers");
            results.put("submit_per_s_64", submitRate(node, CALLERS, span));
            track.at(0.35, "filling the queue");
            fill(node);
            track.at(0.5, "positions");
            positions(node.store, results);
        }
        for (int slots : new int[] {1, CALLERS}) {
            track.at(slots == 1 ? 0.55 : 0.7, "complete, " + slots + (slots == 1 ? " slot" : " slots"));
            try (Node node = new Node(rates, slots, ends)) {
                results.put("complete_per_s_" + slots, completeRate(node, ends));
            }
        }
        track.at(0.8, "audit");
        try (Node node = new Node(rates, 1, ends)) {
            node.audit();
        }
        track.at(0.85, "starts");
        startTimes(Files.createDirectory(dir.resolve("idle")), results);
        track.ended("done");
        return ordered(results);
    }

    private static Map<String, Object> ordered(Map<String, Object> results) {
        Map<String, Object> ordered = new LinkedHashMap<>();
        for (String name : List.of(
                "submit_per_s_1",
                "submit_per_s_64",
                "complete_per_s_1",
                "complete_per_s_64",
                "start_ms_p50",
                "start_ms_p99",
                "position_us_p99",
                "queued",
                "heap_bytes_per_queued_job")) {
            ordered.put(name, Objects.requireNonNull(results.get(name)));
        }
        return ordered;
    }

    private double submitRate(Node node, int callers, Duration time) throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        AtomicLong done = new AtomicLong();
        AtomicLong deadline = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            Thread caller = DAEMONS.newThread(() -> {
                try {
                    go.await();
                    while (failure.get() == null && System.nanoTime() - deadline.get() < 0) {
                        node.submit(next.getAndIncrement()).join();
                        done.incrementAndGet();
                    }
                } catch (InterruptedException | RuntimeException e) {
                    failure.compareAndSet(null, e);
                }
            });
            caller.start();
            threads.add(caller);
        }
        long begin = System.nanoTime();
        deadline.set(begin + time.toNanos());
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        checkUnharmed();
        return done.get() / ((System.nanoTime() - begin) / 1e9);
    }

    private void fill(Node node) {
        long deadline = System.nanoTime() + FILL_AT_MOST * span.toNanos();
        Deque<CompletableFuture<?>> waiting = new ArrayDeque<>();
        while (next.get() <= queued && System.nanoTime() - deadline < 0) {
            if (waiting.size() == SUBMIT_AHEAD) {
                waiting.remove().join();
            }
            waiting.add(node.submit(next.getAndIncrement()));
        }
        waiting.forEach(CompletableFuture::join);
        checkUnharmed();
    }

    /** The index of positions as it is built at a start: what it weighs, and how soon it answers. */
    private static void positions(SqliteStore store, Map<String, Object> results) {
        List<JobId> ids = new ArrayList<>();
        store.forEachLive(job -> ids.add(job.id()));
        Lines lines = new Lines();
        Instant now = Instant.now();
        long before = usedHeap();
        store.forEachLive(job -> lines.put(job, now));
        long bytes = usedHeap() - before;
        Random random = new Random(1);
        long[] nanos = new long[LOOKS];
        for (int round = 0; round < 2; round++) { // the first round warms up
            for (int i = 0; i < LOOKS; i++) {
                JobId id = ids.get(random.nextInt(ids.size()));
                long begin = System.nanoTime();
                Optional<Integer> position = lines.position(QUEUE, id);
                nanos[i] = System.nanoTime() - begin;
                if (position.isEmpty()) {
                    throw new CommandFailed("job " + id + " waits and has no position");
                }
            }
        }
        Arrays.sort(nanos);
        results.put("position_us_p99", percentile(nanos, 0.99) / 1e3);
        results.put("queued", ids.size());
        results.put("heap_bytes_per_queued_job", Math.max(0, bytes / ids.size()));
    }

    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private double completeRate(Node node, Ends ends) throws InterruptedException {
        for (int missing = LEAST_TO_COMPLETE - (int) node.open(); missing > 0; missing--) {
            node.submit(next.getAndIncrement()).join();
        }
        ends.reset(node.open());
        node.tollgate.start();
        if (!ends.first.await(STUCK.toSeconds(), TimeUnit.SECONDS)) {
            checkUnharmed();
            throw new CommandFailed("no job started");
        }
        boolean all = ends.all.await(span.toNanos(), TimeUnit.NANOSECONDS);
        long end = all ? ends.lastAt.get() : System.nanoTime();
        long done = ends.count.get();
        checkUnharmed();
        return done / ((end - ends.firstAt.get()) / 1e9);
    }

    private void startTimes(Path home, Map<String, Object> results) throws IOException, InterruptedException {
        int jobs = STARTS_UNCOUNTED + starts;
        Ends ends = new Ends();
        ends.reset(jobs);
        AtomicLongArray startedAt = new AtomicLongArray(jobs);
        ends.startedAt = startedAt;
        long[] submittedAt = new long[jobs];
        try (Node node = new Node(home, IDLE_SLOTS, ends)) {
            node.grant();
            node.tollgate.start();
            Random random = new Random(1);
            for (int i = 0; i < jobs; i++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10 + random.nextInt(20)));
                submittedAt[i] = System.nanoTime();
                node.submit(i).join();
            }
            if (!ends.all.await(STUCK.toSeconds(), TimeUnit.SECONDS)) {
                checkUnharmed();
                throw new CommandFailed(ends.count + " of " + jobs + " jobs ended");
            }
            checkUnharmed();
            node.audit();
        }
        long[] nanos = IntStream.range(STARTS_UNCOUNTED, jobs)
                .mapToLong(i -> startedAt.get(i) - submittedAt[i])
                .sorted()
                .toArray();
        results.put("start_ms_p50", percentile(nanos, 0.5) / 1e6);
        results.put("start_ms_p99", percentile(nanos, 0.99) / 1e6);
    }

    private static double percentile(long[] ascending, double share) {
        return ascending[Math.max(0, (int) Math.ceil(share * ascending.length) - 1)];
    }

    private void checkUnharmed() {
        Throwable problem = failure.get();
        if (problem != null) {
            throw new CommandFailed("the benchmark failed: " + problem, problem);
        }
    }

    private static final ThreadFactory DAEMONS = body -> {
        Thread thread = new Thread(body, "tollgate-bench");
        thread.setDaemon(true);
        return thread;
    };

    /** Counts runs that start and jobs that end. */
    private static final class Ends {
        volatile @Nullable AtomicLongArray startedAt;
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch all = new CountDownLatch(1);
        final AtomicLong count = new AtomicLong();
        final AtomicLong firstAt = new AtomicLong();
        final AtomicLong lastAt = new AtomicLong();
        private volatile long expected;

        void reset(long jobs) {
            first = new CountDownLatch(1);
            all = new CountDownLatch(1);
            count.set(0);
            expected = jobs;
        }

        void started(long number) {
            long now = System.nanoTime();
            AtomicLongArray times = startedAt;
            if (times != null) {
                times.set((int) number, now);
            }
            if (first.getCount() > 0) {
                firstAt.set(now);
                first.countDown();
            }
        }

        void ended() {
            lastAt.set(System.nanoTime());
            if (count.incrementAndGet() == expected) {
                all.countDown();
            }
        }
    }

    /** The whole of Tollgate on a database, with threads of its own. */
    private final class Node implements AutoCloseable {
        final Tollgate tollgate;
        final SqliteStore store;
        private final SqliteDatabase database;
        private final ScheduledThreadPoolExecutor work = new ScheduledThreadPoolExecutor(WORKERS, DAEMONS);
        private final ExecutorService io = Executors.newFixedThreadPool(WORKERS, DAEMONS);
        private final MemoryMediaStore media = new MemoryMediaStore();

        Node(Path home, int slots, Ends ends) {
            work.setRemoveOnCancelPolicy(true);
            InstantSource clock = InstantSource.system();
            database = SqliteDatabase.openWriter(home, SqliteOptions.of("bench", DAEMONS));
            database.migrator(clock, "bench").up();
            store = SqliteStore.start(
                    database, new JobRules(POLICY), clock, GroupCommit.Options.DEFAULT, DAEMONS, work, this::failed);
            tollgate = Tollgate.builder()
                    .store(store)
                    .policy(POLICY)
                    .media(media)
                    .workflows(NOOP)
                    .backend(new InstantBackend(slots, ends))
                    .threads(work, io)
                    .clock(clock)
                    .listener(event -> heard(event, ends))
                    .build();
        }

        private void heard(JobEvent event, Ends ends) {
            if (event instanceof JobEvent.Ended) {
                ends.ended();
            } else if (event instanceof JobEvent.Fault fault) {
                failed(fault.problem());
            }
        }

        private void failed(Throwable problem) {
            failure.compareAndSet(null, problem);
        }

        void grant() {
            CompletableFuture.allOf(IntStream.range(0, USERS)
                            .mapToObj(Node::user)
                            .map(user -> tollgate.credits()
                                    .grant(
                                            user,
                                            GrantSource.BONUS,
                                            "bench:" + user.value(),
                                            GRANTED,
                                            Optional.empty(),
                                            "bench",
                                            "to be spent")
                                    .toCompletableFuture())
                            .toArray(CompletableFuture[]::new))
                    .join();
        }

        private static UserId user(long number) {
            return new UserId("user-" + number % USERS);
        }

        CompletableFuture<?> submit(long number) {
            return tollgate.submitAsync(
                            JobRequest.of(user(number), NOOP.name().value()).with(NUMBER, number))
                    .thenAccept(result -> {
                        if (!(result instanceof SubmitResult.Accepted)) {
                            failed(new IllegalStateException("refused: " + result));
                        }
                    })
                    .toCompletableFuture();
        }

        long open() {
            long[] open = new long[1];
            store.forEachLive(job -> open[0]++);
            return open[0];
        }

        void audit() {
            AuditReport report = store.audit();
            if (!report.clean()) {
                throw new CommandFailed("the books are wrong: " + report.findings());
            }
        }

        @Override
        public void close() throws IOException {
            tollgate.close();
            store.close();
            work.shutdownNow();
            io.shutdownNow();
            database.close();
            media.close();
        }
    }

    /** Its runs are over as soon as they arrive. */
    private record InstantBackend(int slots, Ends ends) implements GenerationBackend {
        private static final byte[] BYTES = {'o', 'k', '\n'};
        private static final RunOutcome DONE = new RunOutcome.Succeeded(List.of(
                new Produced("out.txt", Optional.empty(), "text/plain", () -> new ByteArrayInputStream(BYTES))));

        @Override
        public BackendId id() {
            return new BackendId("instant");
        }

        @Override
        public Capabilities capabilities() {
            return new Capabilities(TYPE, Set.of(), Set.of());
        }

        @Override
        public CompletionStage<Duration> probe() {
            return CompletableFuture.completedStage(Duration.ZERO);
        }

        @Override
        public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
            if (request.inputs().get(NUMBER) instanceof InputValue.Whole number) {
                ends.started(number.value());
            }
            listener.started();
            listener.ended(DONE);
            return CompletableFuture.completedStage(new Submission.Accepted(request.runId()));
        }

        @Override
        public CompletionStage<RunLookup> find(RunId runId) {
            return CompletableFuture.completedStage(RunLookup.NOT_KNOWN);
        }

        @Override
        public void attach(RunId runId, RunListener listener) {
            listener.ended(new RunOutcome.Lost());
        }

        @Override
        public CompletionStage<Void> cancel(RunId runId) {
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void forget(RunId runId) {
            // nothing is kept
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
