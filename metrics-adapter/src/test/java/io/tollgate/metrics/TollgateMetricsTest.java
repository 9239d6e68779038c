package io.tollgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.event.JobListenerContract;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.JobEvents;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TollgateMetricsTest extends JobListenerContract {
    private final House house = new House();
    private final PrometheusPage page = new PrometheusPage();
    private final TollgateMetrics metrics = new TollgateMetrics(page.registry(), house.clock);

    @AfterEach
    void close() {
        house.close();
        page.close();
    }

    @Override
    protected JobListener listener() {
        return metrics;
    }

    private double value(String name, String... labels) {
        return Lines.value(page.scrape(), name, labels).orElse(-1.0);
    }

    @Test
    void on_everyKindOfEvent_showsNothingThatUsersWrote() {
        new JobEvents().story().forEach(metrics::on);

        assertThat(page.scrape())
                .contains("tollgate_jobs_ended_total{")
                .contains("tollgate_refusals_total{reason=\"insufficient_credits\"} 1.0")
                .contains("tollgate_faults_total{where=\"a test\"} 2.0")
                .doesNotContain(JobEvents.PROMPT, "\"ann\"");
    }

    @Test
    void on_aJobThatFailsOnceAndSucceeds_countsAndTimesIt() {
        Tollgate node = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).listener(metrics));
        house.credit(House.ANN, 100);

        house.submit(node);
        house.gpu.fail(house.gpu.only(), Failure.Kind.OUT_OF_MEMORY);
        house.settle();
        house.advance(Duration.ofMinutes(5));
        house.gpu.start(house.gpu.only());
        house.advance(Duration.ofSeconds(20));
        house.gpu.succeed(house.gpu.only(), "boat.png");
        house.settle();

        assertThat(value("tollgate_jobs_submitted_total", "workflow=\"draw\"", "model=\"model-a\"", "lane=\"regular\""))
                .isEqualTo(1);
        assertThat(value("tollgate_jobs_retried_total", "reason=\"out_of_memory\""))
                .isEqualTo(1);
        assertThat(value("tollgate_jobs_ended_total", "outcome=\"succeeded\"", "partial=\"false\"", "queue=\"image\""))
                .isEqualTo(1);
        assertThat(value("tollgate_job_wait_seconds_count")).isEqualTo(1);
        assertThat(value("tollgate_job_run_seconds_sum", "outcome=\"succeeded\""))
                .isEqualTo(20);
        assertThat(value("tollgate_job_run_seconds_bucket", "le=\"15.0\"")).isZero();
        assertThat(value("tollgate_job_run_seconds_bucket", "le=\"20.0\"")).isEqualTo(1);
    }

    @Test
    void on_aJobBehindAnother_waitsButIsClaimedAtOnce() {
        Tollgate node = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).listener(metrics));
        house.credit(House.ANN, 100);

        house.submit(node);
        house.submit(node);
        house.gpu.start(house.gpu.only());
        house.advance(Duration.ofSeconds(50));
        house.gpu.succeed(house.gpu.only(), "boat.png");
        house.settle();

        assertThat(value("tollgate_job_wait_seconds_sum")).isEqualTo(50);
        assertThat(value("tollgate_job_claim_seconds_count")).isEqualTo(2);
        assertThat(value("tollgate_job_claim_seconds_sum"))
                .as("the slot was taken all the while")
                .isLessThan(1);
    }

    @Test
    void on_aFailureForGood_countsWhy() {
        Tollgate node = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).listener(metrics));
        house.credit(House.ANN, 100);

        house.submit(node);
        house.gpu.fail(house.gpu.only(), Failure.Kind.BAD_INPUT);
        house.settle();

        assertThat(value("tollgate_jobs_failed_total", "reason=\"bad_input\"")).isEqualTo(1);
        assertThat(value("tollgate_jobs_ended_total", "outcome=\"failed\"")).isEqualTo(1);
    }

    @Test
    void bounded_moreValuesThanALabelMayHave_shareOne() {
        Labels labels = new Labels();
        for (int i = 0; i < Labels.MOST; i++) {
            assertThat(labels.bounded("model", "m" + i)).isEqualTo("m" + i);
        }

        assertThat(labels.bounded("model", "one more")).isEqualTo(Labels.OTHER);
        assertThat(labels.bounded("model", "m0")).isEqualTo("m0");
        assertThat(labels.bounded("queue", "one more")).isEqualTo("one more");
    }

    @Test
    void scrape_ofAProcess_saysWhatRunsAndWhatItNeeds(@TempDir Path dir) {
        try (ProcessMeters process = new ProcessMeters("1.2.3", dir)) {
            process.bindTo(page.registry());

            assertThat(value("tollgate_build_info", "version=\"1.2.3\"")).isEqualTo(1);
            assertThat(value("tollgate_disk_free_bytes")).isPositive();
            assertThat(page.scrape())
                    .contains("jvm_memory_used_bytes{", "process_uptime_seconds", "jvm_threads_live_threads")
                    .doesNotContain(dir.toString());
        }
    }
}
