package io.tollgate.queue.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunTimesTest {
    private static final QueueName IMAGE = new QueueName("image");
    private static final WorkflowName PORTRAIT = new WorkflowName("portrait");
    private static final WorkflowName SKETCH = new WorkflowName("sketch");
    private static final ModelName FLUX = new ModelName("flux");
    private static final ModelName SDXL = new ModelName("sdxl");

    private final RunTimes times = new RunTimes(Duration.ofSeconds(30));

    private static RunTimes.Measured run(WorkflowName workflow, ModelName model, int seconds) {
        return new RunTimes.Measured(workflow, model, IMAGE, Duration.ofSeconds(seconds));
    }

    private void record(WorkflowName workflow, ModelName model, int seconds, int runs) {
        Collections.nCopies(runs, run(workflow, model, seconds)).forEach(times::record);
    }

    private long meanOf(WorkflowName workflow, ModelName model) {
        return times.of(workflow, model, IMAGE).mean().toSeconds();
    }

    @Test
    void of_workflowUnknown_fallsBackToModelThenQueueThenDefault() {
        assertThat(meanOf(PORTRAIT, FLUX)).isEqualTo(30);

        record(SKETCH, SDXL, 5, 10);
        assertThat(meanOf(PORTRAIT, FLUX)).as("the queue's").isEqualTo(5);

        record(SKETCH, FLUX, 50, 10);
        assertThat(meanOf(PORTRAIT, FLUX)).as("the model's").isEqualTo(50);

        record(PORTRAIT, FLUX, 70, 2);
        assertThat(meanOf(PORTRAIT, FLUX)).as("two are too few").isLessThan(60);

        record(PORTRAIT, FLUX, 70, 1);
        assertThat(meanOf(PORTRAIT, FLUX)).as("its own").isEqualTo(70);
    }

    @Test
    void of_threeOfTheModel_areEnough() {
        record(SKETCH, SDXL, 5, 10);
        record(SKETCH, FLUX, 50, 3);

        assertThat(times.ofModel(FLUX, IMAGE).mean()).hasSeconds(50);
        assertThat(meanOf(PORTRAIT, FLUX)).isEqualTo(50);
    }

    @Test
    void deviation_ofTwoMeasurements_countsHalfTheMeanAsAThird() {
        record(PORTRAIT, FLUX, 2, 1);
        record(PORTRAIT, FLUX, 4, 1);

        // sqrt((2 * 1 + 3 * 3 / 4) / 3)
        assertThat(times.of(PORTRAIT, FLUX, IMAGE).deviation()).hasMillis(1_190);
    }

    @Test
    void recordEarlier_ofOneWorkflow_isKnownOfItsModelAndItsQueueToo() {
        times.recordEarlier(Collections.nCopies(3, run(SKETCH, FLUX, 50)));

        assertThat(meanOf(PORTRAIT, FLUX)).isEqualTo(50);
        assertThat(meanOf(PORTRAIT, SDXL)).isEqualTo(50);
    }

    @Test
    void of_oneMeasurementAndNothingElse_isTaken() {
        record(PORTRAIT, FLUX, 70, 1);

        assertThat(meanOf(PORTRAIT, FLUX)).isEqualTo(70);
        assertThat(times.of(PORTRAIT, FLUX, IMAGE).deviation()).isPositive();
    }

    @Test
    void record_newServerTwiceAsFast_isLearnedInAWindow() {
        record(PORTRAIT, FLUX, 60, 1_000);
        record(PORTRAIT, FLUX, 30, RunTime.WINDOW);

        assertThat(meanOf(PORTRAIT, FLUX)).isEqualTo(30);
        assertThat(times.of(PORTRAIT, FLUX, IMAGE).samples()).isEqualTo(RunTime.WINDOW);
    }

    @Test
    void record_oneRunThatHung_doesNotSpoilTheMean() {
        record(PORTRAIT, FLUX, 60, 40);
        record(PORTRAIT, FLUX, 7_200, 1);

        assertThat(meanOf(PORTRAIT, FLUX)).isEqualTo(60);
    }

    @Test
    void recordEarlier_afterRunsOfToday_standsBehindThem() {
        record(PORTRAIT, FLUX, 30, RunTime.WINDOW - 1);

        times.recordEarlier(List.of(run(PORTRAIT, FLUX, 1_000), run(PORTRAIT, FLUX, 94)));

        RunTime known = times.of(PORTRAIT, FLUX, IMAGE);
        assertThat(known.samples()).isEqualTo(RunTime.WINDOW);
        assertThat(known.quantile(1)).isEqualTo(Duration.ofSeconds(94));
        assertThat(known.quantile(0.5)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void after_elapsed_goesByTheRunsThatTookLonger() {
        for (int seconds = 1; seconds <= 40; seconds++) {
            record(PORTRAIT, FLUX, seconds, 1);
        }
        RunTime known = times.of(PORTRAIT, FLUX, IMAGE);

        RunTime.Rest rest = known.after(20);

        assertThat(rest.mean()).isEqualTo(10.5);
        assertThat(rest.overIn(0)).isZero();
        assertThat(rest.overIn(10)).isEqualTo(0.5);
        assertThat(rest.overIn(20)).isEqualTo(1);
        assertThat(known.after(1_000).mean()).isPositive();
    }

    @Test
    void measured_misuse_isRefused() {
        assertThatThrownBy(() -> run(PORTRAIT, FLUX, -1)).hasMessageContaining("run time");
        assertThatThrownBy(() -> new RunTimes(Duration.ZERO)).hasMessageContaining("default");
        assertThatThrownBy(() -> RunTime.of(Duration.ofSeconds(1)).quantile(1.1))
                .hasMessageContaining("part");
    }
}
