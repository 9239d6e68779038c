package io.tollgate.bench;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One contender at its scenarios, one after the other, on one database in which jobs may have been before. After each
 * it is checked that as many jobs are open as must be and that none ran twice. Used by one thread.
 */
final class Turn {
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long IDLE_GAP_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long IDLE_GAP_MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(30);
    private static final int IDLE_UNCOUNTED = 20; // the first of them meet cold code
    private static final int POLLS_TO_COVER = 2;

    private final Contender contender;
    private final Session session;
    private final Settings settings;
    private final Stock stock;
    private long submitted;
    private long open;

    /**
     * What was in a database before.
     *
     * @param finished that many jobs were done; they have the lowest numbers
     * @param queued that many wait
     */
    record Stock(long finished, long queued) {
        static final Stock NONE = new Stock(0, 0);

        Stock {
            if (finished < 0 || queued < 0) {
                throw new IllegalArgumentException("need finished, queued >= 0: " + finished + ", " + queued);
            }
        }

        /** How many jobs were ever submitted. */
        long submitted() {
            return finished + queued;
        }
    }

    Turn(Contender contender, Session session, Stock stock, Settings settings) {
        this.contender = contender;
        this.session = session;
        this.settings = settings;
        this.stock = stock;
        this.submitted = stock.submitted();
        this.open = stock.queued();
    }

    Sample run(Scenario scenario, int round) throws Exception {
        return switch (scenario) {
            case SUBMIT_1, SUBMIT_64 -> submit(scenario, round);
            case COMPLETE_1, COMPLETE_64 -> complete(scenario, round);
            case TURNOVER_64 -> turnover(scenario, round);
            case IDLE -> idle(round);
        };
    }

    private Sample submit(Scenario scenario, int round) throws Exception {
        Callers callers = new Callers(session, scenario.threads(), submitted + 1, settings.jobs(), () -> true);
        CpuMeter cpu = new CpuMeter();
        long begin = System.nanoTime();
        callers.go(begin + settings.limit().toNanos());
        long done = callers.join(contender);
        double seconds = (System.nanoTime() - begin) / 1e9;
        Sample sample = sample(scenario, round, done, Map.of(Sample.RATE, done / seconds), cpu);
        submitted += done;
        open += done;
        check();
        return sample;
    }

    /** Before the clock runs there are as many jobs more than in stock as are to be done. */
    private Sample complete(Scenario scenario, int round) throws Exception {
        int jobs = settings.jobs();
        int missing = (int) Math.max(0, jobs - (open - stock.queued()));
        session.submitAll(submitted + 1, missing);
        submitted += missing;
        open += missing;
        Tally tally = tally(0, jobs);
        CpuMeter cpu;
        Sample sample;
        Session.Engine engine = session.start(scenario.threads(), tally);
        try {
            awaitFirst(tally);
            cpu = new CpuMeter();
            boolean unused = tally.all.await(settings.limit().toNanos(), TimeUnit.NANOSECONDS);
            long now = System.nanoTime();
            long done = tally.counted();
            sample = sample(scenario, round, done, Map.of(Sample.RATE, tally.rate(now)), cpu);
        } finally {
            engine.close();
        }
        open -= tally.finished.get();
        check();
        tally.checkOnce(contender);
        return sample;
    }

    /** Each caller submits a job whenever one is done, so that the stock stays what it was. */
    private Sample turnover(Scenario scenario, int round) throws Exception {
        int jobs = settings.jobs();
        Semaphore room = new Semaphore(scenario.threads());
        Tally tally = tally(jobs, jobs);
        Session.Work work = new Session.Work() {
            @Override
            public void started(long number) {
                tally.started(number);
            }

            @Override
            public void finished(long number) {
                tally.finished(number);
                room.release();
            }
        };
        Callers callers = new Callers(
                session,
                scenario.threads(),
                submitted + 1,
                jobs,
                () -> room.tryAcquire(STUCK_NANOS, TimeUnit.NANOSECONDS));
        Sample sample;
        Session.Engine engine = session.start(scenario.threads(), work);
        try {
            CpuMeter cpu = new CpuMeter();
            callers.go(System.nanoTime() + settings.limit().toNanos());
            awaitFirst(tally);
            boolean unused = tally.all.await(settings.limit().toNanos(), TimeUnit.NANOSECONDS);
            long now = System.nanoTime();
            sample = sample(scenario, round, tally.counted(), Map.of(Sample.RATE, tally.rate(now)), cpu);
            room.release(scenario.threads()); // those that wait go on, and see that it is over
        } finally {
            long came = callers.join(contender);
            submitted += came;
            open += came;
            engine.close();
        }
        open -= tally.finished.get();
        check();
        tally.checkOnce(contender);
        return sample;
    }

    private Sample idle(int round) throws Exception {
        Random random = new Random(round);
        long meanGap = (IDLE_GAP_MIN_NANOS + IDLE_GAP_MAX_NANOS) / 2;
        // starts of a polled queue depend on when in its period a job comes: cover whole periods
        int jobs = IDLE_UNCOUNTED
                + (int) Math.max(
                        settings.idleJobs(),
                        POLLS_TO_COVER * contender.pollInterval().toNanos() / meanGap);
        long before = submitted;
        Tally tally = tally(jobs, open + jobs);
        long[] submittedAt = new long[jobs];
        CpuMeter cpu = new CpuMeter();
        Session.Engine engine = session.start(Scenario.IDLE.threads(), tally);
        try {
            for (int i = 0; i < jobs; i++) {
                LockSupport.parkNanos(
                        IDLE_GAP_MIN_NANOS + (long) (random.nextDouble() * (IDLE_GAP_MAX_NANOS - IDLE_GAP_MIN_NANOS)));
                submittedAt[i] = System.nanoTime();
                session.submit(before + 1 + i);
            }
            if (!tally.all.await(STUCK_NANOS, TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException(
                        contender.name() + ": " + tally.finished + " of " + (open + jobs) + " jobs ended");
            }
        } finally {
            engine.close();
        }
        submitted += jobs;
        open += jobs - tally.finished.get();
        check();
        tally.checkOnce(contender);
        double[] millis = new double[jobs - IDLE_UNCOUNTED];
        for (int i = 0; i < millis.length; i++) {
            int job = IDLE_UNCOUNTED + i;
            millis[i] = (tally.startedAt(before + 1 + job) - submittedAt[job]) / 1e6;
        }
        Arrays.sort(millis);
        return sample(
                Scenario.IDLE,
                round,
                jobs,
                Map.of("p50", percentile(millis, 0.50), "p99", percentile(millis, 0.99)),
                cpu);
    }

    /** @param more how many may be submitted meanwhile */
    private Tally tally(int more, long wanted) {
        return new Tally(stock.finished() + 1, Math.toIntExact(submitted - stock.finished() + more), wanted);
    }

    private void awaitFirst(Tally tally) throws InterruptedException {
        if (!tally.first.await(STUCK_NANOS, TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException(contender.name() + ": no job started");
        }
    }

    /** The nearest-rank percentile of ascending values. */
    static double percentile(double[] ascending, double share) {
        return ascending[Math.max(0, (int) Math.ceil(share * ascending.length) - 1)];
    }

    private Sample sample(Scenario scenario, int round, long jobs, Map<String, Double> values, CpuMeter cpu) {
        double cpuMicros = cpu.ownMicros() / Math.max(1, jobs);
        return new Sample(contender.name(), scenario, round, jobs, values, cpuMicros, cpu.others());
    }

    private void check() throws Exception {
        long found = session.openJobs();
        if (found != open) {
            throw new IllegalStateException(contender.name() + ": " + found + " jobs are open, not " + open);
        }
    }
}
