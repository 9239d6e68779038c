package io.tollgate.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tollgate.queue.job.JobPolicy.Order;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the guide says of order, promotion, utilization and promised starts, held on an hour of it. */
final class SimulationTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int NO_LIMIT = 1_000_000;

    private static Settings settings(double load, Order order, Duration bound) {
        return new Settings(1, 8_000, 5_000, 50, 100, load, order, 0.3, true, NO_LIMIT, 0.03, bound, 10);
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void run_nearCapacity_keepsWhatThereIsAtWorkAndMostPromises(Order order) {
        Result result = Simulation.run(settings(0.95, order, HOUR));

        assertThat(result.ofIdeal()).isBetween(0.97, 1.0);
        assertThat(result.couldHaveRun()).isZero();
        assertThat(result.passedBeyondBound()).isZero();
        assertThat(result.promises().waited()).isGreaterThan(300);
        assertThat(result.promises().kept()).isGreaterThanOrEqualTo(0.8);
    }

    @Test
    void run_fairWithANoisyUser_leavesQuietOnesNearlyAlone() {
        Settings settings = settings(0.95, Order.FAIR, HOUR);

        Result with = Simulation.run(settings);
        Result alone = Simulation.run(settings.withoutNoise());

        assertThat(with.quiet().count()).isEqualTo(alone.quiet().count());
        assertThat(with.quiet().quantile(0.99))
                .isLessThanOrEqualTo(2 * alone.quiet().quantile(0.99));
        assertThat(with.noisy().quantile(0.99)).isGreaterThan(with.quiet().quantile(0.99));
    }

    @Test
    void run_fairWithMoreThanCanBeDone_letsTheOneWaitWhoBringsIt() {
        Result with = Simulation.run(settings(1.2, Order.FAIR, Duration.ofDays(100)));
        Result fifo = Simulation.run(settings(1.2, Order.FIFO, Duration.ofDays(100)));

        assertThat(with.noisy().quantile(0.5)).isGreaterThan(20 * with.quiet().quantile(0.5));
        assertThat(fifo.quiet().quantile(0.5)).isGreaterThan(5 * with.quiet().quantile(0.5));
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void run_longBeyondCapacity_letsNobodyPassWhoWaitedForTheBound(Order order) {
        double bound = 300;
        Settings small = new Settings(
                1, 6_000, 1_000, 12, 20, 1.2, order, 0.3, true, NO_LIMIT, 0.03, Duration.ofMinutes(5), 100);

        Result result = Simulation.run(small);

        assertThat(result.promoted()).isGreaterThan(100);
        assertThat(result.longestWait()).isGreaterThan(bound);
        assertThat(result.passedBeyondBound()).isZero();
        assertThat(result.longestPassed()).isPositive().isLessThanOrEqualTo(bound);
    }

    @Test
    void run_sameSeed_isTheSameRun() {
        Settings settings = new Settings(1, 1_000, 100, 8, 12, 0.9, Order.FAIR, 0.3, true, NO_LIMIT, 0.03, HOUR, 5);

        Result first = Simulation.run(settings);
        Result second = Simulation.run(settings);

        assertThat(second.regular().quantile(0.99)).isEqualTo(first.regular().quantile(0.99));
        assertThat(second.utilization()).isEqualTo(first.utilization());
    }

    @Test
    void most_twoModelsOnThreeBackends_isBoundByEachPart() {
        List<Set<Integer>> backends = List.of(Set.of(0), Set.of(0, 1), Set.of(1));
        double[] free = {9, 9};

        assertThat(Capacity.most(new double[] {0.5, 1.0}, free, backends, 1)).isCloseTo(1.5, within(1e-9));
        assertThat(Capacity.most(new double[] {9, 0}, free, backends, 1)).isCloseTo(2, within(1e-9));
        assertThat(Capacity.most(new double[] {9, 9}, free, backends, 1)).isCloseTo(3, within(1e-9));
        assertThat(Capacity.most(new double[] {9, 9}, new double[] {0.5, 9}, backends, 1))
                .isCloseTo(2.5, within(1e-9));
    }
}
