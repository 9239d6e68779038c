package io.tollgate.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The floor's queue: one thread writes, and runs all units that wait in one transaction. */
final class FloorSession implements Session {
    /*
     * A caller puts its unit into `units` and parks. The writer takes all that wait, begins with a claim if claims run
     * low, runs the units, commits, and only then hands out what it claimed and wakes the callers. Everything but the
     * two queues and `wanted` belongs to the writer. There are no savepoints: a unit that fails ends the session,
     * because nothing here is meant to fail.
     */
    private static final int MAX_BATCH = 256;
    private static final int CLAIM = 128;
    private static final int CLAIM_AGAIN_BELOW = 64;
    private static final int LOAD_BATCH = 500;
    private static final long LOOK_AGAIN_NANOS = 1_000_000_000; // only a writer that died leaves a unit unanswered

    private final BlockingQueue<Unit> units = new LinkedBlockingQueue<>();
    private final BlockingQueue<FloorTables.Job> claimed = new LinkedBlockingQueue<>();
    private final Path dir;
    private final Thread writer;
    private volatile boolean wanted;
    private volatile @Nullable Exception failure;
    private long ready;

    /** @param fresh whether the tables are made first */
    FloorSession(Path dir, int users, boolean fresh) throws SQLException {
        this.dir = dir;
        Connection connection = Sqlite.connect(dir);
        FloorTables tables = fresh ? FloorTables.create(connection, users) : FloorTables.open(connection, users);
        this.ready = fresh ? 0 : FloorTables.ready(connection);
        this.writer = new Thread(() -> write(connection, tables), "floor-writer");
        writer.start();
    }

    @Override
    public void submit(long number) {
        run(tables -> {
            tables.submit(number);
            return 1;
        });
    }

    @Override
    public void submitAll(long first, int count) {
        for (long from = first; from < first + count; from += LOAD_BATCH) {
            long begin = from;
            int size = (int) Math.min(LOAD_BATCH, first + count - from);
            run(tables -> {
                for (int i = 0; i < size; i++) {
                    tables.submit(begin + i);
                }
                return size;
            });
        }
    }

    @Override
    public Engine start(int workers, Work work) {
        wanted = true;
        run(tables -> 0); // so that the writer looks
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            Thread thread = new Thread(() -> runJobs(work), "floor-worker-" + i);
            thread.start();
            threads.add(thread);
        }
        return () -> {
            wanted = false;
            run(tables -> 0); // after this nothing is claimed any more
            claimed.clear();
            for (int i = 0; i < workers; i++) {
                claimed.add(FloorTables.Job.NONE);
            }
            threads.forEach(FloorSession::join);
            claimed.clear();
        };
    }

    @Override
    public long openJobs() throws SQLException {
        try (Connection connection = Sqlite.connect(dir);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM job WHERE state <> 2")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public void checkBooks() throws SQLException {
        try (Connection connection = Sqlite.connect(dir)) {
            FloorTables.checkBooks(connection);
        }
    }

    @Override
    public void close() {
        units.add(Unit.END);
        join(writer);
    }

    /** Waits for a thread that has been told to end; an interrupt is kept for later. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void runJobs(Work work) {
        try {
            for (FloorTables.Job job = claimed.take(); !job.equals(FloorTables.Job.NONE); job = claimed.take()) {
                FloorTables.Job taken = job;
                work.started(taken.id());
                run(tables -> {
                    tables.complete(taken);
                    return 0;
                });
                work.finished(taken.id());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Rows rows) {
        Unit unit = new Unit(rows, Thread.currentThread());
        units.add(unit);
        while (!unit.done && writer.isAlive()) {
            LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
        }
        Exception broken = failure;
        if (broken != null) {
            throw new IllegalStateException("floor: " + broken.getMessage(), broken);
        }
    }

    private void write(Connection connection, FloorTables tables) {
        List<Unit> batch = new ArrayList<>(MAX_BATCH);
        boolean end = false;
        try (connection) {
            while (!end) {
                batch.clear();
                if (!claimIsDue()) {
                    batch.add(units.take());
                }
                units.drainTo(batch, MAX_BATCH - batch.size());
                end = batch.remove(Unit.END);
                try {
                    runAll(batch, connection, tables);
                } finally {
                    batch.forEach(Unit::answer);
                }
            }
        } catch (SQLException | InterruptedException | RuntimeException e) {
            failure = e;
        }
        for (Unit unit = units.poll(); unit != null; unit = units.poll()) {
            unit.answer();
        }
    }

    private void runAll(List<Unit> batch, Connection connection, FloorTables tables) throws SQLException {
        try {
            List<FloorTables.Job> jobs = claimIsDue() ? tables.claim(CLAIM) : List.of();
            long submitted = 0;
            for (Unit unit : batch) {
                submitted += unit.rows.run(tables);
            }
            connection.commit();
            ready += submitted - jobs.size();
            claimed.addAll(jobs);
        } catch (SQLException | RuntimeException e) {
            failure = e; // before the callers are answered
            throw e;
        }
    }

    private boolean claimIsDue() {
        return wanted && ready > 0 && claimed.size() < CLAIM_AGAIN_BELOW;
    }

    /** The statements of one unit. */
    private interface Rows {
        /** Runs on the writer and returns the number of jobs it submitted. */
        int run(FloorTables tables) throws SQLException;
    }

    /** What a caller waits for. */
    private static final class Unit {
        static final Unit END = new Unit(tables -> 0, Thread.currentThread());

        final Rows rows;
        private final Thread caller;
        volatile boolean done;

        Unit(Rows rows, Thread caller) {
            this.rows = rows;
            this.caller = caller;
        }

        void answer() {
            done = true;
            LockSupport.unpark(caller);
        }
    }
}
