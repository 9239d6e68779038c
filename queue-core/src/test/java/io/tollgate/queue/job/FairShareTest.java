package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FairShareTest {
    private record Job(int user, long cost, long key, int seq) {}

    @Test
    void nextKey_aCrowdOfJobsAndALateOne_theLateOneGoesSecond() {
        long last = 0;
        long[] crowd = new long[1000];
        for (int i = 0; i < crowd.length; i++) {
            last = FairShare.nextKey(0, last, 950, 1);
            crowd[i] = last;
        }

        long late = FairShare.nextKey(FairShare.virtualTimeAfter(0, crowd[0], 950, 1), 0, 950, 1);

        assertThat(late).isLessThanOrEqualTo(crowd[0]);
        assertThat(crowd).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void nextKey_afterATimeAway_givesNoCreditForIt() {
        long virtualTime = 1_000_000_000L;

        long key = FairShare.nextKey(virtualTime, 5, 10, 1);

        assertThat(key).isEqualTo(virtualTime + 10 * FairShare.SCALE);
    }

    @Test
    void nextKey_twiceTheWeight_standsBehindHalfAsMuch() {
        assertThat(FairShare.nextKey(0, 0, 100, 2)).isEqualTo(FairShare.nextKey(0, 0, 50, 1));
    }

    @Test
    void nextKey_freeJobOfTheGreatestWeight_stillMovesOn() {
        assertThat(FairShare.nextKey(7, 0, 0, Integer.MAX_VALUE)).isEqualTo(8);
    }

    @Test
    void nextKey_atTheEndOfTheRange_stopsThere() {
        assertThat(FairShare.nextKey(Long.MAX_VALUE, 0, 1, 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(FairShare.nextKey(Long.MAX_VALUE - 5, 0, 1, 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(FairShare.nextKey(0, 0, Long.MAX_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(FairShare.nextKey(0, 0, Long.MAX_VALUE, 1 << 20))
                .isPositive()
                .isLessThan(Long.MAX_VALUE);
        assertThat(FairShare.virtualTimeAfter(3, Long.MAX_VALUE, Long.MAX_VALUE, 1))
                .isEqualTo(3);
    }

    @Test
    void nextKey_costAtTheEdgeOfTheFixedPoint_isExact() {
        long edge = Long.MAX_VALUE / FairShare.SCALE;

        assertThat(FairShare.nextKey(0, 0, edge, 3)).isEqualTo(edge * FairShare.SCALE / 3);
        assertThat(FairShare.nextKey(0, 0, 2 * edge, 2)).isEqualTo(edge * FairShare.SCALE);
        assertThat(FairShare.nextKey(0, 0, 2 * edge + 2, 2)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void nextKey_misuse_isRefused() {
        assertThatThrownBy(() -> FairShare.nextKey(-1, 0, 1, 1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> FairShare.nextKey(0, -1, 1, 1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> FairShare.nextKey(0, 0, -1, 1)).hasMessageContaining("cost");
        assertThatThrownBy(() -> FairShare.nextKey(0, 0, 1, 0)).hasMessageContaining("weight");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void nextKey_threeUsersAlwaysWaiting_areServedByWeight(long seed) {
        Random random = new Random(seed);
        int[] weights = {1, 2, 5};
        long[] lastKeys = new long[3];
        double[] served = new double[3];
        long virtualTime = 0;
        int seq = 0;
        PriorityQueue<Job> line =
                new PriorityQueue<>(Comparator.comparingLong(Job::key).thenComparingInt(Job::seq));
        for (int user = 0; user < 3; user++) {
            // the user of least weight comes with the greatest crowd, which must not help
            for (int i = 0; i < (user == 0 ? 200 : 3); i++) {
                long cost = 1L + random.nextInt(1000);
                lastKeys[user] = FairShare.nextKey(virtualTime, lastKeys[user], cost, weights[user]);
                line.add(new Job(user, cost, lastKeys[user], seq++));
            }
        }

        for (int claims = 0; claims < 5000; claims++) {
            Job job = line.remove();
            served[job.user] += job.cost;
            long before = virtualTime;
            virtualTime = FairShare.virtualTimeAfter(virtualTime, job.key, job.cost, weights[job.user]);
            assertThat(virtualTime).isGreaterThanOrEqualTo(before);
            long cost = 1L + random.nextInt(1000);
            lastKeys[job.user] = FairShare.nextKey(virtualTime, lastKeys[job.user], cost, weights[job.user]);
            line.add(new Job(job.user, cost, lastKeys[job.user], seq++));
        }

        double total = served[0] + served[1] + served[2];
        assertThat(served[0] / total).isCloseTo(1 / 8.0, within(0.01));
        assertThat(served[1] / total).isCloseTo(2 / 8.0, within(0.01));
        assertThat(served[2] / total).isCloseTo(5 / 8.0, within(0.01));
    }
}
