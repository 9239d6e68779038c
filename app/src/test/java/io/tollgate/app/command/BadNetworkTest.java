package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.app.client.ApiClient;
import io.tollgate.app.client.Backoff;
import io.tollgate.app.client.CuttingProxy;
import io.tollgate.app.client.JobWatch;
import io.tollgate.app.client.ServerAddress;
import io.tollgate.app.command.Cli.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands against a server whose connections break. */
final class BadNetworkTest {
    private static final Backoff QUICK = new Backoff(20, Duration.ofMillis(5), Duration.ofMillis(20));

    @TempDir
    private Path dir;

    private Path photo = Path.of("");
    private Served server;
    private CuttingProxy proxy;

    @BeforeEach
    void open() throws IOException {
        photo = Cli.photo(dir.resolve("photo.jpg"));
        server = Served.at(dir.resolve("served"));
        proxy = new CuttingProxy(server.url());
        server.ok("credits grant local 100");
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    private Run run(String line, Object... arguments) {
        return Served.run(proxy.url(), server.key(), line, arguments);
    }

    @Test
    void submit_answerLost_isOneJob() {
        server.ok("queues pause image");
        proxy.cut("POST /api/v2/jobs ", 0, 1);

        Run run = run("submit image-enhance -i image=@%s --json", photo);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(proxy.cuts()).isEqualTo(1);
        assertThat(server.json("jobs list").path("jobs").findValuesAsText("queue_position"))
                .hasSize(1);
        assertThat(server.json("credits show").path("held").asInt()).isEqualTo(10);
    }

    @Test
    void submit_allAnswersLost_saysHowToFindOut() {
        server.ok("queues pause image");
        proxy.cut("POST /api/v2/jobs ", 0, 100);

        Run run = run("submit image-enhance -i image=@%s", photo);

        assertThat(run.code()).isEqualTo(1);
        String advice = run.err().lines().reduce("", (first, last) -> last);
        assertThat(advice).contains("whether the job was taken is not known", "--idempotency-key ");
        assertThat(server.json("jobs list").path("jobs")).hasSize(1);
        proxy.cut("\0", 0, 0);
        String key = advice.substring(advice.indexOf("--idempotency-key ") + 18).strip();
        Run again = run("submit image-enhance -i image=@%s --idempotency-key %s", photo, key);
        assertThat(again.code()).as(key + ": " + again.err()).isZero();
        assertThat(server.json("jobs list").path("jobs")).hasSize(1);
    }

    @Test
    void grant_answerLost_isGivenOnce() {
        proxy.cut("POST /api/admin/users/ann/grant", 0, 1);

        Run run = run("credits grant ann 7 --json");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(proxy.cuts()).isEqualTo(1);
        assertThat(server.json("credits history ann").path("entries").findValuesAsText("amount"))
                .containsOnlyOnce("7");
    }

    @Test
    void grant_allAnswersLost_saysHowToFindOut() {
        proxy.cut("POST /api/admin/users/ann/grant", 0, 100);

        Run run = run("credits grant ann 7");

        assertThat(run.code()).isEqualTo(1);
        String advice = run.err().lines().reduce("", (first, last) -> last);
        assertThat(advice).contains("whether it was booked is not known", "--idempotency-key ");
        proxy.cut("\0", 0, 0);
        String key = advice.substring(advice.indexOf("--idempotency-key ") + 18).strip();
        Run again = run("credits grant ann 7 --idempotency-key %s", key);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(server.json("credits history ann").path("entries").findValuesAsText("amount"))
                .containsOnlyOnce("7");
    }

    @Test
    void retry_answerLost_saysWhereToLook() {
        server.ok("queues pause image");
        String id = server.json("submit image-enhance -i image=@%s", photo)
                .path("id")
                .asText();
        server.ok("jobs cancel %s", id);
        proxy.cut("POST /api/v2/jobs/" + id + "/retry", 0, 100);

        Run run = run("jobs retry %s", id);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("is not known: look with 'tollgate jobs list' first");
        assertThat(proxy.cuts()).isEqualTo(1);
        assertThat(server.json("jobs list").path("jobs")).hasSize(2);
    }

    @Test
    void upload_answerLost_isNotSentAgain() {
        server.ok("queues pause image");
        proxy.cut("POST /api/v2/assets ", 0, 1);

        Run run = run("submit image-enhance -i image=@%s", photo);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(proxy.cuts()).isEqualTo(1);
        assertThat(run.err()).contains("the server has it");
    }

    @Test
    void watch_cutInTheMiddle_tellsEachStatusOnce() throws Exception {
        server.ok("queues pause image");
        String id = server.json("submit image-enhance -i image=@%s", photo)
                .path("id")
                .asText();
        List<String> statuses = new CopyOnWriteArrayList<>();
        CountDownLatch queued = new CountDownLatch(1);
        CountDownLatch lost = new CountDownLatch(1);
        ServerAddress address = ServerAddress.of(proxy.url().toString(), Optional.of(server.key()));

        try (ApiClient client = new ApiClient(address, "test", QUICK, line -> {})) {
            CompletableFuture<Void> watching =
                    CompletableFuture.runAsync(() -> new JobWatch(client, QUICK).follow(id, new JobWatch.Listener() {
                        @Override
                        public void status(String status, JsonNode event) {
                            statuses.add(status);
                            queued.countDown();
                        }

                        @Override
                        public void moved(String kind, JsonNode event) {
                            // not looked at here
                        }

                        @Override
                        public void lost(String why, Duration wait) {
                            lost.countDown();
                        }
                    }));
            assertThat(queued.await(30, TimeUnit.SECONDS)).isTrue();
            proxy.cut("GET /api/v2/jobs/" + id + "/events", 600, 3); // the new connections, too
            proxy.cutAll();
            assertThat(lost.await(30, TimeUnit.SECONDS)).isTrue();
            server.ok("queues resume image");
            watching.get(60, TimeUnit.SECONDS);
        }

        assertThat(statuses).containsExactly("queued", "running", "succeeded");
    }

    @Test
    void watch_cut_saysSoAndGoesOn() {
        String id = server.json("submit image-enhance -i image=@%s", photo)
                .path("id")
                .asText();
        proxy.cut("GET /api/v2/jobs/" + id + "/events", 40, 1);

        Run run = run("jobs watch %s", id);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("broke", "trying again in");
        assertThat(run.out()).contains("status    succeeded");
    }

    @Test
    void download_cut_goesOnBehindWhatCame() throws IOException {
        String id = server.json("submit image-enhance -i image=@%s -i scale=4", photo)
                .path("id")
                .asText();
        server.ok("jobs watch %s --out %s", id, dir.resolve("whole"));
        proxy.cut("GET /api/v2/assets/", 1500, 2);

        Run run = run("jobs watch %s --out %s --json", id, dir.resolve("parts"));

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(proxy.cuts()).isEqualTo(2);
        String name = "image-enhance-" + id.substring(24) + ".jpg";
        assertThat(dir.resolve("parts").resolve(name))
                .hasSameBinaryContentAs(dir.resolve("whole").resolve(name));
        try (var files = java.nio.file.Files.list(dir.resolve("parts"))) {
            assertThat(files).hasSize(1);
        }
    }
}
