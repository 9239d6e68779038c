package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.http.ApiHouse.Seen;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.memory.MemoryMediaStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class WorkerRoutesTest extends ApiTest {
    private static final String JOBS = "/api/v2/jobs";
    private static final String CLAIM = "/api/worker/claim";
    private static final byte[] PNG = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private final AtomicReference<String> unreadable = new AtomicReference<>("");
    private String worker = "";

    @Override
    ApiHouse furnished() {
        return new ApiHouse(
                home,
                true,
                JobPolicy.DEFAULT,
                builder -> builder.media(media()).workflows(ApiHouse.fetch("fetch"), ApiHouse.fetch("other")),
                Settings.with(Duration.ofSeconds(1), Duration.ofSeconds(15), 20),
                new CallRates(0, 0));
    }

    /** Files in memory, with a defect for one of them. */
    private MediaStore media() {
        MediaStore files = new MemoryMediaStore();
        return (MediaStore) Proxy.newProxyInstance(
                MediaStore.class.getClassLoader(), new Class<?>[] {MediaStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("find")
                            && arguments[0].toString().equals(unreadable.get())) {
                        throw new IllegalStateException("thrown by the test's files");
                    }
                    try {
                        return method.invoke(files, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @BeforeEach
    void makeKey() {
        worker = house.key(ApiHouse.BEN, EnumSet.of(Scope.WORKER));
    }

    private String submit(String body) {
        Seen seen = house.post(JOBS, house.ann, body);
        assertThat(seen.status()).as(seen.text()).isEqualTo(201);
        return seen.json().path("id").asText();
    }

    private String submit() {
        return submit("{\"workflow\":\"fetch\",\"inputs\":{\"prompt\":\"a boat\",\"seed\":7}}");
    }

    private List<JsonNode> claim(String body) {
        Seen seen = house.post(CLAIM, worker, body);
        assertThat(seen.status()).as(seen.text()).isEqualTo(200);
        List<JsonNode> runs = new ArrayList<>();
        seen.json().path("runs").forEach(runs::add);
        return runs;
    }

    private JsonNode run() {
        List<JsonNode> runs = claim("{\"wait\":20}");
        assertThat(runs).hasSize(1);
        return runs.get(0);
    }

    private Seen tell(JsonNode run, String what, String body) {
        return house.call("POST", path(run, what), worker, body, Map.of("X-Worker-Token", token(run)));
    }

    private static String path(JsonNode run, String what) {
        return "/api/worker/runs/" + run.path("run_id").asText() + "/" + what;
    }

    private static String token(JsonNode run) {
        return run.path("token").asText();
    }

    private JsonNode job(String id) {
        return house.get(JOBS + "/" + id, house.ann).json();
    }

    private JsonNode ended(String id) {
        return house.get(JOBS + "/" + id + "?wait=30&until=end", house.ann).json();
    }

    @Test
    void worker_withNothingButCalls_doesAJob() {
        Seen photo = house.upload(house.ann, "boat.png", PNG, Map.of());
        String asset = photo.json().path("id").asText();
        String job = submit(
                "{\"workflow\":\"fetch\",\"inputs\":{\"prompt\":\"a boat\",\"seed\":7,\"photo\":\"" + asset + "\"}}");

        JsonNode run = run();
        JsonNode file = run.path("files").path(0);
        Seen bytes = house.get(file.path("url").asText(), "");
        Seen beat = tell(run, "heartbeat", "{\"step\":1,\"steps\":4,\"message\":\"on it\"}");
        ApiHouse.await(() -> job(job).path("progress").path("value").asDouble() == 0.25);
        Seen done = house.files(path(run, "complete"), worker, token(run), Map.of("../../etc/boat.png", PNG));

        assertThat(run.path("job_id").asText()).isEqualTo(job);
        assertThat(run.path("workflow").asText()).isEqualTo("fetch");
        assertThat(run.path("lease_seconds").asDouble()).isEqualTo(30);
        assertThat(run.path("inputs").path("seed").asInt()).isEqualTo(7);
        assertThat(run.toString()).doesNotContain(ApiHouse.ANN.value());
        assertThat(bytes.response().body()).isEqualTo(PNG);
        assertThat(beat.json().path("cancel").asBoolean()).isFalse();
        assertThat(done.status()).as(done.text()).isEqualTo(200);
        JsonNode now = job(job);
        assertThat(now.path("status").asText())
                .as("stored before it is answered")
                .isEqualTo("succeeded");
        assertThat(now.path("outputs").path(0).path("name").asText()).isEqualTo("boat.png");
        assertThat(now.path("outputs").path(0).path("content_type").asText()).isEqualTo("image/png");
    }

    @Test
    void heartbeat_withAMessageAlone_isShownWithTheProgressToldLast() {
        String job = submit();
        JsonNode run = run();
        tell(run, "heartbeat", "{\"progress\":0.5,\"message\":\"sampling\"}");
        ApiHouse.await(() -> job(job).path("progress").path("value").asDouble() == 0.5);

        assertThat(tell(run, "heartbeat", "{\"message\":\"saving\"}").status()).isEqualTo(200);

        ApiHouse.await(() -> job(job).path("progress").path("message").asText().equals("saving"));
        assertThat(job(job).path("progress").path("value").asDouble()).isEqualTo(0.5);
    }

    @Test
    void heartbeat_withAStepOfNobodyKnowsHowMany_isRefused() {
        submit();
        JsonNode run = run();

        Seen seen = tell(run, "heartbeat", "{\"step\":3}");

        assertThat(seen.status()).isEqualTo(422);
        assertThat(seen.text()).contains("steps");
        assertThat(tell(run, "heartbeat", "{\"step\":3,\"steps\":4}").status()).isEqualTo(200);
    }

    @Test
    void claim_ofARunThatCantBeTold_failsItAndHandsTheNext() {
        String photo = house.upload(house.ann, "boat.png", PNG, Map.of())
                .json()
                .path("id")
                .asText();
        String broken = submit("{\"workflow\":\"fetch\",\"inputs\":{\"photo\":\"" + photo + "\"}}");
        unreadable.set(photo);

        List<JsonNode> none = claim("{\"wait\":20}");
        String next = submit();
        JsonNode run = claim("{\"wait\":20,\"models\":[\"fetch\"]}").get(0);

        assertThat(none).isEmpty();
        JsonNode attempt = job(broken).path("attempts").path(0);
        assertThat(attempt.path("error").path("code").asText()).isEqualTo("internal");
        assertThat(run.path("job_id").asText()).isEqualTo(next);
    }

    @Test
    void complete_again_isAnsweredTheSameAndChangesNothing() {
        String job = submit();
        JsonNode run = run();

        Seen first = house.files(path(run, "complete"), worker, token(run), Map.of("boat.png", PNG));
        Seen again = house.files(
                path(run, "complete"),
                worker,
                token(run),
                Map.of("other.png", "other".getBytes(StandardCharsets.UTF_8)));

        assertThat(first.status()).isEqualTo(200);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(job(job).path("outputs")).hasSize(1);
        assertThat(tell(run, "fail", "{\"code\":\"backend\"}").code()).isEqualTo("invalid_state");
        assertThat(tell(run, "heartbeat", "{}").status()).isEqualTo(409);
        ApiHouse.await(() -> files(home.resolve("uploads")) == 0);
    }

    private static long files(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void complete_ofSeveralFiles_keepsTheirOrder() {
        String job = submit();
        JsonNode run = run();
        Map<String, byte[]> files = new LinkedHashMap<>();
        byte[] large = new byte[200_000]; // goes to disk
        for (String name : List.of("c.bin", "a.bin", "b.bin")) {
            files.put(name, large);
        }

        Seen done = house.files(path(run, "complete"), worker, token(run), files);

        assertThat(done.status()).as(done.text()).isEqualTo(200);
        assertThat(job(job).path("outputs").findValuesAsText("name")).containsExactly("c.bin", "a.bin", "b.bin");
    }

    @Test
    void complete_withoutFiles_isAFailure() {
        String job = submit();

        assertThat(tell(run(), "complete", "{}").status()).isEqualTo(200);

        assertThat(job(job).path("status").asText()).isEqualTo("queued");
        assertThat(job(job).path("attempts").path(0).path("error").path("code").asText())
                .isEqualTo("backend");
    }

    @Test
    void complete_tooLarge_isRefusedAndTheRunGoesOn() {
        submit();
        JsonNode run = run();

        Seen huge =
                house.files(path(run, "complete"), worker, token(run), Map.of("huge.bin", new byte[101 * 1024 * 1024]));

        assertThat(huge.status()).isEqualTo(413);
        assertThat(tell(run, "heartbeat", "{}").status()).isEqualTo(200);
    }

    @Test
    void fail_saysWhetherTheJobIsTriedAgain() {
        String bad = submit();
        assertThat(tell(run(), "fail", "{\"code\":\"bad_input\",\"message\":\"no picture\"}")
                        .json()
                        .path("outcome")
                        .asText())
                .isEqualTo("failed");
        assertThat(job(bad).path("status").asText()).isEqualTo("failed");
        String again = submit();
        assertThat(tell(run(), "fail", "{\"code\":\"out_of_memory\"}").status()).isEqualTo(200);
        assertThat(job(again).path("status").asText()).isEqualTo("queued");
        String hopeless = submit();
        assertThat(tell(run(), "fail", "{\"code\":\"out_of_memory\",\"retryable\":false}")
                        .status())
                .isEqualTo(200);
        assertThat(job(hopeless).path("status").asText()).isEqualTo("failed");
    }

    @Test
    void cancel_isToldAtTheHeartbeat() {
        String job = submit();
        JsonNode run = run();
        house.post(JOBS + "/" + job + "/cancel", house.ann, "");
        ApiHouse.await(() -> tell(run, "heartbeat", "{}").json().path("cancel").asBoolean());
        assertThat(job(job).path("status").asText()).isEqualTo("canceling");

        Seen told = tell(run, "fail", "{\"code\":\"canceled\"}");

        assertThat(told.json().path("outcome").asText()).isEqualTo("canceled");
        assertThat(ended(job).path("status").asText()).isEqualTo("canceled");
    }

    @Test
    void token_ofAnotherRun_opensNothing() {
        submit();
        submit();
        JsonNode first = run();
        JsonNode second = run();

        for (String what : List.of("heartbeat", "complete", "fail")) {
            Seen seen = house.call(
                    "POST",
                    path(first, what),
                    worker,
                    what.equals("fail") ? "{\"code\":\"backend\"}" : "{}",
                    Map.of("X-Worker-Token", token(second)));
            assertThat(seen.status()).as(what).isEqualTo(403);
        }
        assertThat(house.post(path(first, "heartbeat"), worker, "{}").status()).isEqualTo(422);
        assertThat(house.files(path(first, "complete"), worker, token(second), Map.of("a.png", PNG))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void scope_ofWorkers_opensNothingElseAndNoOtherOpensTheirs() {
        submit();

        assertThat(house.get(JOBS, worker).status()).isEqualTo(403);
        assertThat(house.post(JOBS, worker, "{\"workflow\":\"draw\"}").status()).isEqualTo(403);
        assertThat(house.get("/api/v2/credits", worker).status()).isEqualTo(403);
        assertThat(house.get("/api/admin/stats", worker).status()).isEqualTo(403);
        String others = house.key(ApiHouse.ANN, EnumSet.complementOf(EnumSet.of(Scope.WORKER)));
        assertThat(house.post(CLAIM, others, "{}").status()).isEqualTo(403);
        assertThat(house.post(CLAIM, "", "{}").status()).isEqualTo(401);
    }

    @Test
    void claim_ofCertainModels_isGivenNoOthers() {
        submit();
        String other = submit("{\"workflow\":\"other\"}");

        List<JsonNode> runs = claim("{\"models\":[\"other\"],\"wait\":20}");

        assertThat(runs)
                .singleElement()
                .satisfies(run -> assertThat(run.path("job_id").asText()).isEqualTo(other));
    }

    @Test
    void claim_thatWaitsLongerThanConnectionsMayBeSilent_isAnswered() {
        assertThat(claim("{\"wait\":3}")).isEmpty();
        CompletableFuture<JsonNode> waiting = CompletableFuture.supplyAsync(this::run);
        ApiHouse.await(() -> house.box.waiting() == 1);

        String job = submit();

        assertThat(waiting.join().path("job_id").asText()).isEqualTo(job);
    }

    @Test
    void claim_ofACallerWhoHungUp_swallowsNoRun() throws Exception {
        String body = "{\"wait\":60,\"worker\":\"gone\"}";
        try (Socket gone = new Socket(InetAddress.getLoopbackAddress(), house.server.port())) {
            gone.getOutputStream()
                    .write(("POST " + CLAIM + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + worker
                                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            ApiHouse.await(() -> house.box.waiting() == 1);
        }
        CompletableFuture<JsonNode> there = CompletableFuture.supplyAsync(this::run);
        ApiHouse.await(() -> house.box.waiting() == 2);

        String job = submit();

        assertThat(there.join().path("job_id").asText()).isEqualTo(job);
        assertThat(job(job).path("attempts")).hasSize(1);
    }

    @Test
    void claims_thatRace_getEachRunOnce() {
        int all = 4;
        for (int i = 0; i < all; i++) {
            submit();
        }
        ExecutorService threads = Executors.newFixedThreadPool(2 * all);
        try {
            List<CompletableFuture<List<JsonNode>>> answers = new ArrayList<>();
            for (int i = 0; i < 2 * all; i++) {
                answers.add(CompletableFuture.supplyAsync(() -> claim("{\"wait\":5}"), threads));
            }

            List<String> runs = answers.stream()
                    .flatMap(answer -> answer.join().stream())
                    .map(run -> run.path("run_id").asText())
                    .toList();

            assertThat(runs).hasSize(all).doesNotHaveDuplicates();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void claims_ofOneKey_areLimited() {
        List<CompletableFuture<Seen>> waiting = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(101);
        try {
            for (int i = 0; i < 101; i++) {
                waiting.add(CompletableFuture.supplyAsync(() -> house.post(CLAIM, worker, "{\"wait\":10}"), threads));
            }
            Object first = CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new))
                    .join();

            assertThat(((Seen) first).status()).isEqualTo(429);
            assertThat(((Seen) first).header("Retry-After")).isNotEmpty();
            assertThat(house.get("/healthz", "").status()).as("no thread waits").isEqualTo(200);
            house.server.close();
            assertThat(waiting)
                    .extracting(answer -> answer.join().status())
                    .as("all are answered when the server stops")
                    .containsOnlyOnce(429)
                    .allMatch(status -> status == 200 || status == 429);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void readyz_withoutAnyWorker_isReadyForThemToCome() {
        house.tollgate.operations().registry().pause(house.gpu.id(), true);

        assertThat(house.get("/readyz", "").status()).isEqualTo(200);
    }

    @Test
    void backends_showHowManyWorkersThereAre() {
        String admin = house.key(ApiHouse.ANN, EnumSet.of(Scope.ADMIN));
        claim("{\"worker\":\"a\"}");
        claim("{\"worker\":\"b\"}");

        JsonNode box =
                house.get("/api/admin/backends", admin).json().path("backends").path(1);

        assertThat(box.path("id").asText()).isEqualTo("box");
        assertThat(box.path("workers").asInt()).isEqualTo(2);
        assertThat(box.path("state").asText()).isEqualTo("ready");
    }
}
