package io.tollgate.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Runs contenders through scenarios by turns, so that what drifts on the machine hits all of them. */
final class Race {
    /*
     * One turn: a new database in a directory of its own, what the scenario needs off the clock, the clock, then a
     * check that jobs and books are as they must be. A turn that fails the check ends the race: a rate of wrong work
     * is none.
     */
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(2);
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long IDLE_GAP_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long IDLE_GAP_MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(30);
    private static final int IDLE_UNCOUNTED = 20; // the first of them meet cold code
    private static final int POLLS_TO_COVER = 2;

    private final Path dir;
    private final Settings settings;
    private final PrintStream progress;

    Race(Path dir, Settings settings, PrintStream progress) {
        this.dir = dir;
        this.settings = settings;
        this.progress = progress;
    }

    List<Sample> run(List<Contender> contenders, List<Scenario> scenarios) throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (int round = 1 - settings.warmUps(); round <= settings.rounds(); round++) {
            List<Contender> order = new ArrayList<>(contenders);
            Collections.rotate(order, round);
            for (Scenario scenario : scenarios) {
                for (Contender contender : order) {
                    if (round > 0 || scenario != Scenario.IDLE) {
                        Sample sample = turn(contender, scenario, round);
                        report(sample);
                        if (round > 0) {
                            samples.add(sample);
                        }
                    }
                }
            }
        }
        return samples;
    }

    private Sample turn(Contender contender, Scenario scenario, int round) throws Exception {
        Path home = Files.createTempDirectory(Files.createDirectories(dir), "turn-");
        Duration limit = round > 0 || settings.limit().compareTo(WARM_UP_LIMIT) < 0 ? settings.limit() : WARM_UP_LIMIT;
        try (Session session = contender.open(home)) {
            return switch (scenario) {
                case SUBMIT_1, SUBMIT_64 -> submit(contender, scenario, round, session, limit);
                case COMPLETE_1, COMPLETE_64 -> complete(contender, scenario, round, session, limit);
                case IDLE -> idle(contender, round, session);
            };
        } finally {
            delete(home);
        }
    }

    private Sample submit(Contender contender, Scenario scenario, int round, Session session, Duration limit)
            throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicLong done = new AtomicLong();
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> callers = new ArrayList<>();
        AtomicLong deadline = new AtomicLong();
        for (int i = 0; i < scenario.threads(); i++) {
            Thread caller = new Thread(
                    () -> {
                        try {
                            go.await();
                            while (failure.get() == null && System.nanoTime() - deadline.get() < 0) {
                                long number = next.getAndIncrement();
                                if (number > settings.jobs()) {
                                    return;
                                }
                                session.submit(number);
                                done.incrementAndGet();
                            }
                        } catch (Exception e) {
                            failure.set(e);
                        }
                    },
                    "caller-" + i);
            caller.start();
            callers.add(caller);
        }
        CpuMeter cpu = new CpuMeter();
        long begin = System.nanoTime();
        deadline.set(begin + limit.toNanos());
        go.countDown();
        for (Thread caller : callers) {
            caller.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        rethrow(contender, failure.get());
        check(contender, session, done.get());
        return sample(contender, scenario, round, done.get(), Map.of(Sample.RATE, done.get() / seconds), cpu);
    }

    private Sample complete(Contender contender, Scenario scenario, int round, Session session, Duration limit)
            throws Exception {
        int jobs = settings.jobs();
        session.submitAll(1, jobs);
        Tally tally = new Tally(jobs);
        long done;
        double seconds;
        CpuMeter cpu;
        double cpuMicros;
        double others;
        Session.Engine engine = session.start(scenario.threads(), tally);
        try {
            if (!tally.first.await(STUCK_NANOS, TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException(contender.name() + ": no job started");
            }
            cpu = new CpuMeter();
            boolean all = tally.all.await(limit.toNanos(), TimeUnit.NANOSECONDS);
            long end = all ? tally.lastFinish.get() : System.nanoTime();
            done = tally.finished.get();
            seconds = (end - tally.firstStart.get()) / 1e9;
            cpuMicros = cpu.ownMicros() / Math.max(1, done);
            others = cpu.others();
        } finally {
            engine.close();
        }
        check(contender, session, jobs - tally.finished.get());
        tally.checkOnce(contender);
        return new Sample(
                contender.name(), scenario, round, done, Map.of(Sample.RATE, done / seconds), cpuMicros, others);
    }

    private Sample idle(Contender contender, int round, Session session) throws Exception {
        Duration poll = contender.pollInterval();
        Random random = new Random(round);
        long meanGap = (IDLE_GAP_MIN_NANOS + IDLE_GAP_MAX_NANOS) / 2;
        // starts of a polled queue depend on when in its period a job comes: cover whole periods
        int jobs = IDLE_UNCOUNTED + (int) Math.max(settings.idleJobs(), POLLS_TO_COVER * poll.toNanos() / meanGap);
        Tally tally = new Tally(jobs);
        long[] submittedAt = new long[jobs + 1];
        CpuMeter cpu = new CpuMeter();
        Session.Engine engine = session.start(Scenario.IDLE.threads(), tally);
        try {
            for (int number = 1; number <= jobs; number++) {
                LockSupport.parkNanos(
                        IDLE_GAP_MIN_NANOS + (long) (random.nextDouble() * (IDLE_GAP_MAX_NANOS - IDLE_GAP_MIN_NANOS)));
                submittedAt[number] = System.nanoTime();
                session.submit(number);
            }
            if (!tally.all.await(STUCK_NANOS, TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException(
                        contender.name() + ": " + tally.finished + " of " + jobs + " jobs ended");
            }
        } finally {
            engine.close();
        }
        check(contender, session, 0);
        tally.checkOnce(contender);
        double[] millis = new double[jobs - IDLE_UNCOUNTED];
        for (int i = 0; i < millis.length; i++) {
            int number = IDLE_UNCOUNTED + 1 + i;
            millis[i] = (tally.startedAt(number) - submittedAt[number]) / 1e6;
        }
        Arrays.sort(millis);
        Map<String, Double> values = Map.of("p50", percentile(millis, 0.50), "p99", percentile(millis, 0.99));
        return sample(contender, Scenario.IDLE, round, jobs, values, cpu);
    }

    /** The nearest-rank percentile of ascending values. */
    static double percentile(double[] ascending, double share) {
        return ascending[Math.max(0, (int) Math.ceil(share * ascending.length) - 1)];
    }

    private static Sample sample(
            Contender contender, Scenario scenario, int round, long jobs, Map<String, Double> values, CpuMeter cpu) {
        double cpuMicros = cpu.ownMicros() / Math.max(1, jobs);
        return new Sample(contender.name(), scenario, round, jobs, values, cpuMicros, cpu.others());
    }

    private static void check(Contender contender, Session session, long expectedOpen) throws Exception {
        long open = session.openJobs();
        if (open != expectedOpen) {
            throw new IllegalStateException(contender.name() + ": " + open + " jobs are open, not " + expectedOpen);
        }
        session.checkBooks();
    }

    private static void rethrow(Contender contender, @Nullable Exception failure) {
        if (failure != null) {
            throw new IllegalStateException(contender.name() + ": " + failure.getMessage(), failure);
        }
    }

    private void report(Sample sample) {
        StringBuilder line = new StringBuilder();
        line.append(sample.round() > 0 ? "round " + sample.round() + "/" + settings.rounds() : "warm-up  ");
        line.append(
                String.format(Locale.ROOT, "  %-12s %-13s", sample.scenario().key(), sample.contender()));
        sample.values().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(value -> line.append(String.format(
                        Locale.ROOT,
                        "  %s%s %s",
                        value.getKey().isEmpty() ? "" : value.getKey() + " ",
                        Report.number(value.getValue()),
                        sample.scenario().unit())));
        progress.println(line);
    }

    private static void delete(Path home) throws IOException {
        List<Path> paths;
        try (var walk = Files.walk(home)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }

    /** Counts jobs that start and finish, and notes when. */
    private static final class Tally implements Session.Work {
        final CountDownLatch first = new CountDownLatch(1);
        final CountDownLatch all = new CountDownLatch(1);
        final AtomicLong finished = new AtomicLong();
        final AtomicLong firstStart = new AtomicLong();
        final AtomicLong lastFinish = new AtomicLong(System.nanoTime());
        private final AtomicLongArray startedAt;
        private final AtomicIntegerArray starts;
        private final int jobs;

        Tally(int jobs) {
            this.jobs = jobs;
            this.startedAt = new AtomicLongArray(jobs + 1);
            this.starts = new AtomicIntegerArray(jobs + 1);
        }

        @Override
        public void started(long number) {
            long now = System.nanoTime();
            startedAt.set((int) number, now);
            starts.incrementAndGet((int) number);
            if (first.getCount() > 0) {
                firstStart.compareAndSet(0, now);
                first.countDown();
            }
        }

        @Override
        public void finished(long number) {
            long now = System.nanoTime();
            lastFinish.accumulateAndGet(now, (a, b) -> b - a > 0 ? b : a);
            if (finished.incrementAndGet() == jobs) {
                all.countDown();
            }
        }

        long startedAt(int number) {
            return startedAt.get(number);
        }

        /** Throws {@link IllegalStateException} if a job ran twice. */
        void checkOnce(Contender contender) {
            for (int number = 1; number <= jobs; number++) {
                if (starts.get(number) > 1) {
                    throw new IllegalStateException(contender.name() + ": job " + number + " ran twice");
                }
            }
        }
    }
}
