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
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EtaEstimatorTest {
    private static final QueueName IMAGE = new QueueName("image");
    private static final WorkflowName PORTRAIT = new WorkflowName("portrait");
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
}
