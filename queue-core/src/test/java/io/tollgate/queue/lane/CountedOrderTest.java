package io.tollgate.queue.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.WaitingJob;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CountedOrderTest {
    private static final WaitingSet SET =
            new WaitingSet(new RequirementSet(new QueueName("image"), Lane.REGULAR, new ModelName("flux"), ""));

    private final CountedOrder order = new CountedOrder(Waiting.DISPATCH);

    private static Waiting waiting(long place, int seq) {
        OrderKey key = OrderKey.of(Lane.REGULAR, false, 0, place, seq);
        JobId id = new JobId(new UUID(place, seq));
        return new Waiting(new WaitingJob(id, key, SET.name, Instant.EPOCH, Instant.EPOCH, Instant.MAX), SET, true);
    }

    /** Adds jobs to the end, so that each block but the last is full. */
    private List<Waiting> fill(int jobs) {
        List<Waiting> added =
                IntStream.range(0, jobs).mapToObj(i -> waiting(i, i)).toList();
        added.forEach(order::add);
        return added;
    }

    private void removeAll(List<Waiting> jobs) {
        jobs.forEach(job -> assertThat(order.remove(job)).isTrue());
    }

    private List<Waiting> range(int skipped, int limit) {
        List<Waiting> jobs = new ArrayList<>();
        order.forRange(skipped, limit, jobs::add);
        return jobs;
    }

    private List<Waiting> all() {
        return range(0, Integer.MAX_VALUE);
    }

    /** Eighty blocks and more: far enough for every level of the tree of counts. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void anyWalk_ofManyBlocks_agreesWithASortedList(long seed) {
        Random random = new Random(seed);
        List<Waiting> model = new ArrayList<>();
        for (int step = 0; step < 120_000; step++) {
            boolean growing = step < 50_000;
            if (model.isEmpty() || random.nextInt(10) < (growing ? 9 : 1)) {
                Waiting job = waiting(random.nextInt(3) == 0 ? Integer.MAX_VALUE : random.nextInt(), step);
                order.add(job);
                model.add(-Collections.binarySearch(model, job, Waiting.DISPATCH) - 1, job);
            } else {
                int place = random.nextInt(3) == 0 ? 0 : random.nextInt(model.size());
                assertThat(order.remove(model.remove(place))).isTrue();
            }
            Waiting probe = waiting(random.nextInt(), step);
            int before = -Collections.binarySearch(model, probe, Waiting.DISPATCH) - 1;
            if (order.countBefore(probe) != before || order.size() != model.size()) {
                throw new AssertionError("step " + step + ": " + order.countBefore(probe) + " of " + order.size()
                        + " before, not " + before + " of " + model.size());
            }
            if (step % 10_000 == 0) {
                assertThat(all()).isEqualTo(model);
                int skipped = random.nextInt(model.size());
                assertThat(range(skipped, 1_000))
                        .isEqualTo(model.subList(skipped, Math.min(model.size(), skipped + 1_000)));
            }
        }
    }

    @Test
    void remove_jobThatIsNotIn_changesNothing() {
        Waiting job = waiting(5, 5);
        order.add(job);

        assertThat(order.remove(waiting(4, 4))).isFalse();
        assertThat(order.remove(waiting(6, 6))).isFalse();
        assertThat(order.remove(waiting(5, 5)))
                .as("equal by order, but not the same")
                .isFalse();
        assertThat(all()).containsExactly(job);
    }

    @Test
    void forFirst_limitOrUnwanted_stops() {
        for (int i = 0; i < 2_000; i++) {
            order.add(waiting(i, i));
        }
        List<Long> firstTen = new ArrayList<>();
        List<Long> small = new ArrayList<>();

        order.forFirst(10, job -> true, job -> firstTen.add(job.key().order()));
        order.forFirst(
                Integer.MAX_VALUE,
                job -> job.key().order() < 1_500,
                job -> small.add(job.key().order()));

        assertThat(firstTen).hasSize(10).first().isEqualTo(0L);
        assertThat(small).hasSize(1_500).isSorted();
    }

    @Test
    void anOrder_ofNone_isEmpty() {
        assertThat(order.isEmpty()).isTrue();
        assertThat(order.first()).isNull();
        assertThat(order.remove(waiting(1, 1))).isFalse();
        assertThat(order.countBefore(waiting(1, 1))).isZero();
        assertThat(all()).isEmpty();
    }

    @Test
    void first_ofTwo_isTheOneAheadOfTheOther() {
        Waiting second = waiting(2, 2);
        Waiting first = waiting(1, 1);
        order.add(second);
        order.add(first);

        assertThat(order.isEmpty()).isFalse();
        assertThat(order.first()).isSameAs(first);
        removeAll(List.of(first));
        assertThat(order.first()).isSameAs(second);
    }

    @Test
    void add_toTheEnd_leavesNoRoomInTheBlocksBefore() {
        List<Waiting> jobs = fill(3 * CountedOrder.BLOCK);

        assertThat(order.blocks()).isEqualTo(3);
        assertThat(all()).isEqualTo(jobs);
        order.add(waiting(9_999, 9_999));
        assertThat(order.blocks()).isEqualTo(4);
    }

    @Test
    void add_intoAFullBlock_splitsItInHalves() {
        List<Waiting> jobs = new ArrayList<>(fill(512));
        Waiting between = waiting(100, 1_000);
        order.add(between);
        jobs.add(101, between);

        assertThat(order.blocks()).isEqualTo(2);
        assertThat(order.countBefore(between)).isEqualTo(101);
        assertThat(all()).isEqualTo(jobs);

        // the second half has room for as many again
        IntStream.range(512, 768).mapToObj(i -> waiting(i, i)).forEach(order::add);
        assertThat(order.blocks()).isEqualTo(2);
        order.add(waiting(768, 768));
        assertThat(order.blocks()).isEqualTo(3);
    }

    @Test
    void add_behindAFullBlockThatIsNotTheLast_goesIntoItsSecondHalf() {
        List<Waiting> jobs = new ArrayList<>(fill(1_024));
        Waiting between = waiting(511, 2_000);
        order.add(between);
        jobs.add(512, between);

        assertThat(order.blocks()).isEqualTo(3);
        assertThat(order.countBefore(between)).isEqualTo(512);
        assertThat(all()).isEqualTo(jobs);
    }

    @Test
    void remove_allOfAMiddleBlock_dropsTheBlock() {
        List<Waiting> jobs = fill(1_536);

        removeAll(jobs.subList(512, 1_024));

        assertThat(order.blocks()).isEqualTo(2);
        assertThat(order.size()).isEqualTo(1_024);
        assertThat(order.countBefore(jobs.get(700))).isEqualTo(512);
        assertThat(order.countBefore(jobs.get(1_030))).isEqualTo(518);
        assertThat(range(511, 2)).containsExactly(jobs.get(511), jobs.get(1_024));
    }

    @Test
    void remove_allOfTheFirstOfTwoBlocks_leavesTheSecond() {
        List<Waiting> jobs = fill(1_024);

        removeAll(jobs.subList(0, 512));

        assertThat(order.blocks()).isEqualTo(1);
        assertThat(order.first()).isSameAs(jobs.get(512));
        assertThat(all()).isEqualTo(jobs.subList(512, 1_024));
    }

    @Test
    void remove_allOfTheLastOfTwoBlocks_leavesTheFirst() {
        List<Waiting> jobs = fill(1_024);

        removeAll(jobs.subList(512, 1_024));

        assertThat(order.blocks()).isEqualTo(1);
        assertThat(order.countBefore(jobs.get(600))).isEqualTo(512);
        assertThat(all()).isEqualTo(jobs.subList(0, 512));
    }

    @Test
    void remove_lastJobOfAll_startsAnew() {
        List<Waiting> jobs = fill(1);

        removeAll(jobs);

        assertThat(order.isEmpty()).isTrue();
        assertThat(order.blocks()).isZero();
        assertThat(fill(2)).isEqualTo(all());
    }

    /** Less than a quarter of a block is small; it is merged if the two then fill no more than half a block. */
    @ParameterizedTest(name = "{0} and then {1} left make {2} blocks, whichever is the smaller")
    @CsvSource({"128, 128, 2", "128, 127, 1", "129, 127, 1", "130, 127, 2", "127, 129, 2", "512, 1, 2", "255, 1, 1"})
    void remove_untilABlockIsSmall_mergesItWithASmallNeighbor(int leftFirst, int leftThen, int blocks) {
        List<Waiting> jobs = fill(1_024);
        removeAll(jobs.subList(leftFirst, 512));
        removeAll(jobs.subList(512 + leftThen, 1_024));
        assertThat(order.blocks()).as("with the one before").isEqualTo(blocks);
        assertThat(order.countBefore(jobs.get(512))).isEqualTo(leftFirst);
        removeAll(all());

        List<Waiting> again = fill(1_024);
        removeAll(again.subList(512 + leftFirst, 1_024));
        removeAll(again.subList(leftThen, 512));
        assertThat(order.blocks()).as("with the one behind").isEqualTo(blocks);
        assertThat(order.countBefore(again.get(512))).isEqualTo(leftThen);
    }

    @Test
    void forFirst_allOfAFullBlock_endsWithTheLast() {
        List<Waiting> jobs = fill(512);
        List<Waiting> told = new ArrayList<>();

        order.forFirst(Integer.MAX_VALUE, job -> true, told::add);

        assertThat(told).isEqualTo(jobs);
    }

    @Test
    void forRange_fromTheMiddleAndTheEndsOfBlocks_givesExactlyThose() {
        List<Waiting> jobs = fill(1_024);

        assertThat(range(600, 3)).isEqualTo(jobs.subList(600, 603));
        assertThat(range(510, 4)).isEqualTo(jobs.subList(510, 514));
        assertThat(range(512, 1)).isEqualTo(jobs.subList(512, 513));
        assertThat(range(1_023, 5)).isEqualTo(jobs.subList(1_023, 1_024));
        assertThat(range(1_024, 5)).isEmpty();
        assertThat(range(0, 0)).isEmpty();
        assertThat(range(0, 1)).isEqualTo(jobs.subList(0, 1));
    }
}
