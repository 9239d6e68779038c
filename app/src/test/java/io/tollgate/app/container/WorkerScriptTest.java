package io.tollgate.app.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.UploadRequest;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code docs/worker.sh} to a real server. Needs bash, curl and jq, as the script does. */
@Timeout(240)
final class WorkerScriptTest {
    private static final Path SCRIPT = Path.of("..", "docs", "worker.sh");
    private static final UserId ANN = new UserId("ann");
    private static final long PATIENCE_SECONDS = 100;
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");

    @TempDir
    private Path dir = Path.of("");

    private final List<Process> workers = new ArrayList<>();
    private ServiceContainer server = none();
    private String jobsKey = "";
    private String workerKey = "";

    @SuppressWarnings("NullAway") // before each test
    private static ServiceContainer none() {
        return null;
    }

    @BeforeEach
    void serve() {
        for (String tool : List.of("bash", "curl", "jq")) {
            assumeTrue(isInstalled(tool), "the script needs " + tool + ", which isn't here");
        }
        server = open();
        jobsKey = key(ANN, Scope.JOBS);
        workerKey = key(new UserId("box"), Scope.WORKER);
    }

    private ServiceContainer open() {
        TollgateConfig config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "data-dir", dir.toString(),
                                "database.url", "jdbc:sqlite:" + dir.resolve("tollgate.db"),
                                "http.port", "0",
                                "dispatch.retry.base", "0s",
                                "dispatch.stop-grace", "1s",
                                "backends.box.type", "worker",
                                "backends.box.lease", "6s"))
                .config();
        return ServiceContainer.open(config, Access.WORK, "tollgate serve", new HttpModule());
    }

    @AfterEach
    void stop() {
        for (Process worker : workers) {
            worker.descendants().forEach(ProcessHandle::destroyForcibly);
            worker.destroyForcibly();
        }
        if (server != null) {
            server.close();
        }
    }

    private static boolean isInstalled(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    private String key(UserId user, Scope scope) {
        return server.keys()
                .create(user, EnumSet.of(scope), Optional.empty(), "test")
                .secret();
    }

    /** Submits a job of a shipped workflow over HTTP. */
    private JobId submit() throws Exception {
        Asset photo;
        try (InputStream sample =
                Objects.requireNonNull(WorkerScriptTest.class.getResourceAsStream("/io/tollgate/app/sample.jpg"))) {
            photo = server.tollgate()
                    .upload(ANN, UploadRequest.named("sample.jpg"), sample)
                    .asset();
        }
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.http().url().resolve("/api/v2/jobs"))
                                .header("Authorization", "Bearer " + jobsKey)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"workflow\":\"image-enhance\",\"inputs\":{\"image\":\"" + photo.id()
                                                + "\"}}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        Matcher id = ID.matcher(answer.body());
        assertThat(id.find()).isTrue();
        return JobId.parse(id.group(1));
    }

    private String call(String path, String contentType, String token, String body) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.http().url().resolve("/api/worker/" + path))
                                .header("Authorization", "Bearer " + workerKey)
                                .header("Content-Type", contentType)
                                .header("X-Worker-Token", token)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    private static String value(String name, String json) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(json);
        assertThat(found.find()).as(json).isTrue();
        return found.group(1);
    }

    @Test
    void worker_overARestartOfTheServer_justGoesOn() throws Exception {
        JobId job = submit();
        String claimed = call("claim", "application/json", "none", "{\"wait\":20}");
        String run = value("run_id", claimed);
        String token = value("token", claimed);
        String form = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nmade\r\n--x--\r\n";

        server.close();
        server = open();
        String beat = call("runs/" + run + "/heartbeat", "application/json", token, "{\"progress\":0.5}");
        String done = call("runs/" + run + "/complete", "multipart/form-data; boundary=x", token, form);
        server.close();
        server = open();
        String again = call("runs/" + run + "/complete", "multipart/form-data; boundary=x", token, form);

        assertThat(beat).startsWith("200 ");
        assertThat(done).startsWith("200 ").contains("completed");
        assertThat(again).as("the same answer, after another restart").isEqualTo(done);
        assertThat(record(job).job().kind()).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(record(job).attempts()).hasSize(1);
        assertThat(record(job).outputs()).hasSize(1);
        assertThat(claimed).contains("\"graph\":{").doesNotContain("\"graph\":null");
    }

    private Process worker(String name, int runs, String... command) throws IOException {
        return worker(name, runs, Map.of(), command);
    }

    private Process worker(String name, int runs, Map<String, String> environment, String... command)
            throws IOException {
        List<String> line = new ArrayList<>(List.of("bash", SCRIPT.toString()));
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve(name + ".log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "TOLLGATE_URL",
                        server.http().url().toString(),
                        "TOLLGATE_KEY",
                        workerKey,
                        "WORKER_NAME",
                        name,
                        "WORKER_RUNS",
                        String.valueOf(runs)));
        builder.environment().putAll(environment);
        Process worker = builder.start();
        workers.add(worker);
        return worker;
    }

    private void endsWell(Process worker, String name) throws Exception {
        assertThat(worker.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as(() -> log(name))
                .isTrue();
        assertThat(worker.exitValue()).as(() -> log(name)).isZero();
    }

    private String log(String name) {
        try {
            return Files.readString(dir.resolve(name + ".log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private JobRecord record(JobId job) {
        return server.jobs().find(job).orElseThrow();
    }

    private static void until(BooleanSupplier done) {
        long start = System.nanoTime();
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime() - start)
                    .as("waited too long")
                    .isLessThan(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
            Thread.onSpinWait();
        }
    }

    @Test
    void script_withoutACommand_bringsTheInputBack() throws Exception {
        JobId job = submit();

        endsWell(worker("one", 1), "one");

        JobRecord done = record(job);
        assertThat(done.job().kind()).as(() -> log("one")).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(done.outputs()).singleElement().satisfies(output -> {
            assertThat(output.name()).isEqualTo("sample.jpg");
            assertThat(output.contentType()).isEqualTo("image/jpeg");
        });
        assertThat(done.attempts()).singleElement().extracting(Attempt::backend).isEqualTo(new BackendId("box"));
        assertThat(server.jobs().audit().clean()).isTrue();
    }

    @Test
    void script_whoseCommandFails_saysWhy() throws Exception {
        JobId job = submit();

        endsWell(worker("one", 1, "bash", "-c", "echo 'this is no photo' >&2; exit 2"), "one");

        assertThat(record(job).job().state())
                .isInstanceOfSatisfying(
                        JobState.Failed.class,
                        failed -> assertThat(failed.failure())
                                .isEqualTo(new Failure(Failure.Kind.BAD_INPUT, "this is no photo")));
    }

    /** A curl that needs longer than a lease for each file, wherever it goes. */
    private Path slowLink() throws IOException {
        Path bin = Files.createDirectory(dir.resolve("bin"));
        String real = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "curl"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow()
                .toString();
        Path curl = Files.writeString(
                bin.resolve("curl"),
                "#!/bin/sh\ncase \"$*\" in *--output*|*/complete*) sleep 8 ;; esac\nexec " + real + " \"$@\"\n");
        assertThat(curl.toFile().setExecutable(true)).isTrue();
        return bin;
    }

    @Test
    void script_onALinkSlowerThanALease_keepsItsRun() throws Exception {
        JobId job = submit();

        endsWell(worker("slow", 1, Map.of("PATH", slowLink() + File.pathSeparator + System.getenv("PATH"))), "slow");

        assertThat(record(job).job().kind()).as(() -> log("slow")).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(record(job).attempts()).hasSize(1);
    }

    @Test
    void script_whoseOutputsAreRefused_saysSo() throws Exception {
        JobId job = submit();

        endsWell(worker("one", 1, "bash", "-c", "for i in $(seq 101); do echo $i >out/$i; done"), "one");

        assertThat(record(job).job().state())
                .isInstanceOfSatisfying(
                        JobState.Failed.class,
                        failed -> assertThat(failed.failure())
                                .isEqualTo(new Failure(Failure.Kind.BAD_WORKFLOW, "its outputs were refused: 422")));
    }

    @Test
    void script_whoseJobIsCanceled_stopsItsCommand() throws Exception {
        JobId job = submit();
        Path begun = dir.resolve("begun");
        Process worker = worker("one", 1, "bash", "-c", "touch " + begun + "; exec sleep 300");
        until(() -> Files.exists(begun));

        HttpResponse<Void> canceled = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.http().url().resolve("/api/v2/jobs/" + job + "/cancel"))
                                .header("Authorization", "Bearer " + jobsKey)
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
        endsWell(worker, "one");

        assertThat(canceled.statusCode()).isLessThan(300);
        assertThat(record(job).job().kind()).as(() -> log("one")).isEqualTo(JobState.Kind.CANCELED);
    }

    @Test
    void script_killedInTheMiddle_losesTheJobToAnotherRun() throws Exception {
        JobId job = submit();
        Path begun = dir.resolve("begun");
        Process victim = worker(
                "victim", 1, "bash", "-c", "echo '0.5 half of it' >progress; touch " + begun + "; exec sleep 300");
        until(() -> Files.exists(begun));

        victim.destroyForcibly(); // SIGKILL
        endsWell(worker("heir", 1), "heir");

        JobRecord done = record(job);
        assertThat(done.job().kind()).as(() -> log("heir")).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(done.attempts()).hasSize(2);
        assertThat(done.attempts().get(0).failure().orElseThrow().kind()).isEqualTo(Failure.Kind.LOST);
        assertThat(done.attempts().get(0).runId())
                .isNotEqualTo(done.attempts().get(1).runId());
        assertThat(done.outputs()).hasSize(1);
        assertThat(server.jobs().audit().clean()).isTrue();
    }
}
