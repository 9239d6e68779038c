package io.tollgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.test.House;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TollgateGaugesTest {
    private final House house = new House();
    private final PrometheusPage page = new PrometheusPage();
    private final Tollgate node = house.open();

    @BeforeEach
    void measure() {
        page.beforeScrape(new TollgateGauges(page.registry(), node, house.clock)::update);
        house.credit(House.ANN, 1_000);
    }

    @AfterEach
    void close() {
        house.shaky.down = false;
        house.close();
        page.close();
    }

    private double value(String name, String... labels) {
        return Lines.value(page.scrape(), name, labels).orElse(-1.0);
    }

    @Test
    void scrape_threeJobsAndOneSlot_showsTwoInLine() {
        assertThat(value("tollgate_queue_depth", "queue=\"image\"", "lane=\"regular\""))
                .isZero();
        house.submit(node);
        house.submit(node);
        house.submit(node);
        house.advance(Duration.ofSeconds(30));

        assertThat(value("tollgate_queue_depth", "queue=\"image\"", "lane=\"regular\""))
                .isEqualTo(2);
        assertThat(value("tollgate_queue_depth", "queue=\"image\"", "lane=\"vip\""))
                .isZero();
        assertThat(value("tollgate_queue_ready", "queue=\"image\"", "lane=\"regular\""))
                .isEqualTo(2);
        assertThat(value("tollgate_queue_oldest_seconds", "queue=\"image\"")).isEqualTo(30);
        assertThat(value("tollgate_queue_running", "queue=\"image\"")).isEqualTo(1);
        assertThat(value("tollgate_queue_mode", "mode=\"open\"")).isEqualTo(1);
        assertThat(value("tollgate_model_running", "model=\"model-a\"")).isEqualTo(1);
        assertThat(value("tollgate_model_limit", "model=\"model-a\"")).isPositive();
        assertThat(value("tollgate_backend_slots", "backend=\"gpu-1\"")).isEqualTo(1);
        assertThat(value("tollgate_backend_slots_taken", "backend=\"gpu-1\"")).isEqualTo(1);
        assertThat(value("tollgate_attempts_driving")).isEqualTo(1);
    }

    @Test
    void scrape_aBackendThatIsGone_showsItsStateAtOnce() {
        assertThat(value("tollgate_backend_state", "state=\"ready\"")).isEqualTo(1);

        node.operations().registry().unreachable(house.gpu.id(), "gone");

        assertThat(value("tollgate_backend_state", "state=\"ready\"")).isZero();
        assertThat(value("tollgate_backend_state", "state=\"unreachable\"")).isEqualTo(1);
    }

    @Test
    void scrape_withinTenSeconds_readsTheStoreOnce() {
        assertThat(value("tollgate_queue_running")).isZero();
        house.submit(node);

        assertThat(value("tollgate_queue_running")).as("what was read last").isZero();
        house.advance(TollgateGauges.STORE_READ_EVERY);
        assertThat(value("tollgate_queue_running")).isEqualTo(1);
    }

    @Test
    void scrape_storeDown_showsTheRestAndWhatWasReadLast() {
        house.submit(node);
        house.submit(node);
        assertThat(value("tollgate_queue_running")).isEqualTo(1);
        house.shaky.down = true;
        house.clock.advance(Duration.ofMinutes(1));

        assertThat(value("tollgate_queue_running")).isEqualTo(1);
        assertThat(value("tollgate_queue_depth", "lane=\"regular\"")).isEqualTo(1);
        assertThat(value("tollgate_metrics_store_misses_total")).isPositive();
    }
}
