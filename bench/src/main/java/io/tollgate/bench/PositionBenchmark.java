package io.tollgate.bench;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.WaitingJob;
import io.tollgate.queue.lane.WaitingLine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What do a position and a change of the line cost, by how many wait? */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class PositionBenchmark {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final QueueName QUEUE = new QueueName("image");
    private static final int SETS = 50;

    /** How many wait. */
    @Param({"1000", "1000000"})
    public int waiting;

    private final WaitingLine line = new WaitingLine(QUEUE);
    private final List<RequirementSet> sets = new ArrayList<>();
    private final List<WaitingJob> jobs = new ArrayList<>();
    private final Deque<WaitingJob> inOrder = new ArrayDeque<>();
    private final SplittableRandom random = new SplittableRandom(1);
    private long next;

    /** Fills the line: 50 requirement sets by turns, in the order of submission. */
    @Setup
    public void fill() {
        for (int i = 0; i < SETS; i++) {
            sets.add(new RequirementSet(QUEUE, Lane.REGULAR, new ModelName("m" + i), "gpu"));
        }
        for (int i = 0; i < waiting; i++) {
            WaitingJob job = job();
            jobs.add(job);
            inOrder.add(job);
            line.add(job, START);
        }
    }

    private WaitingJob job() {
        long seq = next++;
        return new WaitingJob(
                new JobId(
                        new UUID((random.nextLong() & ~0xF000L) | 0x7000L, (random.nextLong() >>> 2) | Long.MIN_VALUE)),
                OrderKey.of(Lane.REGULAR, false, 0, seq, seq),
                sets.get((int) (seq % SETS)),
                START.plusMillis(seq),
                START,
                START.plus(Duration.ofDays(1)));
    }

    /** Of any job, however deep. */
    @Benchmark
    public OptionalInt position() {
        return line.position(jobs.get(random.nextInt(jobs.size())).id());
    }

    /** The first leaves and a new one comes last: what a line does all day. */
    @Benchmark
    public boolean removeFirstAddLast() {
        WaitingJob added = job();
        line.add(added, START);
        inOrder.add(added);
        return line.remove(inOrder.remove().id());
    }

    /** One leaves from anywhere and comes back to its place: a cancellation and a retry. */
    @Benchmark
    public boolean removeAndAddAnywhere() {
        WaitingJob job = jobs.get(random.nextInt(jobs.size()));
        boolean removed = line.remove(job.id());
        line.add(job, START);
        return removed;
    }
}
