package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.tollgate.queue.backend.RecordingListener;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.RunId;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls to a server that answers what a test tells it to. */
final class ComfyHttpTest {
    private static final byte[] STATS =
            "{\"system\": {\"comfyui_version\": \"0.27.0\"}}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private volatile HttpHandler answer = exchange -> send(exchange, 200, STATS);
    private final AtomicInteger calls = new AtomicInteger();
    private final List<String> watched = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private Bench bench;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            calls.incrementAndGet();
            answer.handle(exchange);
        });
        server.start();
        bench = new Bench(folder);
    }

    @AfterEach
    void close() {
        over.countDown();
        bench.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private ComfySettings settings() {
        return Bench.settings(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/comfy/"));
    }

    private ComfyHttp http(ComfySettings settings) {
        return new ComfyHttp(
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .executor(bench.executor)
                        .build(),
                settings,
                bench.executor,
                bench.timers,
                InstantSource.system(),
                (call, outcome, took) -> watched.add(call + " " + outcome));
    }

    private ComfyApi api(ComfySettings settings) {
        return new ComfyApi(http(settings), settings);
    }

    private static ComfyError error(CompletableFuture<?> call) throws Exception {
        return Bench.await(call.handle((result, problem) -> ComfyException.errorOf(problem)));
    }

    @Test
    void call_behindAProxy_keepsPathAndHeaders() throws Exception {
        List<String> seen = new ArrayList<>();
        answer = exchange -> {
            seen.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("X-Key"));
            send(exchange, 200, STATS);
        };

        String version = Bench.await(
                api(settings().withHeaders(Map.of("X-Key", "s3cret"))).systemStats());

        assertThat(version).isEqualTo("0.27.0");
        assertThat(seen).containsExactly("/comfy/system_stats s3cret");
    }

    @Test
    void call_withTooLongAnAnswer_isGivenUp() throws Exception {
        answer = exchange -> send(exchange, 200, new byte[100_000]);

        ComfyError error = error(api(settings().withLongest(new ComfySettings.Longest(10_000, 10_000, 10_000)))
                .queue());

        assertThat(error).isInstanceOf(ComfyError.TooLarge.class);
    }

    @Test
    void call_whoseBodyNeverComes_isGivenUpInTime() throws Exception {
        answer = exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        Duration second = Duration.ofMillis(300);
        ComfySettings hasty =
                settings().withDeadlines(new ComfySettings.Deadlines(second, second, second, second, second, second));

        assertThat(error(api(hasty).systemStats())).isInstanceOf(ComfyError.TimedOut.class);
        assertThatThrownBy(() -> {
                    try (InputStream in = http(hasty).open("/view", "a file")) {
                        in.readAllBytes();
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("stood still");
    }

    @Test
    void call_thatOnlyAsks_isRepeated() throws Exception {
        answer = exchange -> send(
                exchange,
                calls.get() < 3 ? 503 : 200,
                "{\"queue_running\": [], \"queue_pending\": []}".getBytes(StandardCharsets.UTF_8));

        assertThat(Bench.await(api(settings()).queue()).running()).isEmpty();
        assertThat(calls).hasValue(3);
    }

    @Test
    void call_eachTry_isToldByItsRouteAndOutcomeWithoutIds() throws Exception {
        answer = exchange -> send(exchange, calls.get() < 2 ? 503 : 200, new byte[] {'{', '}'});
        ComfyApi api = api(settings());

        Bench.await(api.history("a-run"));
        answer = exchange -> send(exchange, 403, new byte[0]);
        error(api.queue());

        assertThat(watched).containsExactly("GET /history error", "GET /history ok", "GET /queue refused");
    }

    @Test
    void circuit_serverThatIsGone_opensAndItsCallsAreToldSo() throws Exception {
        server.stop(0);
        ComfyHttp http = http(settings());
        ComfyApi api = new ComfyApi(http, settings());
        assertThat(http.circuit()).isEqualTo("closed");

        error(api.queue());
        error(api.queue());
        error(api.queue());

        assertThat(http.circuit()).isEqualTo("open");
        assertThat(watched).contains("GET /queue unreachable", "GET /queue circuit_open");
        http.alive();
        assertThat(http.circuit()).isEqualTo("closed");
    }

    @Test
    void call_thatDoes_isNotRepeated() throws Exception {
        answer = exchange -> send(exchange, 503, new byte[0]);

        ComfyError error = error(api(settings()).submit(Json.MAPPER.createObjectNode(), List.of()));

        assertThat(error).isInstanceOf(ComfyError.Busy.class);
        assertThat(error.neverArrived()).isFalse();
        assertThat(calls).hasValue(1);
    }

    @Test
    void call_thatIsForbidden_certainlyNeverArrived() throws Exception {
        answer = exchange -> send(exchange, 403, new byte[0]);

        ComfyError error = error(api(settings()).submit(Json.MAPPER.createObjectNode(), List.of()));

        assertThat(error).isInstanceOf(ComfyError.Forbidden.class);
        assertThat(error.neverArrived()).isTrue();
    }

    @Test
    void calls_beyondTheConnections_wait() throws Exception {
        CyclicBarrier full = new CyclicBarrier(3);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        answer = exchange -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            try {
                full.await(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IOException(e);
            } finally {
                now.decrementAndGet();
            }
            send(exchange, 200, STATS);
        };
        ComfyApi api = api(settings().withConnections(6)); // three of them for files

        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(api.systemStats());
        }

        for (CompletableFuture<String> one : all) {
            assertThat(Bench.await(one)).isEqualTo("0.27.0");
        }
        assertThat(most).hasValue(3);
    }

    @Test
    void calls_toADeadServer_areNotMadeForAWhileUnlessItIsProbed() throws Exception {
        ComfyApi api = api(settings());
        server.stop(0);
        for (int i = 0; i < 4; i++) {
            assertThat(error(api.queue())).isInstanceOf(ComfyError.Unreachable.class);
        }

        assertThat(error(api.queue()).message()).contains("did not answer a moment ago");
        assertThat(error(api.systemStats()).message()).contains("no connection");
    }

    @Test
    void open_ofFilesThatAreGone_saysNothingAboutTheServer() throws Exception {
        ComfyHttp http = http(settings());
        answer = exchange -> send(exchange, calls.get() % 2 == 0 ? 404 : 500, new byte[0]);

        for (int i = 0; i < 12; i++) {
            assertThatThrownBy(() -> http.open("/view", "a file").close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("status");
        }

        assertThat(calls).hasValue(12);
    }

    @Test
    void call_withoutAFreeConnection_isCongestedAndSaysNothingAboutTheServer() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        answer = exchange -> {
            try {
                held.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            send(exchange, 200, STATS);
        };
        Duration hasty = Duration.ofMillis(200);
        Duration patient = Duration.ofSeconds(20);
        ComfyApi api = api(settings()
                .withConnections(2)
                .withDeadlines(new ComfySettings.Deadlines(patient, patient, hasty, patient, patient, patient)));
        CompletableFuture<String> busy = api.systemStats();

        for (int i = 0; i < 12; i++) {
            ComfyError error = error(api.submit(Json.MAPPER.createObjectNode(), List.of()));
            assertThat(error).isInstanceOf(ComfyError.Congested.class);
            assertThat(error.neverArrived()).isTrue();
            assertThat(error.saysDead()).isFalse();
        }
        held.countDown();

        assertThat(Bench.await(busy)).isEqualTo("0.27.0");
        assertThat(calls).hasValue(1);
    }

    /** A server that lists this queue, and in its history these entries. */
    private void answers(String version, String queue, String history) {
        answer = exchange -> {
            String path = exchange.getRequestURI().getPath();
            String body = path.endsWith("/system_stats")
                    ? "{\"system\": {\"comfyui_version\": \"" + version + "\"}}"
                    : path.endsWith("/queue") ? queue : path.contains("/history") ? history : "";
            send(exchange, body.isEmpty() ? 404 : 200, body.getBytes(StandardCharsets.UTF_8));
        };
    }

    @Test
    void run_whoseCopySomebodyQueued_isNotTakenForIt() throws Exception {
        RunId run = Bench.newRunId();
        String label = "{\"tollgate\": {\"run\": \"" + run + "\"}}";
        answers(
                "0.3.64",
                "{\"queue_running\": [[1, \"" + Bench.newRunId() + "\", {}, " + label
                        + ", []]], \"queue_pending\": []}",
                "{\"" + run + "\": {\"prompt\": [1, \"" + run
                        + "\", {\"4\": {\"class_type\": \"Raise\", \"inputs\": {\"t\":"
                        + " \"a red fox\"}}}, " + label
                        + ", []], \"outputs\": {}, \"status\": {\"status_str\": \"error\", \"messages\": [[\"execution_error\","
                        + " {\"node_id\": \"4\", \"node_type\": \"Raise\", \"exception_message\": \"bad: a red fox\"}]]}}}");
        RecordingListener listener = new RecordingListener();

        bench.backend(settings()).attach(run, listener);

        RunOutcome outcome = listener.awaitEnded();
        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        assertThat(((RunOutcome.Failed) outcome).failure().message())
                .contains("bad: …")
                .doesNotContain("fox");
    }

    @Test
    void run_whoseEntryIsTooLong_fails() throws Exception {
        RunId run = Bench.newRunId();
        answers(
                "0.3.64",
                "{\"queue_running\": [], \"queue_pending\": []}",
                "{\"" + run + "\": \"" + "x".repeat(20_000) + "\"}");
        RecordingListener listener = new RecordingListener();

        bench.backend(settings().withLongest(new ComfySettings.Longest(10_000, 10_000, 10_000)))
                .attach(run, listener);

        RunOutcome outcome = listener.awaitEnded();
        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        assertThat(((RunOutcome.Failed) outcome).failure().kind()).isEqualTo(Failure.Kind.PROTOCOL);
    }

    @Test
    void run_missedOnceByAStalledServer_isNotLost() throws Exception {
        RunId run = Bench.newRunId();
        AtomicInteger asked = new AtomicInteger();
        String entry = "{\"" + run + "\": {\"prompt\": [1, \"" + run + "\", {}, {}, []], \"outputs\": {}, "
                + "\"status\": {\"status_str\": \"success\", \"messages\": []}}}";
        answer = exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (path.endsWith("/system_stats")) {
                send(exchange, 200, "{\"system\": {\"comfyui_version\": \"0.3.64\"}}".getBytes(StandardCharsets.UTF_8));
            } else if (path.endsWith("/queue")) {
                send(exchange, 200, "{\"queue_running\": [], \"queue_pending\": []}".getBytes(StandardCharsets.UTF_8));
            } else if (path.contains("/history/")) {
                send(exchange, 200, (asked.incrementAndGet() < 3 ? "{}" : entry).getBytes(StandardCharsets.UTF_8));
            } else {
                send(exchange, 404, new byte[0]);
            }
        };
        RecordingListener listener = new RecordingListener();

        bench.backend(settings()).attach(run, listener);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
    }
}
