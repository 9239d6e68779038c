package io.tollgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MetersTest {
    private final PrometheusPage page = new PrometheusPage();

    @AfterEach
    void close() {
        page.close();
    }

    private double value(String name, String... labels) {
        return Lines.value(page.scrape(), name, labels).orElse(-1.0);
    }

    @Test
    void http_methodThatSomebodyMadeUp_isNoLabel() {
        HttpMeters meters = new HttpMeters(page.registry());

        meters.answered("GET", "/v1/jobs/{id}", 200, Duration.ofMillis(30));
        meters.answered("a prompt", "unknown", 405, Duration.ofMillis(1));
        meters.limited("key");
        meters.streams(1);
        meters.streams(1);
        meters.streams(-1);

        assertThat(value("tollgate_http_requests_seconds_count", "method=\"GET\"", "route=\"/v1/jobs/{id}\""))
                .isEqualTo(1);
        assertThat(value("tollgate_http_requests_seconds_count", "method=\"other\"", "status=\"405\""))
                .isEqualTo(1);
        assertThat(value("tollgate_http_limited_total", "reason=\"key\"")).isEqualTo(1);
        assertThat(value("tollgate_http_streams")).isEqualTo(1);
        assertThat(page.scrape()).doesNotContain("a prompt");
    }

    @Test
    void workers_claimsAndLosses_areCountedByBackend() {
        AtomicInteger waiting = new AtomicInteger(2);
        WorkerMeters meters = new WorkerMeters(page.registry());

        meters.desk("box", waiting::get, () -> 3);
        meters.answered("box", 2);
        meters.answered("box", 0);
        meters.lost("box", "lease_ran_out");

        assertThat(value("tollgate_worker_claims_total", "backend=\"box\"", "result=\"handed\""))
                .isEqualTo(1);
        assertThat(value("tollgate_worker_claims_total", "backend=\"box\"", "result=\"empty\""))
                .isEqualTo(1);
        assertThat(value("tollgate_worker_runs_total", "backend=\"box\"")).isEqualTo(2);
        assertThat(value("tollgate_worker_lost_total", "reason=\"lease_ran_out\""))
                .isEqualTo(1);
        assertThat(value("tollgate_worker_claims_waiting", "backend=\"box\"")).isEqualTo(2);
        assertThat(value("tollgate_worker_workers", "backend=\"box\"")).isEqualTo(3);
    }

    @Test
    void store_transactions_areCountedByTheirEndAndSize() {
        AtomicInteger waiting = new AtomicInteger(7);
        StoreMeters meters = new StoreMeters(page.registry(), waiting::get);

        meters.began(3);
        meters.ended("committed");
        meters.began(1);
        meters.ended("failed");

        assertThat(value("tollgate_store_commit_seconds_count", "result=\"committed\""))
                .isEqualTo(1);
        assertThat(value("tollgate_store_commit_seconds_count", "result=\"failed\""))
                .isEqualTo(1);
        assertThat(value("tollgate_store_batch_commands_sum")).isEqualTo(4);
        assertThat(value("tollgate_store_waiting_commands")).isEqualTo(7);
    }

    @Test
    void backend_circuit_isAskedAtEachScrape() {
        BackendMeters meters = new BackendMeters(page.registry());
        AtomicReference<String> state = new AtomicReference<>("closed");
        meters.circuit("gpu-1", state::get);

        assertThat(value("tollgate_backend_circuit", "state=\"closed\"")).isEqualTo(1);
        state.set("open");

        assertThat(value("tollgate_backend_circuit", "state=\"closed\"")).isZero();
        assertThat(value("tollgate_backend_circuit", "state=\"open\"")).isEqualTo(1);
    }
}
