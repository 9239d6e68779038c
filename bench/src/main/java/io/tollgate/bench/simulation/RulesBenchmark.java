package io.tollgate.bench.simulation;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobDecision;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/**
 * What does it cost to decide, without rows that are read or written, by how many jobs wait and of how many requirement
 * sets? Decisions are made again and again on the same rows, which are in memory, and not applied.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class RulesBenchmark {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final QueueName QUEUE = new QueueName("image");
    private static final BackendId BACKEND = new BackendId("gpu-1");
    private static final Duration LEASE = Duration.ofMinutes(2);
    private static final int CLAIMED = 64;
    private static final int USERS = 1_000;
    private static final int NO_LIMIT = 1_000_000_000;

    /** How many wait. */
    @Param({"1000", "100000"})
    public int waiting;

    /** Of how many requirement sets they are. */
    @Param({"1", "50"})
    public int sets;

    private final LiveRows rows = new LiveRows(user -> false);
    private final NodeId node = new NodeId("bench");
    private long next = 1;
    private JobRules rules = new JobRules(JobPolicy.DEFAULT);
    private JobCommand.Submit submit = submission();
    private JobCommand.Claim claim = claim(CLAIMED);
    private Optional<JobCommand.Succeed> succeed = Optional.empty();

    /** Submits what waits, and has one job run. */
    @Setup
    public void fill() {
        Map<ModelName, Integer> limits = new HashMap<>();
        for (int i = 0; i < sets; i++) {
            limits.put(model(i), NO_LIMIT);
        }
        JobPolicy shipped = JobPolicy.DEFAULT;
        rules = new JobRules(new JobPolicy(
                shipped.credits(),
                new SubmissionLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT),
                limits,
                Map.of(),
                Map.of(),
                shipped.relaxedShare(),
                shipped.lostAtMost()));
        execute(new JobCommand.ProvideSlots(BACKEND, CLAIMED + 1));
        for (int i = 0; i <= waiting; i++) {
            execute(submission());
        }
        AttemptRef running = execute(claim(1)).get(0).attempt().ref();
        Output output = new Output(
                new AssetId(id()),
                running.job(),
                0,
                "out.txt",
                Optional.empty(),
                "text/plain",
                2,
                new ContentHash(ContentHash.Function.BLAKE3, "0".repeat(64)),
                Optional.empty(),
                Optional.empty());
        succeed = Optional.of(new JobCommand.Succeed(running, List.of(output), 1, List.of()));
        submit = submission();
        claim = claim(CLAIMED);
    }

    private <R> R execute(JobCommand<R> command) {
        JobDecision<R> decision = rules.decide(command, rows, NOW);
        rows.apply(decision.changes());
        return decision.result();
    }

    private UUID id() {
        return new UUID((next << 16) | 0x7000, Long.MIN_VALUE | next++);
    }

    private ModelName model(long number) {
        return new ModelName("m" + number % Math.max(1, sets));
    }

    private JobCommand.Submit submission() {
        long number = next;
        JobSpec spec = new JobSpec(
                new JobId(id()),
                new UserId("user-" + number % USERS),
                Optional.empty(),
                new WorkflowName("noop"),
                QUEUE,
                model(number),
                new Needs(Set.of(World.TYPE), Set.of()),
                Map.of(),
                Tariff.of(Amount.credits(1)),
                0,
                NOW,
                NOW.plus(Duration.ofDays(1)),
                Optional.empty(),
                List.of(),
                List.of(),
                Map.of());
        return new JobCommand.Submit(List.of(spec), Optional.empty());
    }

    private JobCommand.Claim claim(int most) {
        List<RunId> runIds = Stream.generate(() -> new RunId(id())).limit(most).toList();
        List<JobCommand.Offer> offers = List.of(new JobCommand.Offer(BACKEND, World.TYPE, Set.of()));
        return new JobCommand.Claim(QUEUE, node, offers, runIds, LEASE);
    }

    /** Of one job, with its hold. */
    @Benchmark
    public Object submit() {
        return rules.decide(submit, rows, NOW);
    }

    /** Of 64 jobs for as many slots. */
    @Benchmark
    public Object claim64() {
        JobDecision<List<JobCommand.Claimed>> decision = rules.decide(claim, rows, NOW);
        if (decision.result().size() != CLAIMED) {
            throw new IllegalStateException("claimed " + decision.result().size() + " jobs, not " + CLAIMED);
        }
        return decision;
    }

    /** Of one job, with its capture and its output. */
    @Benchmark
    public Object succeed() {
        JobDecision<JobCommand.DriveResult> decision = rules.decide(succeed.orElseThrow(), rows, NOW);
        if (!(decision.result() instanceof JobCommand.DriveResult.Done)) {
            throw new IllegalStateException("not ended: " + decision.result());
        }
        return decision;
    }
}
