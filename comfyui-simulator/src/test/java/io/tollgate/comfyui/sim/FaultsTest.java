package io.tollgate.comfyui.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FaultsTest {

    @TempDir
    Path home;

    private final List<ComfySimulator> started = new ArrayList<>();

    private ComfySimulator started() {
        ComfySimulator one = ComfySimulator.builder().home(home).timeScale(0.1).start();
        started.add(one);
        return one;
    }

    @AfterEach
    void close() {
        started.forEach(ComfySimulator::close);
    }

    private static boolean ran(ComfySimulator simulator, String id) {
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (System.nanoTime() < end && simulator.pending() + simulator.running() > 0) {
            Thread.onSpinWait();
        }
        return simulator.executions().stream()
                .anyMatch(execution -> execution.promptId().equals(id));
    }

    @ParameterizedTest
    @EnumSource(names = {"DROP_BEFORE", "DROP_AFTER", "HALF_BODY"})
    void next_connectionFault_failsTheCallAndIsHandledOrNot(FaultKind kind) {
        ComfySimulator simulator = started();
        TestHttp http = new TestHttp(simulator);
        String id = UUID.randomUUID().toString();
        simulator.faults().next(Route.SUBMIT, kind);

        assertThatThrownBy(() -> http.post("/prompt", TestHttp.request(TestHttp.small(1), "c", id)))
                .isInstanceOf(IOException.class);

        assertThat(ran(simulator, id)).isEqualTo(kind != FaultKind.DROP_BEFORE);
        FaultEvent event = simulator.faults().happened().get(0);
        assertThat(event.kind()).isEqualTo(kind);
        assertThat(event.route()).isEqualTo(Route.SUBMIT);
        assertThat(event.promptId()).isEqualTo(Optional.of(id));
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR_500", "BUSY_503", "REFUSE"})
    void next_answeredFault_isNotHandled(FaultKind kind) throws Exception {
        ComfySimulator simulator = started();
        TestHttp http = new TestHttp(simulator);
        String id = UUID.randomUUID().toString();
        simulator.faults().next(Route.SUBMIT, kind);

        int status = http.post("/prompt", TestHttp.request(TestHttp.small(1), "c", id))
                .statusCode();

        assertThat(status).isEqualTo(kind == FaultKind.REFUSE ? 400 : kind == FaultKind.BUSY_503 ? 503 : 500);
        assertThat(ran(simulator, id)).isFalse();
        assertThat(http.get("/queue").statusCode()).isEqualTo(200);
    }

    @Test
    void next_wrongJson_isHandledAndAnswersNonsense() throws Exception {
        ComfySimulator simulator = started();
        TestHttp http = new TestHttp(simulator);
        simulator.faults().next(Route.HISTORY, FaultKind.WRONG_JSON);

        assertThat(new String(http.get("/history/x").body(), StandardCharsets.UTF_8))
                .isEqualTo("[\"nonsense\"]");
        assertThat(http.json("/history/x")).isEmpty();
    }

    @Test
    void next_delay_answersLater() throws Exception {
        ComfySimulator simulator = started();
        TestHttp http = new TestHttp(simulator);
        simulator.faults().delay(Duration.ofMillis(120));
        simulator.faults().next(Route.QUEUE, FaultKind.DELAY);
        long begin = System.nanoTime();

        assertThat(http.get("/queue").statusCode()).isEqualTo(200);

        assertThat(System.nanoTime() - begin)
                .isGreaterThan(Duration.ofMillis(110).toNanos());
    }

    @Test
    void next_nodeFaults_failTheRun() throws Exception {
        ComfySimulator simulator = started();
        TestHttp http = new TestHttp(simulator);
        simulator.faults().next(Route.NODE, FaultKind.NODE_OOM);
        String memory = http.submit(TestHttp.small(1), "c");
        assertThat(ran(simulator, memory)).isTrue();
        simulator.faults().next(Route.NODE, FaultKind.NODE_ERROR);
        String error = http.submit(TestHttp.small(2), "c");
        assertThat(ran(simulator, error)).isTrue();

        assertThat(http.json("/history/" + memory).toString()).contains("torch.OutOfMemoryError");
        assertThat(http.json("/history/" + error).toString()).contains("RuntimeError");
        assertThat(simulator.executions()).extracting(Execution::ending).containsOnly(Execution.Ending.FAILED);
    }

    @Test
    void next_dieInANode_losesTheRunAndComesBack() throws Exception {
        ComfySimulator simulator = started();
        TestHttp http = new TestHttp(simulator);
        simulator.faults().next(Route.NODE, FaultKind.DIE);
        String id = http.submit(TestHttp.small(1), "c");
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (simulator.life() < 2 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }

        assertThat(simulator.life()).isEqualTo(2);
        assertThat(http.json("/history/" + id)).isEmpty();
        assertThat(simulator.executions().get(0).ending()).isEqualTo(Execution.Ending.LOST);
    }

    @Test
    void next_socketFaults_cutOrSilence() throws Exception {
        ComfySimulator simulator = started();
        TestHttp http = new TestHttp(simulator);
        try (TestSocket cut = TestSocket.open(simulator, "a")) {
            assertThat(cut.await(frames -> frames.size() == 1, Duration.ofSeconds(5)))
                    .isTrue();
            simulator.faults().next(Route.FRAME, FaultKind.WS_CLOSE);
            http.submit(TestHttp.small(1), "b");
            assertThat(cut.awaitClose(Duration.ofSeconds(5))).isEqualTo(1006);
        }
        try (TestSocket silent = TestSocket.open(simulator, "a")) {
            assertThat(silent.await(frames -> frames.size() == 1, Duration.ofSeconds(5)))
                    .isTrue();
            simulator.faults().next(Route.FRAME, FaultKind.WS_SILENT);
            assertThat(ran(simulator, http.submit(TestHttp.small(2), "a"))).isTrue();
            assertThat(silent.await(frames -> frames.size() > 1, Duration.ofMillis(200)))
                    .isFalse();
        }
    }

    @Test
    void random_sameSeed_givesTheSameFaults() throws Exception {
        ComfySimulator simulator = started();
        List<FaultKind> first = drawn(simulator, 7);
        List<FaultKind> second = drawn(simulator, 7);

        assertThat(first).isEqualTo(second).isNotEmpty();
        assertThat(drawn(simulator, 8)).isNotEqualTo(first);
    }

    private static List<FaultKind> drawn(ComfySimulator simulator, long seed) throws IOException, InterruptedException {
        TestHttp http = new TestHttp(simulator);
        int before = simulator.faults().happened().size();
        simulator.faults().random(0.3, seed, FaultKind.ERROR_500, FaultKind.BUSY_503, FaultKind.NODE_OOM);
        for (int i = 0; i < 40; i++) {
            http.get("/queue");
        }
        simulator.faults().calm();
        assertThat(http.get("/queue").statusCode()).isEqualTo(200);
        List<FaultEvent> happened = simulator.faults().happened();
        return happened.subList(before, happened.size()).stream()
                .map(FaultEvent::kind)
                .toList();
    }

    @Test
    void next_whereItCantHappen_isRefused() {
        ComfySimulator simulator = started();
        assertThatThrownBy(() -> simulator.faults().next(Route.VIEW, FaultKind.NODE_OOM))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
