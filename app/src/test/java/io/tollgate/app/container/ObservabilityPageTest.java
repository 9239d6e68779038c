package io.tollgate.app.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.metrics.HttpMeters;
import io.tollgate.metrics.PrometheusPage;
import io.tollgate.metrics.TollgateMetrics;
import io.tollgate.metrics.WorkerMeters;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.UploadRequest;
import io.tollgate.queue.pull.PullWatcher;
import io.tollgate.queue.test.JobEvents;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps {@code docs/observability.md}, the dashboard and the alerts the same as what a used server shows. */
final class ObservabilityPageTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final UserId ANN = new UserId("ann");
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
    private static final Pattern NAME = Pattern.compile("\\b(?:tollgate|jvm|process|system)_[a-z0-9_]+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");
    private static final Pattern ROW =
            Pattern.compile("\\| `(tollgate_[a-z0-9_]+)` \\| ([a-z]+) \\| [^|]+ \\|([^|]*)\\| .+ \\|");

    @TempDir
    private static Path dir;

    /** The server's page after it did what there is to do. */
    private static String page = "";

    @BeforeAll
    static void useAServer() throws Exception {
        TollgateConfig config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "data-dir", dir.toString(),
                                "database.url", "jdbc:sqlite:" + dir.resolve("tollgate.db"),
                                "http.port", "0",
                                "backends.java2d.type", "java2d",
                                "backends.box.type", "worker",
                                "backends.gpu.type", "comfyui",
                                "backends.gpu.url", "http://127.0.0.1:1"))
                .config();
        try (ServiceContainer server =
                ServiceContainer.open(config, Access.WORK, "tollgate serve", new HttpModule(), new MetricsModule())) {
            PrometheusPage metrics = server.metrics().orElseThrow();
            server.tollgate()
                    .operations()
                    .registry()
                    .met()
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            runAJob(server.tollgate());
            assertThatThrownBy(() -> server.tollgate().submit(JobRequest.of(ANN, "no-such-workflow")))
                    .isInstanceOf(RefusedException.class);
            assertThat(get(server, "/healthz")).isEqualTo(200);

            until(() -> shows(metrics.scrape(), "tollgate_jobs_ended_total{", "outcome=\"succeeded\"", " 1.0"));
            until(() -> shows(metrics.scrape(), "tollgate_refusals_total{reason=\"not_found\"} 1.0"));
            until(() -> shows(metrics.scrape(), "tollgate_http_requests_seconds_count{", "route=\"/healthz\""));
            assertThat(shows(metrics.scrape(), "tollgate_credits_total{kind=\"captured\"} 10.0"))
                    .isTrue();
            assertThat(shows(metrics.scrape(), "tollgate_store_commit_seconds_count{result=\"committed\"}"))
                    .isTrue();
            assertThat(shows(metrics.scrape(), "tollgate_backend_calls_seconds_count{", "outcome=\"unreachable\""))
                    .isTrue();
            assertThat(shows(metrics.scrape(), "tollgate_backend_slots_taken{backend=\"java2d\"}"))
                    .isTrue();

            // what takes hours or bad luck
            new JobEvents().story().forEach(new TollgateMetrics(metrics.registry(), server.clock())::on);
            new HttpMeters(metrics.registry()).limited("key");
            WorkerMeters workers = new WorkerMeters(metrics.registry());
            workers.answered("box", 1);
            workers.lost("box", PullWatcher.Loss.LEASE_RAN_OUT.word());
            page = metrics.scrape();
        }
    }

    private static void runAJob(Tollgate tollgate) throws Exception {
        tollgate.credits()
                .grant(ANN, GrantSource.BONUS, "a-test", Amount.credits(100), Optional.empty(), "test", "for a test")
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        Asset picture;
        try (InputStream sample = Objects.requireNonNull(
                ObservabilityPageTest.class.getResourceAsStream("/io/tollgate/app/sample.jpg"))) {
            picture = tollgate.upload(ANN, UploadRequest.named("sample.jpg"), sample)
                    .asset();
        }
        JobState.Kind end = tollgate.submit(JobRequest.of(ANN, "image-enhance").with("image", picture.id()))
                .result()
                .get(120, TimeUnit.SECONDS)
                .job()
                .kind();
        assertThat(end).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    private static int get(ServiceContainer server, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.http().url().resolve(path))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static boolean shows(String text, String... parts) {
        return text.lines().anyMatch(line -> Stream.of(parts).allMatch(line::contains));
    }

    private static void until(BooleanSupplier done) {
        long start = System.nanoTime();
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as("waited too long").isLessThan(PATIENCE);
            Thread.onSpinWait();
        }
    }

    /** Kind and labels of what the program itself measures, by name. */
    private static Map<String, String> shown() {
        Map<String, String> shown = new TreeMap<>();
        page.lines()
                .filter(line -> line.startsWith("# TYPE tollgate_") && !line.contains("_seconds_max "))
                .filter(line -> !line.contains("_commands_max "))
                .map(line -> line.split(" ", 4))
                .forEach(type -> shown.put(type[2], type[3] + " " + labels(type[2])));
        return shown;
    }

    private static Set<String> labels(String name) {
        Set<String> labels = new TreeSet<>();
        page.lines()
                .filter(line -> line.matches(name + "(_count|_sum|_bucket)?\\{.*"))
                .forEach(line -> {
                    Matcher label = LABEL.matcher(line);
                    while (label.find()) {
                        labels.add(label.group(1));
                    }
                });
        labels.remove("le");
        return labels;
    }

    @Test
    void table_isWhatAUsedServerShows() throws IOException {
        Map<String, String> table = new TreeMap<>();
        for (String line : Files.readAllLines(DOCS.resolve("observability.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> labels = Pattern.compile("`([a-z_]+)`")
                        .matcher(row.group(3))
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));
                table.put(row.group(1), row.group(2) + " " + labels);
            }
        }

        assertThat(table).isEqualTo(shown());
    }

    @Test
    void dashboard_asksOnlyForWhatThereIs() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(DOCS.resolve("grafana/tollgate.json").toFile());

        assertThat(expressions(dashboard)).hasSizeGreaterThan(30).allSatisfy(ObservabilityPageTest::assertKnown);
    }

    @Test
    void alerts_askOnlyForWhatThereIs() throws IOException {
        JsonNode alerts = new YAMLMapper().readTree(DOCS.resolve("alerts.yml").toFile());

        assertThat(alerts.findValuesAsText("alert"))
                .hasSize(alerts.at("/groups/0/rules").size())
                .doesNotHaveDuplicates();
        assertThat(expressions(alerts)).hasSizeGreaterThan(10).allSatisfy(ObservabilityPageTest::assertKnown);
    }

    @Test
    void page_namesNoUser() {
        assertThat(page).doesNotContain("\"ann\"", JobEvents.PROMPT, dir.toString());
    }

    private static Set<String> expressions(JsonNode tree) {
        return new TreeSet<>(tree.findValuesAsText("expr"));
    }

    private static void assertKnown(String expression) {
        Set<String> names = NAME.matcher(expression)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(names).as(expression).isNotEmpty();
        for (String name : names) {
            assertThat(page.lines())
                    .as("%s in: %s", name, expression)
                    .anyMatch(line -> line.startsWith(name + "{") || line.startsWith(name + " "));
        }
    }
}
