package io.tollgate.queue.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.WaitingJob;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.lane.Outlook.Ahead;
import io.tollgate.queue.lane.Outlook.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hours of a queue in virtual time: what is promised at submission is compared with what happens. */
final class EtaSimulationTest {
    private static final QueueName IMAGE = new QueueName("image");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int JOBS = 4_000;
    private static final int WARM_UP = 200;

    private record Kind(WorkflowName workflow, ModelName model, double mean, double variation, int limit) {
        RequirementSet set() {
            return new RequirementSet(IMAGE, Lane.REGULAR, model, "");
        }
    }

    private record Promise(Eta eta, double submittedAt) {}

    private record Run(Kind kind, double startedAt, double endsAt) {}

    private final List<Kind> kinds = new ArrayList<>();
    private final WaitingLine line = new WaitingLine(IMAGE);
    private final RunTimes times = new RunTimes(Duration.ofSeconds(30));
    private final Map<JobId, Kind> waiting = new HashMap<>();
    private final Map<JobId, Promise> promises = new HashMap<>();
    private final PriorityQueue<Run> running = new PriorityQueue<>(Comparator.comparingDouble(Run::endsAt));

    private int judged;
    private int kept;
    private int waited;
    private int keptOfWaited;
    private int inRange;

    private static Kind kind(String name, double mean, double variation, int limit) {
        return new Kind(new WorkflowName(name), new ModelName(name), mean, variation, limit);
    }

    @ParameterizedTest(name = "seed {0}, {1} slots at load {2}, limit {3}")
    @CsvSource({
        "1, 4, 0.7, 0",
        "2, 4, 0.8, 0",
        "3, 8, 0.8, 0",
        "4, 1, 0.6, 0",
        "5, 4, 0.6, 2",
        "6, 8, 0.8, 6",
        "7, 16, 0.9, 0"
    })
    void estimate_atModerateLoad_isKeptByFourOfFive(long seed, int slots, double load, int limit) {
        kinds.add(kind("sketch", 20, 0.3, Outlook.UNLIMITED));
        kinds.add(kind("portrait", 60, 0.25, limit == 0 ? Outlook.UNLIMITED : limit));

        simulate(new Random(seed), slots, load);

        double ofAll = (double) kept / judged;
        double ofWaited = (double) keptOfWaited / waited;
        double inTheRange = (double) inRange / waited;
        String figures =
                "kept %.3f, by those that waited %.3f, in the range %.3f".formatted(ofAll, ofWaited, inTheRange);
        assertThat(waited).as("jobs that had to wait").isGreaterThan(500);
        assertThat(ofAll).as(figures).isGreaterThanOrEqualTo(0.8);
        assertThat(ofWaited).as(figures).isGreaterThanOrEqualTo(0.7);
        assertThat(inTheRange).as(figures).isBetween(0.7, 0.95);
    }

    private void simulate(Random random, int slots, double load) {
        double meanRun = kinds.stream().mapToDouble(Kind::mean).average().orElseThrow();
        double arrival = 0;
        for (int number = 0; number < JOBS; number++) {
            arrival += -Math.log(1 - random.nextDouble()) * meanRun / (slots * load);
            while (!running.isEmpty() && running.element().endsAt <= arrival) {
                Run ended = running.remove();
                times.record(new RunTimes.Measured(
                        ended.kind.workflow, ended.kind.model, IMAGE, duration(ended.endsAt - ended.startedAt)));
                dispatch(random, slots, ended.endsAt, number);
            }
            submit(kinds.get(random.nextInt(kinds.size())), number, arrival, slots);
            dispatch(random, slots, arrival, number);
        }
    }

    private void submit(Kind kind, int number, double now, int slots) {
        JobId id = new JobId(new UUID(0x7000, number));
        line.add(
                new WaitingJob(
                        id,
                        OrderKey.of(Lane.REGULAR, false, 0, number, number),
                        kind.set(),
                        at(now),
                        at(now),
                        Instant.MAX),
                at(now));
        waiting.put(id, kind);
        Standing standing = line.standing(id).orElseThrow();
        List<Ahead> ahead = standing.ahead(set -> 1, this::limitOf);
        List<Running> attempts = new ArrayList<>();
        for (Run run : running) {
            attempts.add(new Running(run.kind.workflow, run.kind.model, duration(now - run.startedAt), true));
        }
        Outlook outlook = new Outlook(IMAGE, kind.workflow, kind.model, at(now), slots, kind.limit, ahead, attempts);
        promises.put(
                id, new Promise(EtaEstimator.estimate(outlook, times, at(now)).orElseThrow(), now));
    }

    private int limitOf(ModelName model) {
        return kinds.stream()
                .filter(kind -> kind.model.equals(model))
                .findFirst()
                .orElseThrow()
                .limit;
    }

    private void dispatch(Random random, int slots, double now, int number) {
        for (JobId id : line.ready(0, Integer.MAX_VALUE)) {
            Kind kind = waiting.get(id);
            if (running.size() == slots || kind == null) {
                return;
            }
            if (running.stream().filter(run -> run.kind.equals(kind)).count() < kind.limit) {
                line.remove(id);
                running.add(new Run(kind, now, now + runTime(random, kind)));
                Promise promise = promises.remove(id);
                if (promise != null && number >= WARM_UP) {
                    judge(promise, now);
                }
            }
        }
    }

    private void judge(Promise promise, double startedAt) {
        double wait = startedAt - promise.submittedAt;
        double promised = between(promise, promise.eta.start());
        boolean isKept = Math.abs(wait - promised) <= Math.max(10, 0.25 * wait);
        judged++;
        kept += isKept ? 1 : 0;
        if (wait > 0) {
            waited++;
            keptOfWaited += isKept ? 1 : 0;
            boolean isInRange = wait >= between(promise, promise.eta.startEarliest()) - 0.01
                    && wait <= between(promise, promise.eta.startLatest()) + 0.01;
            inRange += isInRange ? 1 : 0;
        }
    }

    private static double between(Promise promise, Instant time) {
        return Duration.between(at(promise.submittedAt), time).toMillis() / 1_000.0;
    }

    /** Log-normal, as run times of image models mostly are. */
    private static double runTime(Random random, Kind kind) {
        double variance = Math.log(1 + kind.variation * kind.variation);
        return kind.mean * Math.exp(random.nextGaussian() * Math.sqrt(variance) - variance / 2);
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1_000));
    }

    private static Instant at(double second) {
        return START.plus(duration(second));
    }
}
