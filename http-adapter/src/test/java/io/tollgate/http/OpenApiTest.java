package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.http.ApiHouse.Seen;
import io.tollgate.queue.TollgateBuilder;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.JobSpecs;
import io.tollgate.queue.test.ScriptedBackend;
import io.tollgate.queue.workflow.GraphReading;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OpenApiTest extends ApiTest {
    private static final String JOBS = "/api/v2/jobs";
    private static final String BATCHES = "/api/v2/batches";
    private static final String ASSETS = "/api/v2/assets";
    private static final String ADMIN = "/api/admin";
    private static final String NOBODY = "01890000-0000-7000-8000-000000000000";
    private static final String DRAW = "{\"workflow\":\"draw\",\"inputs\":{\"seed\":7}}";

    /** A picture of one dot. */
    private static final byte[] PNG = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private String root = "";

    @Override
    ApiHouse furnished() {
        return new ApiHouse(home, true, policy(), OpenApiTest::furnish, settings -> settings, new CallRates(0, 0));
    }

    @BeforeEach
    void makeRoot() {
        house.credit(ApiHouse.ANN, 400);
        root = house.key(ApiHouse.ANN, EnumSet.allOf(Scope.class));
    }

    /** With a draw, which nothing but that needs. */
    private static JobPolicy policy() {
        JobPolicy usual = JobPolicy.DEFAULT;
        return new JobPolicy(
                CreditPolicy.PLAIN.with(LuckyDraw.SHIPPED, ZoneOffset.UTC),
                usual.limits(),
                usual.modelLimits(),
                usual.queueDefaults(),
                usual.orders(),
                usual.relaxedShare(),
                usual.lostAtMost());
    }

    private static void furnish(TollgateBuilder builder) {
        Workflow raw = new Workflow(
                new WorkflowName("raw"),
                "Raw",
                "",
                House.IMAGE,
                new ModelName("raw"),
                Tariff.of(Amount.credits(10)),
                List.of(new InputSpec.Graph("graph", "")),
                Map.of(JobSpecs.TYPE, Map.of("operation", "raw")),
                Set.of(),
                Map.of(),
                1,
                Duration.ofMinutes(1),
                RetryPolicy.DEFAULT);
        builder.workflows(House.draw(), raw, ApiHouse.fetch("fetch"))
                .graphs(graph -> new GraphReading.Fit(JobSpecs.TYPE, Set.of(), List.of(), Map.of()))
                .channel(new Webhook());
    }

    /** A receiver that is never there. */
    private static final class Webhook implements DeliveryChannel {
        @Override
        public String name() {
            return "webhook";
        }

        @Override
        public void check(String address) {
            // any will do
        }

        @Override
        public CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record) {
            return CompletableFuture.completedFuture(new Outcome.Failed("nobody there", true));
        }
    }

    private static Set<String> names(List<Contract.Operation> operations) {
        return operations.stream().map(Contract.Operation::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void routes_all_areInTheDocumentAndTheReverse() {
        List<String> routes = house.server.routes().stream()
                .map(route -> route.method() + " " + route.template())
                .toList();

        assertThat(routes).doesNotHaveDuplicates();
        assertThat(names(house.contract.operations())).containsExactlyInAnyOrderElementsOf(routes);
    }

    @Test
    void security_ofEachOperation_isThatOfItsRoute() {
        for (Contract.Operation operation : house.contract.operations()) {
            Route route = house.server.routes().stream()
                    .filter(each -> (each.method() + " " + each.template()).equals(operation.name()))
                    .findFirst()
                    .orElseThrow();
            JsonNode security = operation.node().path("security");
            Set<String> scopes = StreamSupport.stream(security.spliterator(), false)
                    .flatMap(way -> StreamSupport.stream(way.path("bearer").spliterator(), false))
                    .map(JsonNode::asText)
                    .collect(Collectors.toSet());
            boolean withoutKey = security.isEmpty()
                    || StreamSupport.stream(security.spliterator(), false).anyMatch(JsonNode::isEmpty);

            assertThat(security.isArray()).as(operation.name()).isTrue();
            assertThat(withoutKey)
                    .as(operation.name())
                    .isEqualTo(!route.access().keyed());
            if (route.access().keyed()) {
                assertThat(scopes)
                        .as(operation.name())
                        .isEqualTo(
                                route.access().scope().map(Scope::word).stream().collect(Collectors.toSet()));
            }
        }
    }

    @Test
    void parameters_ofEachPath_areThoseInItsBraces() {
        for (Contract.Operation operation : house.contract.operations()) {
            Set<String> braces = java.util.Arrays.stream(operation.path().split("/", -1))
                    .filter(segment -> segment.startsWith("{"))
                    .map(segment -> segment.substring(1, segment.length() - 1))
                    .collect(Collectors.toSet());

            assertThat(house.contract.pathParameters(operation))
                    .as(operation.name())
                    .isEqualTo(braces);
        }
    }

    @Test
    void operationIds_all_areDifferent() {
        assertThat(house.contract.operations())
                .extracting(operation -> operation.node().path("operationId").asText())
                .doesNotContain("")
                .doesNotHaveDuplicates();
    }

    @Test
    void examples_all_areAsTheirSchemasSay() {
        assertThat(house.contract.badExamples()).isEmpty();
    }

    @Test
    void schemas_ofObjects_allowNoFieldsThatTheyDontName() {
        house.contract
                .document()
                .path("components")
                .path("schemas")
                .properties()
                .forEach(schema -> {
                    if (schema.getValue().has("properties")) {
                        assertThat(schema.getValue().path("additionalProperties"))
                                .as(schema.getKey())
                                .isEqualTo(com.fasterxml.jackson.databind.node.BooleanNode.FALSE);
                    }
                });
    }

    private String id(Seen seen) {
        assertThat(seen.status()).as(seen.text()).isBetween(200, 299);
        return seen.json().path("id").asText();
    }

    /** A job that ran and ended. */
    private String ended(boolean well) {
        Set<RunId> before = new java.util.HashSet<>(house.gpu.submitted());
        String id = id(house.post(
                JOBS,
                root,
                "{\"workflow\":\"draw\",\"webhook_url\":\"https://example.org/hook\",\"tags\":[\"sea\"],"
                        + "\"metadata\":{\"order\":\"12\"},\"priority\":5,\"extra_data\":{}}"));
        ApiHouse.await(() -> house.gpu.alive().stream().anyMatch(run -> !before.contains(run)));
        RunId run = house.run();
        house.gpu.start(run);
        if (well) {
            house.gpu.succeed(run, "boat.png");
        } else {
            house.gpu.fail(run, Failure.Kind.BAD_INPUT);
        }
        Seen end = house.get(JOBS + "/" + id + "?wait=20&until=end", root);
        assertThat(end.json().path("status").asText()).isEqualTo(well ? "succeeded" : "failed");
        return id;
    }

    private void post(int status, String path, String body) {
        Seen seen = house.post(path, root, body);
        assertThat(seen.status()).as(path + " " + seen.text()).isEqualTo(status);
    }

    private void call(int status, String method, String path, String body) {
        Seen seen = house.call(method, path, root, body, Map.of());
        assertThat(seen.status()).as(path + " " + seen.text()).isEqualTo(status);
    }

    private void useDoors() {
        call(200, "PUT", "/api/admin/notice", "{\"text\":\"Maintenance at noon\"}");
        get(200, "/api/v2/notice");
        call(204, "DELETE", "/api/admin/notice", "");
        get(200, "/api/admin/submissions");
        call(200, "PUT", "/api/admin/submissions", "{\"mode\":\"enabled\"}");
    }

    private void useWebhooks() {
        String all = "/api/v2/webhooks";
        Seen made = house.post(all, root, "{\"url\":\"https://example.org/hook\"}");
        String one = all + "/" + id(made);
        assertThat(made.json().path("secret").asText()).startsWith("whsec_");
        get(200, all);
        post(200, one + "/rotate-secret", "");
        post(200, one + "/resume", "");
        post(200, one + "/test", "");
        get(200, one + "/deliveries?limit=1");
        get(404, all + "/" + NOBODY + "/deliveries");
        get(422, one + "/deliveries?cursor=x");
        String job = id(house.post(
                JOBS,
                root,
                "{\"workflow\":\"draw\",\"webhook_url\":\"https://example.org/hook\",\"webhook_events\":[\"job.queued\","
                        + "\"job.started\",\"job.progress\",\"job.output\",\"job.succeeded\"]}"));
        ApiHouse.await(() -> {
            JsonNode sent =
                    house.get(JOBS + "/" + job + "/deliveries", root).json().path("deliveries");
            return sent.size() > 0 && sent.path(sent.size() - 1).path("log").size() == 1;
        });
        get(200, JOBS + "/" + job + "/deliveries?limit=1");
        get(404, JOBS + "/" + NOBODY + "/deliveries");
        call(204, "DELETE", one, "");
        post(404, one + "/resume", "");
        post(422, all, "{\"url\":\"https://example.org/hook\",\"events\":[\"job.invented\"]}");
    }

    private void useWorkers() {
        String worker = "/api/worker";
        for (String end : List.of("complete", "fail")) {
            post(201, JOBS, "{\"workflow\":\"fetch\"}");
            Seen claimed = house.post(
                    worker + "/claim",
                    root,
                    "{\"backend\":\"box\",\"models\":[\"fetch\"],\"max\":1,\"wait\":20,\"worker\":\"a\"}");
            assertThat(claimed.status()).isEqualTo(200);
            JsonNode run = claimed.json().path("runs").path(0);
            String token = run.path("token").asText();
            String path = worker + "/runs/" + run.path("run_id").asText();
            post(
                    200,
                    path + "/heartbeat",
                    "{\"token\":\"" + token + "\",\"step\":1,\"steps\":2,\"message\":\"on it\",\"progress\":0.5}");
            post(403, path + "/heartbeat", "{\"token\":\"tw_x\"}");
            post(422, path + "/heartbeat", "{\"progress\":2}");
            if (end.equals("complete")) {
                assertThat(house.files(path + "/complete", root, token, Map.of("boat.png", PNG))
                                .status())
                        .isEqualTo(200);
                assertThat(house.call("POST", path + "/complete", root, "{}", Map.of("X-Worker-Token", token))
                                .status())
                        .isEqualTo(200);
                post(409, path + "/fail", "{\"token\":\"" + token + "\",\"code\":\"backend\"}");
            } else {
                post(
                        200,
                        path + "/fail",
                        "{\"token\":\"" + token + "\",\"code\":\"bad_input\",\"message\":\"no\",\"retryable\":false}");
                post(422, path + "/fail", "{\"token\":\"" + token + "\",\"code\":\"tired\"}");
            }
        }
        post(200, worker + "/claim", "{}");
        post(422, worker + "/claim", "{\"backend\":\"none\"}");
        post(404, worker + "/runs/nothing/heartbeat", "{}");
        get(200, ADMIN + "/backends");
    }

    private void get(int status, String path) {
        Seen seen = house.get(path, root);
        assertThat(seen.status()).as(path + " " + seen.text()).isEqualTo(status);
    }

    @Test
    void everyOperation_calledWell_answersAsTheDocumentSays() {
        useServer();
        resolveUnknown();
        useCatalogueAndCredits();
        useJobs();
        useBatches();
        useAssets();
        useOperatorsRoutes();
        useDoors();
        useWebhooks();
        useSocket();
        useAdminEvents();
        useWorkers();

        assertThat(house.contract.seen()).containsExactlyInAnyOrderElementsOf(names(house.contract.operations()));
    }

    /** A stream that never ends by itself: what it tells is shown by AdminEventsTest. */
    private void useAdminEvents() {
        call(200, "HEAD", ADMIN + "/events?user=ann&queue=image&type=status", "");
    }

    /** The one operation that no plain call can use: that it works is shown by JobSocketTest. */
    private void useSocket() {
        get(426, "/api/v2/ws");
        try (SocketClient client = SocketClient.open(house, root)) {
            client.send("{\"type\":\"ping\",\"ref\":\"a\"}");
            assertThat(client.next().path("type").asText()).isEqualTo("pong");
        }
    }

    /** First, as the one backend's slot is free. */
    private void resolveUnknown() {
        house.gpu.answerNext(ScriptedBackend.Answer.UNCLEAR_LOST);
        house.gpu.failLooks(true);
        String id = id(house.post(JOBS, root, DRAW));
        ApiHouse.await(() -> house.get(JOBS + "/" + id, root)
                .json()
                .path("attempts")
                .path(0)
                .path("phase")
                .asText()
                .equals("unknown"));
        post(200, ADMIN + "/jobs/" + id + "/resolve", "{\"outcome\":\"failed\",\"reason\":\"a test\"}");
        house.gpu.failLooks(false);
    }

    private void useServer() {
        for (String path : List.of("/healthz", "/metrics", "/openapi.yaml", "/openapi.json", "/docs")) {
            assertThat(house.get(path, "").status()).as(path).isEqualTo(200);
        }
        ApiHouse.await(() -> house.get("/readyz", "").status() == 200);
    }

    private void useCatalogueAndCredits() {
        for (String path : List.of(
                "/workflows",
                "/workflows/draw",
                "/queues",
                "/queues/image",
                "/me",
                "/credits",
                "/credits/entries",
                "/credits/entries?limit=1")) {
            get(200, "/api/v2" + path);
        }
        get(404, "/api/v2/workflows/none");
        get(404, "/api/v2/queues/none");
        get(422, "/api/v2/credits/entries?limit=0");
        post(200, "/api/v2/credits/lucky-draw", "");
        post(200, "/api/v2/credits/lucky-draw", "");
    }

    private void useJobs() {
        String done = ended(true);
        String failed = ended(false);
        get(200, JOBS + "/" + done);
        get(
                200,
                JOBS + "?limit=1&status=succeeded,failed&workflow=draw&model=model-a&tag=sea"
                        + "&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z");
        get(200, JOBS + "?batch=" + NOBODY);
        get(404, JOBS + "/" + NOBODY);
        get(422, JOBS + "/" + done + "?wait=61");
        get(200, JOBS + "/" + done + "/events");
        get(404, JOBS + "/" + done + "/workflow");
        get(200, JOBS + "/" + done + "/why");
        post(200, JOBS + "?dry_run=true", DRAW);
        post(409, JOBS + "/" + done + "/retry", "");
        Seen first = house.call("POST", JOBS, root, DRAW, Map.of("Idempotency-Key", "k", "Prefer", "wait=0"));
        Seen again = house.call("POST", JOBS, root, DRAW, Map.of("Idempotency-Key", "k"));
        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(200);
        Seen other = house.call("POST", JOBS, root, DRAW.replace("7", "8"), Map.of("Idempotency-Key", "k"));
        assertThat(other.code()).isEqualTo("idempotency_key_reuse");
        String graph = id(house.post(JOBS, root, "{\"workflow\":{\"1\":{\"class_type\":\"A\",\"inputs\":{}}}}"));
        get(200, JOBS + "/" + graph + "/workflow");
        assertThat(house.get(JOBS + "/" + graph, root).json().path("inputs").has("graph"))
                .isTrue();
        for (String list : List.of(JOBS, ADMIN + "/jobs")) { // there may be many, and a graph is long
            JsonNode listed =
                    house.get(list + "?workflow=raw", root).json().path("jobs").path(0);
            assertThat(listed.path("id").asText()).isEqualTo(graph);
            assertThat(listed.path("inputs").has("graph")).as(list).isFalse();
        }
        post(201, JOBS + "/" + failed + "/retry", "");
        String rerun = id(house.post(JOBS + "/" + done + "/rerun?keep_seed=true", root, ""));
        post(200, JOBS + "/" + rerun + "/cancel", "");
        post(404, JOBS + "/" + NOBODY + "/cancel", "");
        post(400, JOBS, "{");
        post(422, JOBS, "{\"workflow\":\"draw\",\"inputs\":{\"seed\":-1},\"nothing\":1}");
        post(404, JOBS, "{\"workflow\":\"dram\"}");
        post(404, JOBS, "{\"workflow\":\"draw\",\"quote_id\":\"" + NOBODY + "\"}");
        assertThat(house.post(JOBS, house.ben, DRAW).status()).isEqualTo(402);
        assertThat(house.post(JOBS, "", DRAW).status()).isEqualTo(401);
        assertThat(house.post(JOBS, house.key(ApiHouse.ANN, EnumSet.of(Scope.ADMIN)), DRAW)
                        .status())
                .isEqualTo(403);
        assertThat(house.call("POST", JOBS, root, "x", Map.of("Content-Type", "text/plain"))
                        .status())
                .isEqualTo(415);
    }

    private void useBatches() {
        String body = "{\"jobs\":[" + DRAW + "," + DRAW + "]}";
        post(200, BATCHES + "?dry_run=true", body);
        String id = id(house.post(BATCHES, root, body));
        get(200, BATCHES + "/" + id);
        post(200, BATCHES + "/" + id + "/cancel", "");
        get(404, BATCHES + "/" + NOBODY);
        post(422, BATCHES, "{\"jobs\":[]}");
    }

    private void useAssets() {
        Seen seen = house.upload(root, "boat.png", PNG, Map.of("tags", "sea", "expires_in", "600"));
        assertThat(seen.status()).isEqualTo(201);
        assertThat(house.upload(root, "boat.png", PNG, Map.of()).status()).isEqualTo(200);
        assertThat(house.upload(root, "page.html", "<p>".getBytes(StandardCharsets.UTF_8), Map.of())
                        .status())
                .isEqualTo(415);
        assertThat(house.upload(root, "boat.png", PNG, Map.of("expires_in", "1"))
                        .status())
                .isEqualTo(422);
        post(415, ASSETS, "{}");
        String id = seen.json().path("id").asText();
        String hash = seen.json().path("hash").asText();
        String url = seen.json().path("url").asText();
        get(200, ASSETS);
        get(200, ASSETS + "?limit=1");
        get(200, ASSETS + "/" + id);
        get(404, ASSETS + "/" + NOBODY);
        get(404, ASSETS + "/" + NOBODY + "/content");
        post(
                201,
                ASSETS + "/from-hash",
                "{\"hash\":\"" + hash + "\",\"file_path\":\"b.png\",\"tags\":[\"x\"]," + "\"expires_in\":600}");
        post(
                404,
                ASSETS + "/from-hash",
                "{\"hash\":\"" + hash.replaceFirst(".$", hash.endsWith("0") ? "1" : "0") + "\"}");
        for (Map.Entry<String, Integer> asked : Map.of(
                        hash, 200, hash.replaceFirst(".$", hash.endsWith("0") ? "1" : "0"), 404)
                .entrySet()) {
            assertThat(house.call("HEAD", ASSETS + "/by-hash/" + asked.getKey(), root, "", Map.of())
                            .status())
                    .isEqualTo(asked.getValue());
        }
        assertThat(house.get(url, "").status()).isEqualTo(200);
        assertThat(house.call("GET", url, "", "", Map.of("Range", "bytes=1-2")).status())
                .isEqualTo(206);
        assertThat(house.call("GET", url, "", "", Map.of("Range", "bytes=9000-"))
                        .status())
                .isEqualTo(416);
        assertThat(house.call("HEAD", url, "", "", Map.of()).status()).isEqualTo(200);
        assertThat(house.get(url + "x", "").status()).isEqualTo(401);
        assertThat(house.call("DELETE", ASSETS + "/" + id, root, "", Map.of()).status())
                .isEqualTo(204);
        assertThat(house.call("DELETE", ASSETS + "/" + id, root, "", Map.of()).status())
                .isEqualTo(404);
    }

    private void useOperatorsRoutes() {
        for (String path : List.of(
                "/stats",
                "/limits",
                "/backends",
                "/audit",
                "/storage",
                "/keys",
                "/keys?user=ann",
                "/jobs?limit=1&user=ann",
                "/users/ann",
                "/users/ann/ledger?limit=2",
                "/deliveries?state=dead&limit=1")) {
            get(200, ADMIN + path);
        }
        assertThat(house.get(ADMIN + "/stats", house.ann).status()).isEqualTo(403);
        useOperatorsJobs();
        usePayments();
        for (String verb : List.of("pause", "drain", "resume")) {
            post(200, ADMIN + "/queues/image/" + verb, "");
            post(200, ADMIN + "/backends/gpu-1/" + verb, "");
            post(404, ADMIN + "/queues/none/" + verb, "");
            post(404, ADMIN + "/backends/none/" + verb, "");
        }
        assertThat(put("/limits/model-a", "{\"max_concurrent\":3}")).isEqualTo(200);
        assertThat(put("/limits/model-a", "{\"max_concurrent\":51}")).isEqualTo(422);
        assertThat(put("/limits/none", "{\"max_concurrent\":3}")).isIn(200, 404);
        post(200, ADMIN + "/limits/initialize", "");
        post(200, ADMIN + "/workflows/reload", "");
        post(201, ADMIN + "/backup", "");
        assertThat(put(
                        "/users/ben/tier",
                        "{\"tier\":\"gold\",\"until\":\"2100-01-01T00:00:00Z\",\"reason\":\"a test\"}"))
                .isEqualTo(200);
        assertThat(put("/users/ben/tier", "{\"tier\":\"none\"}")).isEqualTo(422);
        post(200, ADMIN + "/users/ben/grant", "{\"amount\":12.5,\"reason\":\"a test\"}");
        post(200, ADMIN + "/users/ben/adjust", "{\"amount\":\"-2.5\",\"reason\":\"a test\"}");
        post(409, ADMIN + "/users/ben/adjust", "{\"amount\":-2000,\"reason\":\"a test\"}");
        post(422, ADMIN + "/users/ben/grant", "{\"amount\":0}");
        Seen key = house.post(ADMIN + "/keys", root, "{\"user\":\"ben\",\"scopes\":[\"jobs\"],\"expires_in\":600}");
        String id = id(key);
        assertThat(house.call("DELETE", ADMIN + "/keys/" + id, root, "", Map.of())
                        .status())
                .isEqualTo(204);
        assertThat(house.call("DELETE", ADMIN + "/keys/" + NOBODY, root, "", Map.of())
                        .status())
                .isEqualTo(404);
    }

    private void usePayments() {
        Payment paid = house.paid("charge-1");
        get(200, ADMIN + "/payments?state=unmatched&limit=1");
        get(422, ADMIN + "/payments?state=lost");
        String payment = ADMIN + "/payments/" + paid.id();
        post(422, payment + "/match", "{\"user\":\"ann\",\"credits\":0,\"reason\":\"a test\"}");
        post(200, payment + "/match", "{\"user\":\"ann\",\"credits\":5,\"reason\":\"a test\"}");
        post(409, payment + "/match", "{\"user\":\"ben\",\"credits\":5,\"reason\":\"a test\"}");
        post(200, payment + "/refund", "{\"reason\":\"asked for it\"}");
        post(404, ADMIN + "/payments/" + NOBODY + "/refund", "{\"reason\":\"asked for it\"}");
        post(404, ADMIN + "/payments/" + NOBODY + "/match", "{\"user\":\"a\",\"credits\":1,\"reason\":\"a test\"}");
    }

    private void useOperatorsJobs() {
        ApiHouse.await(() -> !dead().isEmpty());
        post(200, ADMIN + "/deliveries/" + dead().get(0).path("id").asText() + "/redeliver", "");
        post(404, ADMIN + "/deliveries/" + NOBODY + "/redeliver", "");
        get(200, ADMIN + "/deliveries/" + dead().get(0).path("id").asText());
        get(404, ADMIN + "/deliveries/" + NOBODY);
        String waiting = id(house.post(JOBS, root, DRAW));
        get(200, ADMIN + "/jobs/" + waiting);
        get(404, ADMIN + "/jobs/" + NOBODY);
        post(200, ADMIN + "/jobs/clear-finished", "");
        get(200, ADMIN + "/jobs?cleared=true");
        post(200, ADMIN + "/jobs/" + waiting + "/front", "");
        post(409, ADMIN + "/jobs/" + waiting + "/resolve", "{\"outcome\":\"failed\",\"reason\":\"a test\"}");
        post(200, ADMIN + "/jobs/" + waiting + "/cancel", "");
        String gone = id(house.post(JOBS, root, DRAW));
        post(200, ADMIN + "/jobs/" + gone + "/cancel", "");
        post(409, ADMIN + "/jobs/" + gone + "/front", "");
        post(201, ADMIN + "/jobs/" + waiting + "/retry", "");
        post(422, ADMIN + "/jobs/" + waiting + "/resolve", "{\"outcome\":\"maybe\"}");
    }

    private List<JsonNode> dead() {
        JsonNode all = house.get(ADMIN + "/deliveries?state=dead", root).json().path("deliveries");
        return StreamSupport.stream(all.spliterator(), false).toList();
    }

    private int put(String path, String body) {
        return house.call("PUT", ADMIN + path, root, body, Map.of()).status();
    }

    @Test
    void check_documentThatLacksSomething_fails() {
        String job = id(house.post(JOBS, root, DRAW));
        Seen shown = house.get(JOBS + "/" + job, root);
        String at = "/paths/~1api~1v2~1jobs~1{id}/get";

        assertThatThrownBy(() -> without("/components/schemas/Job/properties", "status")
                        .check("GET", URI.create(JOBS + "/" + job), "", new byte[0], shown.response()))
                .hasMessageContaining("status");
        assertThatThrownBy(() -> without(at + "/responses", "200")
                        .check("GET", URI.create(JOBS + "/" + job), "", new byte[0], shown.response()))
                .hasMessageContaining("the status is not said");
        assertThatThrownBy(() -> without(at + "/responses/200/content", "application/json")
                        .check("GET", URI.create(JOBS + "/" + job), "", new byte[0], shown.response()))
                .hasMessageContaining("content type");
        assertThatThrownBy(() -> without("/paths/~1api~1v2~1jobs~1{id}", "get")
                        .check("GET", URI.create(JOBS + "/" + job), "", new byte[0], shown.response()))
                .hasMessageContaining("no such operation");
        assertThatThrownBy(() -> without(at, "parameters")
                        .check("GET", URI.create(JOBS + "/" + job + "?wait=1"), "", new byte[0], shown.response()))
                .hasMessageContaining("'wait'");
        Seen none = house.get(JOBS + "/" + NOBODY, root);
        assertThatThrownBy(() -> without(at + "/responses/404", "description")
                        .check("GET", URI.create(JOBS + "/" + NOBODY), "", new byte[0], none.response()))
                .hasMessageContaining("not_found");
    }

    private Contract without(String pointer, String field) {
        JsonNode copy = OpenApi.shipped().document().deepCopy();
        ObjectNode parent = (ObjectNode) copy.at(pointer);
        assertThat(Optional.ofNullable(parent.remove(field))).isPresent();
        return new Contract(copy);
    }
}
