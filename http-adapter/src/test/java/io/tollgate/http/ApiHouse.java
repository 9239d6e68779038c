package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.payment.ManualGateway;
import io.tollgate.credits.payment.Packs;
import io.tollgate.credits.payment.Payments;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.TollgateBuilder;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.dispatch.DispatchSettings;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.UuidV7;
import io.tollgate.queue.memory.MemoryKeyStore;
import io.tollgate.queue.memory.MemoryStore;
import io.tollgate.queue.pull.GraphSource;
import io.tollgate.queue.pull.PullBackend;
import io.tollgate.queue.pull.PullSettings;
import io.tollgate.queue.pull.PullWatcher;
import io.tollgate.queue.pull.RunTokens;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.ScriptedBackend;
import io.tollgate.queue.workflow.Workflow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A server on a port of its own, with the workflow "draw" of 10 credits, a scripted backend, and callers. */
final class ApiHouse implements AutoCloseable {
    static final UserId ANN = new UserId("ann");
    static final UserId BEN = new UserId("ben");
    private static final Measurements MEASURED = new Measurements(
            "text/plain; version=0.0.4; charset=utf-8",
            () -> "tollgate_up 1\n".getBytes(java.nio.charset.StandardCharsets.UTF_8),
            true);

    private static final Housekeeping NO_HOUSEKEEPING = new Housekeeping() {
        @Override
        public Storage storage() {
            return new Storage(List.of(new Storage.Kind("image/png", 1, 2)), 3, 4, Duration.ofDays(1));
        }

        @Override
        public Backup backup() {
            return new Backup(Path.of("copy.db"), 5);
        }
    };

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Nothing that any test of this module sends as a secret may be logged. */
    final LogGuard log = new LogGuard();

    /** How many timers were ever set that go off again and again. */
    final AtomicInteger repeating = new AtomicInteger();

    final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(4) {
        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long every, TimeUnit unit) {
            repeating.incrementAndGet();
            return super.scheduleWithFixedDelay(task, first, every, unit);
        }
    };
    final ScriptedBackend gpu = new ScriptedBackend("gpu-1", 1);
    final InstantSource clock = InstantSource.system();
    /** Where workers fetch what the workflows of {@link #fetch} do. */
    final PullBackend box = new PullBackend(
            new BackendId("box"),
            Set.of(),
            Set.of(),
            new PullSettings(4, Duration.ofSeconds(30)),
            new PullBackend.Tools(new RunTokens(new byte[32]), GraphSource.NONE, threads, clock, PullWatcher.NONE));

    final Tollgate tollgate;
    final Payments payments;
    final Keys keys;
    final Links links;
    final Services services;
    final ApiServer server;
    final String ann;
    final String ben;
    /** What every call of this house is held to. */
    final Contract contract = new Contract(OpenApi.shipped().document());

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ApiHouse(Path home) {
        this(home, builder -> {}, settings -> settings, new CallRates(0, 0));
    }

    ApiHouse(Path home, Consumer<TollgateBuilder> more, UnaryOperator<HttpSettings> change, CallRates rates) {
        this(home, false, JobPolicy.DEFAULT, more, change, rates);
    }

    /** @param workers whether it has {@link #box} besides */
    ApiHouse(
            Path home,
            boolean workers,
            JobPolicy policy,
            Consumer<TollgateBuilder> more,
            UnaryOperator<HttpSettings> change,
            CallRates rates) {
        SecureRandom random = new SecureRandom();
        UuidV7 ids = new UuidV7(clock, random);
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) 7);
        MemoryStore store = new MemoryStore(new JobRules(policy), clock);
        TollgateBuilder builder = Tollgate.builder()
                .store(store)
                .policy(policy)
                .workflows(House.draw())
                .backend(gpu)
                .rememberJobs(1_000)
                .clock(clock)
                .dispatch(new DispatchSettings(
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofHours(1),
                        Duration.ofSeconds(30),
                        Duration.ofMillis(1)))
                .threads(threads, threads);
        if (workers) {
            builder.backend(box);
        }
        more.accept(builder);
        this.tollgate = builder.build();
        this.keys = new Keys(new MemoryKeyStore(), secret, clock, ids, random);
        this.payments =
                new Payments(store, new Packs(List.of()), List.of(new ManualGateway()), Duration.ofDays(1), ids::next);
        this.links = new Links(tollgate.media(), secret, Duration.ofHours(1), clock);
        this.services = new Services(
                tollgate,
                payments,
                keys,
                links,
                threads,
                threads,
                clock,
                ids,
                NO_HOUSEKEEPING,
                Optional.of(MEASURED),
                HttpWatcher.NONE);
        this.server = new ApiServer(change.apply(HttpSettings.local(0, home.resolve("uploads"))), rates, services);
        tollgate.start();
        server.start();
        this.ann = key(ANN, EnumSet.of(Scope.JOBS, Scope.CREDITS_READ));
        this.ben = key(BEN, EnumSet.of(Scope.JOBS, Scope.CREDITS_READ));
    }

    /** A workflow for workers, with a model of its name, a prompt and a picture. */
    static Workflow fetch(String name) {
        Workflow draw = House.draw(name, name, 1, RetryPolicy.DEFAULT);
        return new Workflow(
                draw.name(),
                draw.title(),
                draw.description(),
                draw.queue(),
                draw.model(),
                draw.tariff(),
                draw.inputs(),
                Map.of(PullBackend.TYPE, Map.of()),
                Set.of(),
                Map.of(),
                1,
                draw.timeout(),
                draw.retry());
    }

    /** Sends files in parts of a form, with a run's token. */
    Seen files(String path, String key, String token, Map<String, byte[]> files) {
        String boundary = "xYzZy";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        files.forEach((name, bytes) -> {
            body.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                            + "\"\r\nContent-Type: text/plain\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            body.writeBytes(bytes);
            body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        });
        body.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return send(
                "POST",
                path,
                key,
                body.toByteArray(),
                Map.of("Content-Type", "multipart/form-data; boundary=" + boundary, "X-Worker-Token", token));
    }

    String key(UserId user, Set<Scope> scopes) {
        String secret = keys.create(user, scopes, Optional.empty(), "test").secret();
        log.protect(secret);
        return secret;
    }

    /** Five euros of Ann's that nobody knows what for. */
    Payment paid(String charge) {
        return ((PaymentResult.Done) payments.record(
                                Charge.once(ManualGateway.PROVIDER, charge),
                                ANN,
                                Money.parse("5.00 EUR"),
                                Optional.empty(),
                                "",
                                "test")
                        .toCompletableFuture()
                        .join())
                .payment();
    }

    void credit(UserId user, int credits) {
        tollgate.credits()
                .grant(
                        user,
                        GrantSource.BONUS,
                        "test-" + user + credits,
                        Amount.credits(credits),
                        Optional.empty(),
                        "test",
                        "for a test")
                .toCompletableFuture()
                .join();
    }

    /** An answer. */
    record Seen(HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        JsonNode json() {
            try {
                return ApiJson.read(response.body());
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + text(), e);
            }
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        String code() {
            return json().path("error").path("code").asText();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    Seen call(String method, String path, String key, String body, Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>();
        if (!body.isEmpty()) {
            all.put("Content-Type", "application/json");
        }
        all.putAll(headers);
        return send(method, path, key, body.getBytes(StandardCharsets.UTF_8), all);
    }

    /** Makes a call, and holds it and its answer to the contract. */
    Seen send(String method, String path, String key, byte[] body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(PATIENCE)
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        headers.forEach(request::setHeader);
        try {
            HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            contract.check(method, uri(path), headers.getOrDefault("Content-Type", ""), body, answer);
            return new Seen(answer);
        } catch (IOException e) {
            throw new AssertionError(method + " " + path + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Uploads a file with the fields of a form. */
    Seen upload(String key, String fileName, byte[] bytes, Map<String, String> fields) {
        String boundary = "xYzZy";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Map.Entry<String, String> field : fields.entrySet()) {
            body.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field.getKey()
                            + "\"\r\n\r\n" + field.getValue() + "\r\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
        body.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + fileName
                        + "\"\r\nContent-Type: text/html\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        body.writeBytes(bytes);
        body.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return send(
                "POST",
                "/api/v2/assets",
                key,
                body.toByteArray(),
                Map.of("Content-Type", "multipart/form-data; boundary=" + boundary));
    }

    HttpClient client() {
        return client;
    }

    URI uri(String path) {
        return URI.create(server.url() + path);
    }

    Seen get(String path, String key) {
        return call("GET", path, key, "", Map.of());
    }

    Seen post(String path, String key, String body) {
        return call("POST", path, key, body, Map.of());
    }

    /** Submits a picture of a boat. Returns the job. */
    JsonNode draw(String key) {
        Seen seen = post("/api/v2/jobs", key, "{\"workflow\":\"draw\",\"inputs\":{\"prompt\":\"a boat\"}}");
        if (seen.status() != 201) {
            throw new AssertionError(seen.status() + " " + seen.text());
        }
        return seen.json();
    }

    /** The one run that the backend has, as soon as it has it. */
    RunId run() {
        await(() -> !gpu.alive().isEmpty());
        return gpu.only();
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it does not come about");
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        server.close();
        tollgate.close();
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false); // looks for lost runs wait for minutes
        threads.shutdown();
        try {
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new AssertionError("a thread is stuck");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        log.close();
    }
}
