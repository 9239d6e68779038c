package io.tollgate.queue.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.WaitingJob;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WaitingLineTest {
    private static final QueueName IMAGE = new QueueName("image");
    private static final ModelName FLUX = new ModelName("flux");
    private static final ModelName SDXL = new ModelName("sdxl");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final WaitingLine line = new WaitingLine(IMAGE);

    private static JobId id(long number) {
        return new JobId(new UUID(number, ~number));
    }

    private static RequirementSet set(Lane lane, ModelName model) {
        return new RequirementSet(IMAGE, lane, model, "");
    }

    private static Instant at(long second) {
        return START.plusSeconds(second);
    }

    private static WaitingJob job(int number, Lane lane, ModelName model) {
        return new WaitingJob(
                id(number),
                OrderKey.of(lane, false, 0, number, number),
                set(lane, model),
                at(number),
                at(number),
                Instant.MAX);
    }

    private static WaitingJob backingOff(WaitingJob job, Instant readyAt) {
        return new WaitingJob(job.id(), job.key(), job.set(), job.createdAt(), readyAt, job.expiresAt());
    }

    private static WaitingJob expiring(WaitingJob job, Instant expiresAt) {
        return new WaitingJob(job.id(), job.key(), job.set(), job.createdAt(), job.readyAt(), expiresAt);
    }

    private void add(WaitingJob job) {
        line.add(job, job.createdAt());
    }

    @Test
    void position_jobsOfAllLanes_countsThoseAhead() {
        add(job(1, Lane.RELAXED, FLUX));
        add(job(2, Lane.REGULAR, FLUX));
        add(job(3, Lane.VIP, SDXL));
        add(job(4, Lane.REGULAR, SDXL));

        assertThat(line.ready(0, 10)).containsExactly(id(3), id(2), id(4), id(1));
        assertThat(line.position(id(3))).hasValue(1);
        assertThat(line.position(id(1))).hasValue(4);
        assertThat(line.position(id(99))).isEmpty();
        assertThat(line.depth(Lane.REGULAR)).isEqualTo(2);
    }

    @Test
    void standing_jobsOfTwoModels_tellsWhoIsAheadBySet() {
        add(job(1, Lane.REGULAR, FLUX));
        add(job(2, Lane.REGULAR, SDXL));
        add(job(3, Lane.VIP, FLUX));
        add(job(4, Lane.REGULAR, FLUX));
        add(job(5, Lane.REGULAR, FLUX));

        Standing standing = line.standing(id(4)).orElseThrow();

        assertThat(standing.position()).isEqualTo(4);
        assertThat(standing.aheadOf(FLUX)).isEqualTo(2);
        assertThat(standing.ahead(set -> set.lane() == Lane.REGULAR ? 1 : 0, model -> model.equals(FLUX) ? 3 : 4))
                .containsExactly(new Outlook.Ahead(FLUX, 1, 3), new Outlook.Ahead(SDXL, 1, 4));
        assertThat(standing.ahead(set -> set.lane() == Lane.VIP ? 0.5 : 1, model -> 4))
                .containsExactly(new Outlook.Ahead(FLUX, 2, 4, 0.75), new Outlook.Ahead(SDXL, 1, 4));
        assertThat(standing.ahead())
                .containsOnly(
                        Map.entry(set(Lane.REGULAR, FLUX), 1),
                        Map.entry(set(Lane.REGULAR, SDXL), 1),
                        Map.entry(set(Lane.VIP, FLUX), 1));
    }

    @Test
    void move_promoted_goesAheadOfAllLanes() {
        add(job(1, Lane.VIP, FLUX));
        add(job(2, Lane.REGULAR, FLUX));
        long before = line.version();

        boolean moved = line.move(id(2), OrderKey.of(Lane.REGULAR, true, 0, 2, 2));

        assertThat(moved).isTrue();
        assertThat(line.ready(0, 10)).containsExactly(id(2), id(1));
        assertThat(line.depth(Lane.REGULAR)).isEqualTo(1);
        assertThat(line.version()).isGreaterThan(before);
        assertThat(line.move(id(3), OrderKey.of(Lane.REGULAR, true, 0, 3, 3))).isFalse();
    }

    @Test
    void move_toAnotherSequence_isRefusedAndChangesNothing() {
        add(job(1, Lane.VIP, FLUX));
        add(job(2, Lane.VIP, FLUX));

        assertThatThrownBy(() -> line.move(id(2), OrderKey.of(Lane.VIP, true, 0, 0, 0)))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(line.ready(0, 10)).containsExactly(id(1), id(2));
    }

    @Test
    void add_toldTwice_isTheJobOnce() {
        add(job(1, Lane.VIP, FLUX));
        add(job(1, Lane.REGULAR, SDXL));

        assertThat(line.size()).isEqualTo(1);
        assertThat(line.sets()).singleElement().satisfies(depth -> {
            assertThat(depth.set()).isEqualTo(set(Lane.REGULAR, SDXL));
            assertThat(depth.waiting()).isEqualTo(1);
        });
        assertThat(line.remove(id(1))).isTrue();
        assertThat(line.remove(id(1))).isFalse();
        assertThat(line.sets()).isEmpty();
    }

    @Test
    void add_jobOfAnotherQueue_isRefused() {
        WaitingLine video = new WaitingLine(new QueueName("video"));

        assertThatThrownBy(() -> video.add(job(1, Lane.VIP, FLUX), START))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("image");
        assertThat(video.size()).isZero();
    }

    @Test
    void becomeReady_backoffOver_letsTheJobIn() {
        line.add(backingOff(job(1, Lane.REGULAR, FLUX), at(60)), at(1));
        add(job(2, Lane.REGULAR, FLUX));

        assertThat(line.position(id(2))).as("the one aside is ahead of nobody").hasValue(1);
        assertThat(line.position(id(1))).as("where it would stand").hasValue(1);
        assertThat(line.ready(0, 10)).containsExactly(id(2));
        assertThat(line.size()).isEqualTo(2);
        assertThat(line.nextReadyAt()).hasValue(at(60));
        assertThat(line.standing(id(1)).orElseThrow().ready()).isFalse();

        assertThat(line.becomeReady(at(59))).isEmpty();
        assertThat(line.becomeReady(at(60))).containsExactly(id(1));
        assertThat(line.ready(0, 10)).containsExactly(id(1), id(2));
        assertThat(line.position(id(2))).hasValue(2);
        assertThat(line.nextReadyAt()).isEmpty();
    }

    @Test
    void overdue_paidAndNotPromoted_areGivenOldestFirst() {
        add(job(1, Lane.RELAXED, FLUX));
        add(job(2, Lane.REGULAR, FLUX));
        line.add(backingOff(job(3, Lane.VIP, FLUX), at(900)), at(3));
        add(job(4, Lane.REGULAR, FLUX));
        Duration bound = Duration.ofSeconds(100);

        assertThat(line.nextOverdueAt(bound)).hasValue(at(102));
        assertThat(line.overdue(at(1), 10)).isEmpty();
        assertThat(line.overdue(at(3), 10)).containsExactly(id(2), id(3));
        assertThat(line.overdue(at(3), 1)).containsExactly(id(2));

        line.move(id(2), OrderKey.of(Lane.REGULAR, true, 0, 2, 2));
        line.move(id(3), OrderKey.of(Lane.VIP, true, 0, 3, 3));

        assertThat(line.overdue(at(3), 10)).isEmpty();
        assertThat(line.nextOverdueAt(bound)).hasValue(at(104));
    }

    @Test
    void expired_differentTimes_areGivenLongestExpiredFirst() {
        add(expiring(job(1, Lane.REGULAR, FLUX), at(300)));
        add(expiring(job(2, Lane.RELAXED, FLUX), at(200)));
        add(job(3, Lane.REGULAR, FLUX));

        assertThat(line.nextExpiryAt()).hasValue(at(200));
        assertThat(line.expired(at(199), 10)).isEmpty();
        assertThat(line.expired(at(300), 10)).containsExactly(id(2), id(1));
        assertThat(line.expired(at(300), 1)).containsExactly(id(2));

        line.remove(id(2));
        line.remove(id(1));

        assertThat(line.expired(Instant.MAX.minusSeconds(1), 10)).isEmpty();
        assertThat(line.nextExpiryAt()).isEmpty();
    }

    @Test
    void sets_headAndOldest_areToldApart() {
        line.add(backingOff(job(1, Lane.REGULAR, FLUX), at(60)), at(1));
        add(job(2, Lane.REGULAR, FLUX));
        add(job(3, Lane.REGULAR, FLUX));

        assertThat(line.sets())
                .containsExactly(new SetDepth(
                        set(Lane.REGULAR, FLUX),
                        2,
                        3,
                        Optional.of(id(2)),
                        Optional.of(OrderKey.of(Lane.REGULAR, false, 0, 2, 2)),
                        id(1),
                        at(1)));
    }

    static LongStream seeds() {
        return LongStream.concat(LongStream.of(1, 2, 3), LongStream.of(System.nanoTime()));
    }

    @Test
    void version_everyChange_growsAndNothingElseDoes() {
        List<Runnable> changes = List.of(
                () -> add(job(1, Lane.REGULAR, FLUX)),
                () -> add(job(1, Lane.REGULAR, FLUX)),
                () -> line.add(backingOff(job(2, Lane.REGULAR, FLUX), at(50)), at(0)),
                () -> line.becomeReady(at(50)),
                () -> line.move(id(1), OrderKey.of(Lane.REGULAR, true, 0, 1, 1)),
                () -> line.remove(id(1)));
        for (Runnable change : changes) {
            long before = line.version();

            change.run();

            assertThat(line.version()).isGreaterThan(before);
        }
        long now = line.version();
        assertThat(line.remove(id(7))).isFalse();
        assertThat(line.move(id(7), OrderKey.of(Lane.REGULAR, true, 0, 7, 7))).isFalse();
        assertThat(line.becomeReady(at(60))).isEmpty();
        assertThat(line.version()).isEqualTo(now);
        assertThat(line.queue()).isEqualTo(IMAGE);
    }

    @Test
    void limits_ofNothing_giveNothing() {
        add(expiring(job(1, Lane.REGULAR, FLUX), at(2)));

        assertThat(line.ready(0, 0)).isEmpty();
        assertThat(line.expired(at(5), 0)).isEmpty();
        assertThat(line.overdue(at(5), 0)).isEmpty();
        assertThat(line.ready(0, 1)).containsExactly(id(1));
    }

    @Test
    void standing_setsThatAreBehind_areNotAhead() {
        add(job(1, Lane.REGULAR, FLUX));
        add(job(2, Lane.REGULAR, FLUX));
        add(job(3, Lane.REGULAR, SDXL));

        assertThat(line.standing(id(2)).orElseThrow().ahead()).isEqualTo(Map.of(set(Lane.REGULAR, FLUX), 1));
    }

    @Test
    void everyCall_onceReturned_holdsUpNoOtherThread() throws Exception {
        add(job(1, Lane.REGULAR, FLUX));
        line.add(backingOff(expiring(job(2, Lane.REGULAR, FLUX), at(90)), at(50)), at(0));
        List<Runnable> calls = List.of(
                () -> add(job(3, Lane.REGULAR, FLUX)),
                () -> line.remove(id(3)),
                () -> line.remove(id(3)),
                () -> line.move(id(1), OrderKey.of(Lane.REGULAR, true, 0, 1, 1)),
                () -> line.becomeReady(at(1)),
                line::nextReadyAt,
                () -> line.position(id(1)),
                () -> line.positionsOf(Set.of(id(1))),
                line::version,
                () -> line.standing(id(1)),
                () -> line.ready(0, 1),
                line::size,
                () -> line.depth(Lane.REGULAR),
                line::sets,
                () -> line.overdue(at(1), 1),
                () -> line.nextOverdueAt(Duration.ofSeconds(1)),
                () -> line.expired(at(1), 1),
                line::nextExpiryAt);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            for (Runnable call : calls) {
                call.run();

                assertThat(other.submit(line::size).get(10, TimeUnit.SECONDS)).isEqualTo(line.size());
            }
        } finally {
            other.shutdownNow();
        }
    }

    /** Grows the line to more than a thousand, so that blocks are split, and empties it again, twice. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void anyWalk_agreesWithASortedListAtEveryStep(long seed) {
        Random random = new Random(seed);
        Model model = new Model();
        long now = 0;
        int seq = 0;
        for (int step = 0; step < 8_000; step++) {
            now += random.nextInt(3);
            boolean growing = step / 2_000 % 2 == 0;
            int dice = random.nextInt(100);
            if (dice < (growing ? 75 : 5)) {
                WaitingJob job = randomJob(random, seq++, now);
                line.add(job, at(now));
                model.add(job, at(now));
            } else if (dice < 88 && !model.jobs.isEmpty()) {
                JobId id = random.nextInt(4) > 0 ? model.anyId(random) : model.headOrAny(random);
                assertThat(line.remove(id)).isTrue();
                model.remove(id);
            } else if (dice < 94 && !model.jobs.isEmpty()) {
                WaitingJob job = model.known(model.anyId(random));
                if (job.set().lane().isPaid()) {
                    OrderKey promoted =
                            OrderKey.of(job.set().lane(), true, 0, 0, job.key().seq());
                    line.move(job.id(), promoted);
                    model.move(job.id(), promoted);
                }
            } else {
                assertThat(line.becomeReady(at(now))).isEqualTo(model.becomeReady(at(now)));
            }
            model.checkStep(line, random);
            if (step % 1_000 == 999) {
                model.checkAll(line, at(now));
            }
        }
    }

    private static WaitingJob randomJob(Random random, int seq, long now) {
        Lane lane = List.of(Lane.values()).get(random.nextInt(3));
        RequirementSet set = new RequirementSet(
                IMAGE, lane, random.nextBoolean() ? FLUX : SDXL, random.nextInt(4) == 0 ? "big" : "");
        int priority = random.nextInt(5) == 0 ? random.nextInt(7) - 3 : 0;
        long order = random.nextBoolean() ? seq : random.nextInt(2_000);
        return new WaitingJob(
                id(random.nextLong()),
                OrderKey.of(lane, random.nextInt(20) == 0 && lane.isPaid(), priority, order, seq),
                set,
                at(now),
                random.nextInt(5) == 0 ? at(now + random.nextInt(500)) : at(now),
                random.nextInt(10) == 0 ? Instant.MAX : at(now + random.nextInt(3_000)));
    }

    @Test
    void positions_readWhileOthersWrite_areAlwaysPossible() throws Exception {
        int fixed = 2_000;
        for (int i = 0; i < fixed; i++) {
            add(job(2 * i, Lane.REGULAR, FLUX));
        }
        CyclicBarrier start = new CyclicBarrier(3);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> runs = new ArrayList<>();
            // one writer puts one job in and takes it out again: the last of the fixed ones has one more ahead, or not
            runs.add(threads.submit(() -> {
                start.await(10, TimeUnit.SECONDS);
                Random random = new Random(1);
                for (int i = 0; i < 20_000; i++) {
                    int number = 2 * random.nextInt(fixed - 1) + 1;
                    add(job(number, Lane.REGULAR, SDXL));
                    line.remove(id(number));
                }
                return null;
            }));
            for (int reader = 0; reader < 2; reader++) {
                runs.add(threads.submit(() -> {
                    start.await(10, TimeUnit.SECONDS);
                    for (int i = 0; i < 20_000; i++) {
                        assertThat(line.position(id(2L * (fixed - 1))).orElseThrow())
                                .isBetween(fixed, fixed + 1);
                        assertThat(line.positionsOf(Set.of(id(0)))).containsEntry(id(0), 1);
                    }
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(line.position(id(2L * (fixed - 1)))).hasValue(fixed);
    }

    /** The same line, as plain as can be. */
    private static final class Model {
        final Map<JobId, WaitingJob> jobs = new LinkedHashMap<>();
        final Set<JobId> ready = new HashSet<>();
        private final List<JobId> ids = new ArrayList<>();
        private final List<OrderKey> line = new ArrayList<>();

        void add(WaitingJob job, Instant now) {
            jobs.put(job.id(), job);
            ids.add(job.id());
            if (!job.readyAt().isAfter(now)) {
                ready.add(job.id());
                insert(job.key());
            }
        }

        void remove(JobId id) {
            WaitingJob job = known(id);
            jobs.remove(id);
            ids.remove(id);
            line.remove(job.key());
            ready.remove(id);
        }

        void move(JobId id, OrderKey key) {
            WaitingJob job = known(id);
            if (line.remove(job.key())) {
                insert(key);
            }
            jobs.put(id, new WaitingJob(id, key, job.set(), job.createdAt(), job.readyAt(), job.expiresAt()));
        }

        List<JobId> becomeReady(Instant now) {
            List<JobId> moved = jobs.values().stream()
                    .filter(job -> !ready.contains(job.id()) && !job.readyAt().isAfter(now))
                    .sorted(Comparator.comparing(WaitingJob::readyAt)
                            .thenComparing(job -> job.key().seq()))
                    .map(WaitingJob::id)
                    .toList();
            moved.forEach(id -> {
                ready.add(id);
                insert(known(id).key());
            });
            return moved;
        }

        WaitingJob known(JobId id) {
            return Objects.requireNonNull(jobs.get(id));
        }

        JobId anyId(Random random) {
            return ids.get(random.nextInt(ids.size()));
        }

        JobId headOrAny(Random random) {
            return jobs.values().stream()
                    .filter(job -> !line.isEmpty() && job.key().equals(line.get(0)))
                    .map(WaitingJob::id)
                    .findFirst()
                    .orElseGet(() -> anyId(random));
        }

        int position(JobId id) {
            int place = Collections.binarySearch(line, known(id).key());
            return 1 + (place >= 0 ? place : -place - 1);
        }

        void checkStep(WaitingLine actual, Random random) {
            assertThat(actual.size()).isEqualTo(jobs.size());
            for (int i = 0; i < 3 && !ids.isEmpty(); i++) {
                JobId id = anyId(random);
                assertThat(actual.position(id)).isEqualTo(OptionalInt.of(position(id)));
            }
        }

        void checkAll(WaitingLine actual, Instant now) {
            List<WaitingJob> inLine = jobs.values().stream()
                    .filter(job -> ready.contains(job.id()))
                    .sorted(Comparator.comparing(WaitingJob::key))
                    .toList();
            List<JobId> inOrder = inLine.stream().map(WaitingJob::id).toList();
            assertThat(actual.ready(0, Integer.MAX_VALUE)).isEqualTo(inOrder);
            int middle = inOrder.size() / 2;
            assertThat(actual.ready(middle, 700))
                    .isEqualTo(inOrder.subList(middle, Math.min(inOrder.size(), middle + 700)));
            Map<JobId, Integer> positions = new HashMap<>();
            ids.forEach(id -> positions.put(id, position(id)));
            assertThat(actual.positionsOf(Set.copyOf(ids))).isEqualTo(positions);
            Instant old = now.minusSeconds(300);
            assertThat(actual.overdue(old, 100))
                    .isEqualTo(jobs.values().stream()
                            .filter(job -> job.set().lane().isPaid()
                                    && !job.key().isPromoted()
                                    && !job.createdAt().isAfter(old))
                            .limit(100) // they are in order of submission
                            .map(WaitingJob::id)
                            .toList());
            assertThat(actual.expired(now, 100))
                    .isEqualTo(jobs.values().stream()
                            .filter(job -> !job.expiresAt().isAfter(now))
                            .sorted(Comparator.comparing(WaitingJob::expiresAt)
                                    .thenComparing(job -> job.key().seq()))
                            .limit(100)
                            .map(WaitingJob::id)
                            .toList());
            assertThat(actual.nextReadyAt())
                    .isEqualTo(jobs.values().stream()
                            .filter(job -> !ready.contains(job.id()))
                            .map(WaitingJob::readyAt)
                            .min(Comparator.naturalOrder()));
            for (Lane lane : Lane.values()) {
                assertThat(actual.depth(lane)).isEqualTo((int) jobs.values().stream()
                        .filter(job -> job.set().lane() == lane)
                        .count());
            }
            for (SetDepth depth : actual.sets()) {
                List<WaitingJob> ofSet = jobs.values().stream()
                        .filter(job -> job.set().equals(depth.set()))
                        .toList();
                List<WaitingJob> readyOfSet = inLine.stream()
                        .filter(job -> job.set().equals(depth.set()))
                        .toList();
                assertThat(depth.waiting()).isEqualTo(ofSet.size()).isPositive();
                assertThat(depth.ready()).isEqualTo(readyOfSet.size());
                assertThat(depth.oldest()).isEqualTo(ofSet.get(0).id());
                assertThat(depth.head())
                        .isEqualTo(readyOfSet.stream().findFirst().map(WaitingJob::id));
            }
            assertThat(actual.sets().stream().mapToInt(SetDepth::waiting).sum()).isEqualTo(jobs.size());
            for (int i = 0; i < 5 && i < inLine.size(); i++) {
                WaitingJob job = inLine.get(inLine.size() * i / 5);
                Standing standing = actual.standing(job.id()).orElseThrow();
                assertThat(standing.ahead().values().stream()
                                .mapToInt(Integer::intValue)
                                .sum())
                        .isEqualTo(standing.position() - 1);
            }
        }

        private void insert(OrderKey key) {
            int place = Collections.binarySearch(line, key);
            line.add(-place - 1, key);
        }
    }
}
