package io.tollgate.comfyui.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The facts that recordings state as results, or that took too long to be played again. */
final class FactsTest {

    @TempDir
    Path home;

    private ComfySimulator.Builder builder() {
        return ComfySimulator.builder().home(home);
    }

    private static boolean until(BooleanSupplier condition, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    private static boolean idle(ComfySimulator simulator) {
        return until(simulator::isIdle, Duration.ofSeconds(20));
    }

    private static void sendRaw(ComfySimulator simulator, String id, double share, boolean reset) throws IOException {
        byte[] body = Json.write(TestHttp.request(TestHttp.small(1), "c", id)).getBytes(StandardCharsets.UTF_8);
        String head = "POST /prompt HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length + "\r\n\r\n";
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), simulator.url().getPort())) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(body, 0, (int) (body.length * share));
            socket.getOutputStream().flush();
            if (reset) {
                // A reset overtakes what the server has not read, so it is sent when the server has begun to.
                until(() -> ran(simulator, id), Duration.ofSeconds(5));
                socket.setSoLinger(true, 0);
            }
        }
    }

    private static boolean ran(ComfySimulator simulator, String id) {
        return simulator.executions().stream()
                .anyMatch(execution -> execution.promptId().equals(id));
    }

    @Test
    void submit_answerLost_isRunAllTheSameButHalfABodyIsNot() throws IOException {
        try (ComfySimulator simulator = builder().start()) {
            List<String> whole = new ArrayList<>();
            List<String> half = new ArrayList<>();

            for (int i = 0; i < 20; i++) {
                whole.add(UUID.randomUUID().toString());
                sendRaw(simulator, whole.get(i), 1, i % 2 == 0);
                half.add(UUID.randomUUID().toString());
                sendRaw(simulator, half.get(i), 0.5, false);
            }

            for (String id : whole) {
                assertThat(until(() -> ran(simulator, id), Duration.ofSeconds(5)))
                        .isTrue();
            }
            assertThat(idle(simulator)).isTrue();
            assertThat(half).noneMatch(id -> ran(simulator, id));
        }
    }

    @Test
    void look_inQueueThenHistory_neverMisses() throws Exception {
        try (ComfySimulator simulator = builder().start()) {
            TestHttp http = new TestHttp(simulator);
            for (int i = 0; i < 60; i++) {
                String id = http.submit(TestHttp.small(i), "c");
                for (int look = 0; look < 5; look++) {
                    boolean queued = http.json("/queue").toString().contains(id);
                    boolean ended = http.json("/history/" + id).has(id);
                    assertThat(queued || ended).as("look " + look + " for " + i).isTrue();
                }
            }
        }
    }

    @Test
    void history_afterTerminalFrame_mayMissButNotAfterExecutingNull() throws Exception {
        try (ComfySimulator simulator =
                        builder().historyDelay(Duration.ofMillis(150)).start();
                TestSocket socket = TestSocket.open(simulator, "c")) {
            TestHttp http = new TestHttp(simulator);

            String id = http.submit(TestHttp.small(1), "c");

            assertThat(socket.awaitFrame("execution_success", id)).isTrue();
            assertThat(http.json("/history/" + id)).isEmpty();
            assertThat(http.json("/queue").path("queue_running")).hasSize(1);
            assertThat(socket.awaitFrame("executing", id)).isTrue();
            assertThat(http.json("/history/" + id)
                            .path(id)
                            .path("status")
                            .path("completed")
                            .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void interrupt_atOnceAfterSubmit_bitesOrIsLostButNeverLeaks() throws Exception {
        try (ComfySimulator simulator = builder().timeScale(0.1).start();
                TestSocket socket = TestSocket.open(simulator, "c")) {
            TestHttp http = new TestHttp(simulator);
            for (int i = 0; i < 10; i++) {
                String id = http.submit(TestHttp.sleepy(0.3, 3, i), "c");
                assertThat(http.post("/interrupt", Json.object()).statusCode()).isEqualTo(200);
                assertThat(socket.awaitFrame("executing", id)).isTrue();
                assertThat(idle(simulator)).isTrue();
                http.post("/interrupt", Json.object()); // idle: must not reach the next one

                String next = http.submit(TestHttp.small(i), "c");
                assertThat(socket.awaitFrame("execution_success", next)).isTrue();
            }
            assertThat(simulator.executions()).extracting(Execution::ending).contains(Execution.Ending.INTERRUPTED);
        }
    }

    @Test
    void longChain_isTold_inNineHundredFramesOfEighteenMegabytes() throws Exception {
        try (ComfySimulator simulator = builder().start();
                TestSocket socket = TestSocket.open(simulator, "c")) {
            String id = new TestHttp(simulator).submit(chain(300, 7), "c");

            assertThat(socket.awaitFrame("executing", id)).isTrue();

            assertThat(socket.frames()).hasSize(912);
            assertThat(socket.frames().stream()
                            .mapToLong(frame -> Json.write(frame.shown()).length())
                            .sum())
                    .isBetween(17_000_000L, 19_500_000L);
        }
    }

    @Test
    void progress_quickSteps_areThinnedOutByNewerServersOnly() throws Exception {
        assertThat(progressFrames(ComfyVersion.V0_27_0)).isBetween(2L, 6L);
        assertThat(progressFrames(ComfyVersion.V0_3_64)).isEqualTo(40);
    }

    private long progressFrames(ComfyVersion version) throws Exception {
        try (ComfySimulator simulator = builder().version(version).start();
                TestSocket socket = TestSocket.open(simulator, "c")) {
            String id = new TestHttp(simulator).submit(TestHttp.sleepy(0.2, 40, 1), "c");
            assertThat(socket.awaitFrame("executing", id)).isTrue();
            return socket.frames().stream()
                    .filter(frame -> frame.type().equals("progress"))
                    .count();
        }
    }

    /** EmptyImage, then so many nodes less one, then SaveImage. */
    static ObjectNode chain(int nodes, int color) {
        ObjectNode prompt = Json.object();
        TestHttp.node(prompt, "1", "EmptyImage")
                .put("width", 8)
                .put("height", 8)
                .put("batch_size", 1)
                .put("color", color);
        for (int i = 2; i <= nodes; i++) {
            TestHttp.link(TestHttp.node(prompt, String.valueOf(i), "ImageInvert"), "image", String.valueOf(i - 1), 0);
        }
        ObjectNode save = TestHttp.node(prompt, String.valueOf(nodes + 1), "SaveImage");
        TestHttp.link(save.put("filename_prefix", "chain"), "images", String.valueOf(nodes), 0);
        return prompt;
    }

    @Test
    void socket_oddMessages_areSurvived() throws Exception {
        try (ComfySimulator simulator = builder().start();
                TestSocket socket = TestSocket.open(simulator, "/api/ws?clientId=c", true);
                TestSocket large = TestSocket.open(simulator, "d")) {
            HttpResponse<byte[]> plain = new TestHttp(simulator).get("/ws?clientId=x");
            JsonNode recorded =
                    Replay.load("ws-12-odds.json").path("events").path(0).path("response");
            assertThat(plain.statusCode()).isEqualTo(recorded.path("status").asInt());
            assertThat(new String(plain.body(), StandardCharsets.UTF_8))
                    .isEqualTo(recorded.path("body_text").asText());

            socket.send("not json").join();
            socket.send(new byte[] {1, 2}).join();
            socket.send("{\"type\": \"feature_flags\", \"data\": {\"supports_preview_metadata\": true}}")
                    .join();

            assertThat(socket.await(frames -> frames.size() == 2, Duration.ofSeconds(5)))
                    .isTrue();
            assertThat(socket.frames().get(1).type()).isEqualTo("feature_flags");
            socket.send("{\"type\": \"feature_flags\", \"data\": {}}").join(); // not the first: no answer
            assertThat(socket.await(frames -> frames.size() > 2, Duration.ofMillis(300)))
                    .isFalse();

            large.send("x".repeat(5 * 1024 * 1024)).exceptionally(e -> null).join();
            assertThat(large.awaitClose(Duration.ofSeconds(5))).isIn(1009, 1006);
        }
    }

    @Test
    void socket_clientThatDoesNotRead_blocksAllOthers() throws Exception {
        try (ComfySimulator simulator = builder().start();
                TestSocket healthy = TestSocket.open(simulator, "a")) {
            TestSocket slow = TestSocket.open(simulator, "/ws?clientId=s", false);
            TestHttp http = new TestHttp(simulator);
            http.submit(chain(300, 9), "s");

            String id = http.submit(TestHttp.small(3), "a");

            assertThat(idle(simulator)).as("the worker goes on").isTrue();
            assertThat(http.json("/history/" + id).has(id)).isTrue();
            assertThat(healthy.await(
                            frames -> frames.stream()
                                    .anyMatch(frame -> frame.type().startsWith("execution")),
                            Duration.ofMillis(500)))
                    .isFalse();

            slow.abort();

            assertThat(healthy.awaitFrame("executing", id)).isTrue();
        }
    }
}
