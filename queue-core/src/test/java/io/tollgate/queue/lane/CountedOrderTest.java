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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    private List<Waiting> all() {
        List<Waiting> jobs = new ArrayList<>();
        order.forRange(0, Integer.MAX_VALUE, jobs::add);
        return jobs;
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
                List<Waiting> part = new ArrayList<>();
                order.forRange(skipped, 1_000, part::add);
                assertThat(part).isEqualTo(model.subList(skipped, Math.min(model.size(), skipped + 1_000)));
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
}
