package io.tollgate.bench;

import com.github.f4b6a3.uuid.UuidCreator;
import io.tollgate.queue.job.JobId;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What do a job's public id and its text cost, of the 30 to 100 µs of CPU that a submission takes? */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class IdBenchmark {
    private final JobId id = new JobId(UuidCreator.getTimeOrderedEpochPlus1());
    private final String text = id.toString();

    /** A new UUIDv7, larger than the one before. */
    @Benchmark
    public UUID make() {
        return UuidCreator.getTimeOrderedEpochPlus1();
    }

    /** The same by two threads: the generator has one lock. */
    @Benchmark
    @Threads(2)
    public UUID makeOnTwoThreads() {
        return UuidCreator.getTimeOrderedEpochPlus1();
    }

    /** The 36 characters that go into the API. */
    @Benchmark
    public String write() {
        return id.toString();
    }

    /** Back from them. */
    @Benchmark
    public JobId read() {
        return JobId.parse(text);
    }
}
