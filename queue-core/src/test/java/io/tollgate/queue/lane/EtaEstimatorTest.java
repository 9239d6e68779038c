package io.tollgate.queue.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.lane.Outlook.Ahead;
import io.tollgate.queue.lane.Outlook.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EtaEstimatorTest {
    private static final QueueName IMAGE = new QueueName("image");
    private static final WorkflowName PORTRAIT = new WorkflowName("portrait");
    private static final WorkflowName SKETCH = new WorkflowName("sketch");
    private static final ModelName FLUX = new ModelName("flux");
    private static final ModelName SDXL = new ModelName("sdxl");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final RunTimes times = new RunTimes(Duration.ofSeconds(30));

    @BeforeEach
    void measureRunsOf50To70Seconds() {
        for (int i = 0; i < RunTime.WINDOW; i++) {
            Duration run = Duration.ofSeconds(50 + i * 20 / RunTime.WINDOW);
            times.record(new RunTimes.Measured(PORTRAIT, FLUX, IMAGE, run));
        }
    }

    private static Outlook outlook(int slots, int modelLimit, List<Ahead> ahead, Running... running) {
        return new Outlook(IMAGE, PORTRAIT, FLUX, NOW, slots, modelLimit, ahead, List.of(running));
    }

    private static Ahead ahead(ModelName model, int jobs) {
        return new Ahead(model, jobs, Outlook.UNLIMITED);
    }

    private static Running running(ModelName model, int elapsedSeconds) {
        return new Running(PORTRAIT, model, Duration.ofSeconds(elapsedSeconds), true);
    }

    /** With 15 runs of 80 s a run takes 80 s, give or take 80 / 2 / sqrt(15 + 1) = 10 s. */
    private static RunTimes fifteenRunsOf80Seconds() {
        RunTimes times = new RunTimes(Duration.ofSeconds(30));
        record(times, PORTRAIT, FLUX, 80, 15);
        return times;
    }

    private static void record(RunTimes times, WorkflowName workflow, ModelName model, int seconds, int runs) {
        RunTimes.Measured run = new RunTimes.Measured(workflow, model, IMAGE, Duration.ofSeconds(seconds));
        Collections.nCopies(runs, run).forEach(times::record);
    }

    /** The earliest, likeliest and latest start and the end, in milliseconds from now. */
    private static List<Long> millisOf(Outlook outlook, RunTimes times) {
        Eta eta = EtaEstimator.estimate(outlook, times, NOW).orElseThrow();
        return Stream.of(eta.startEarliest(), eta.start(), eta.startLatest(), eta.end())
                .map(at -> Duration.between(NOW, at).toMillis())
                .toList();
    }

    private Eta estimate(Outlook outlook) {
        return EtaEstimator.estimate(outlook, times, NOW).orElseThrow();
    }

    private double waitOf(Outlook outlook) {
        return Duration.between(NOW, estimate(outlook).start()).toMillis() / 1_000.0;
    }

    @Test
    void estimate_freeSlotAndNobodyAhead_startsNow() {
        Eta eta = estimate(outlook(2, Outlook.UNLIMITED, List.of(), running(FLUX, 10)));

        assertThat(eta.start()).isEqualTo(NOW);
        assertThat(eta.startLatest()).isEqualTo(NOW);
        assertThat(Duration.between(NOW, eta.end()).toSeconds()).isBetween(58L, 61L);
    }

    @Test
    void estimate_noSlotOrNoRoomForTheModel_isEmpty() {
        assertThat(EtaEstimator.estimate(outlook(0, Outlook.UNLIMITED, List.of()), times, NOW))
                .isEmpty();
        assertThat(EtaEstimator.estimate(outlook(2, 0, List.of()), times, NOW)).isEmpty();
    }

    @Test
    void estimate_oneBusySlot_waitsForWhatIsLeftAndThoseAhead() {
        assertThat(waitOf(outlook(1, Outlook.UNLIMITED, List.of(), running(FLUX, 40))))
                .isCloseTo(20, within(3.0));
        assertThat(waitOf(outlook(1, Outlook.UNLIMITED, List.of(ahead(FLUX, 3)), running(FLUX, 40))))
                .isCloseTo(200, within(8.0));
    }

    @Test
    void estimate_jobsAheadWithOtherSlotsToGoTo_countsOnlyTheirShare() {
        Ahead elsewhere = new Ahead(SDXL, 12, Outlook.UNLIMITED, 0.25);

        assertThat(waitOf(outlook(1, Outlook.UNLIMITED, List.of(elsewhere), running(FLUX, 40))))
                .isCloseTo(
                        waitOf(outlook(1, Outlook.UNLIMITED, List.of(ahead(SDXL, 3)), running(FLUX, 40))), within(3.0));
    }

    @Test
    void estimate_manyAheadOnManySlots_sharesTheWork() {
        Running[] staggered =
                IntStream.range(0, 10).mapToObj(i -> running(FLUX, i * 6)).toArray(Running[]::new);

        double wait = waitOf(outlook(10, Outlook.UNLIMITED, List.of(ahead(FLUX, 100)), staggered));

        assertThat(wait).isCloseTo(100 * 60 / 10.0, within(25.0));
    }

    @Test
    void estimate_modelAtItsLimit_waitsForItsOwnThoughSlotsAreFree() {
        Outlook limited = outlook(8, 1, List.of(new Ahead(FLUX, 2, 1)), running(FLUX, 30));

        assertThat(waitOf(limited)).isCloseTo(30 + 2 * 60, within(8.0));
    }

    @Test
    void estimate_runsOnOtherSlots_countForTheModelOnly() {
        Running elsewhere = new Running(PORTRAIT, FLUX, Duration.ofSeconds(30), false);

        assertThat(waitOf(outlook(1, Outlook.UNLIMITED, List.of(), elsewhere))).isZero();
        assertThat(waitOf(outlook(1, 1, List.of(), elsewhere))).isCloseTo(30, within(4.0));
    }

    @Test
    void estimate_manyOfAModelAtItsLimitAhead_arePassed() {
        Ahead stuck = new Ahead(SDXL, 500, 1);

        assertThat(waitOf(outlook(4, Outlook.UNLIMITED, List.of(stuck), running(SDXL, 10))))
                .isZero();
    }

    @Test
    void estimate_moreRunningThanSlots_waitsUntilOneIsFreeAgain() {
        Running[] three = {running(FLUX, 50), running(FLUX, 20), running(FLUX, 0)};

        double lowered = waitOf(outlook(1, Outlook.UNLIMITED, List.of(), three));

        assertThat(lowered).isCloseTo(60, within(8.0));
    }

    @Test
    void estimate_runThatTakesTooLong_isStillExpectedToEnd() {
        assertThat(waitOf(outlook(1, Outlook.UNLIMITED, List.of(), running(FLUX, 3_600))))
                .isBetween(1.0, 60.0);
    }

    @Test
    void estimate_backoff_startsNoSoonerThanReady() {
        Instant readyAt = NOW.plusSeconds(500);
        Outlook backingOff = new Outlook(IMAGE, PORTRAIT, FLUX, readyAt, 2, Outlook.UNLIMITED, List.of(), List.of());

        assertThat(estimate(backingOff).start()).isEqualTo(readyAt);
        assertThat(estimate(backingOff).startEarliest()).isEqualTo(readyAt);
    }

    @Test
    void estimate_aMillionAhead_isAnsweredWithARange() {
        Eta eta = estimate(outlook(4, Outlook.UNLIMITED, List.of(ahead(FLUX, 1_000_000)), running(FLUX, 0)));

        assertThat(Duration.between(NOW, eta.start()).toDays()).isBetween(170L, 177L);
        assertThat(eta.startEarliest()).isBefore(eta.start());
        assertThat(eta.startLatest()).isAfter(eta.start());
    }

    @Test
    void estimate_nothingMeasured_goesByTheDefault() {
        RunTimes none = new RunTimes(Duration.ofSeconds(30));
        Outlook behindOne = outlook(1, Outlook.UNLIMITED, List.of(ahead(FLUX, 10)), running(FLUX, 0));

        Eta eta = EtaEstimator.estimate(behindOne, none, NOW).orElseThrow();

        assertThat(Duration.between(NOW, eta.start()).toSeconds()).isBetween(290L, 340L);
    }

    @Test
    void estimate_oneAheadOnOneSlot_isTheRenewalCount() {
        Outlook behindOne = outlook(1, Outlook.UNLIMITED, List.of(ahead(FLUX, 1)));

        // 1 + t / 80 + (1 / 64 - 1) / 2 = 1.5 at t = 79.375
        // 1.2816 * sqrt(1 * 10^2 + (79.375 * 10 / (80 * sqrt(15)))^2) = 13.230
        assertThat(millisOf(behindOne, fifteenRunsOf80Seconds())).containsExactly(66_145L, 79_375L, 92_605L, 159_375L);
    }

    @Test
    void estimate_ownModelsLimitDecides_isCountedAndSpreadOverTheLimit() {
        Outlook limited = outlook(4, 1, List.of(new Ahead(FLUX, 1, 1)));

        // as with one slot: that there are four only spreads the slots' work
        assertThat(millisOf(limited, fifteenRunsOf80Seconds())).containsExactly(66_145L, 79_375L, 92_605L, 159_375L);
    }

    @Test
    void estimate_slotsAndLimitAllowAtOnce_rangeIsThatOfAllWhoAreAhead() {
        List<Ahead> ahead = List.of(new Ahead(FLUX, 1, 1), new Ahead(SDXL, 4, 0));

        // 1.2816 * sqrt(5 * 10^2 + (79.375 * 10 / (80 * sqrt(15)))^2) = 28.845
        assertThat(millisOf(outlook(1, 1, ahead), fifteenRunsOf80Seconds()))
                .containsExactly(50_530L, 79_375L, 108_220L, 159_375L);
    }

    @Test
    void estimate_twoModelsAhead_goesByTheirMix() {
        RunTimes times = fifteenRunsOf80Seconds();
        record(times, SKETCH, SDXL, 120, 35); // give or take 120 / 2 / sqrt(35 + 1) = 10 s
        List<Ahead> ahead = List.of(ahead(FLUX, 2), new Ahead(SDXL, 4, Outlook.UNLIMITED, 0.5));

        // two runs of each kind: 100 s, give or take sqrt(20^2 + 10^2), of 25 measurements
        // 2 * (1 + t / 100 + (500 / 100^2 - 1) / 2) = 4.5 at t = 172.5, found as 172.656
        // 1.2816 * sqrt(4 * 500 / 2^2 + (172.656 * sqrt(500) / (100 * sqrt(25)))^2) = 30.318
        assertThat(millisOf(outlook(2, Outlook.UNLIMITED, ahead), times))
                .containsExactly(142_338L, 172_656L, 202_974L, 252_656L);
    }

    @Test
    void estimate_runsOfUnequalLength_endAsTheMeasuredOnesDid() {
        RunTimes times = fifteenRunsOf80Seconds();
        record(times, SKETCH, SDXL, 60, 4);
        record(times, SKETCH, SDXL, 100, 4);
        Running begun = new Running(SKETCH, SDXL, Duration.ofSeconds(20), true);

        // half of such runs are over in 40 s more, and 60 s more are expected of each, give or take 20
        // 1.2816 * sqrt(2 * 20^2 / 2^2 + (40 * 10 / (80 * sqrt(15)))^2) = 18.200
        assertThat(millisOf(outlook(2, Outlook.UNLIMITED, List.of(), begun, begun), times))
                .containsExactly(21_800L, 40_000L, 58_200L, 120_000L);
    }

    @Test
    void estimate_runOfAnotherModel_takesNothingOfTheModelsLimit() {
        Outlook besides = outlook(2, 1, List.of(), running(SDXL, 30));

        assertThat(millisOf(besides, fifteenRunsOf80Seconds())).containsExactly(0L, 0L, 0L, 80_000L);
    }

    @Test
    void estimate_moreThanTenYearsAway_isEmpty() {
        Outlook fiveYears = outlook(1, Outlook.UNLIMITED, List.of(ahead(FLUX, 2_000_000)));
        Outlook thirtyYears = outlook(1, Outlook.UNLIMITED, List.of(ahead(FLUX, 12_000_000)));

        assertThat(EtaEstimator.estimate(fiveYears, fifteenRunsOf80Seconds(), NOW))
                .isPresent();
        assertThat(EtaEstimator.estimate(thirtyYears, fifteenRunsOf80Seconds(), NOW))
                .isEmpty();
    }
}
