package io.tollgate.comfyui;

import io.tollgate.queue.backend.RecordingListener;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** What tests of the backend work with: threads, backends at a server, requests. */
final class Bench implements AutoCloseable {
    /** Impatient, for a server on this machine. */
    static final ComfySettings.Pace PACE = new ComfySettings.Pace(
            Duration.ofMillis(300),
            Duration.ofMillis(100),
            Duration.ofMillis(300),
            Duration.ofSeconds(2),
            Duration.ofMillis(50),
            Duration.ofMinutes(5));

    static final ComfySettings.Deadlines DEADLINES = new ComfySettings.Deadlines(
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            Duration.ofSeconds(5));

    private static final long PATIENCE_SECONDS = 30;
    private static final AtomicLong SEEDS =
            new AtomicLong(InstantSource.system().millis());

    private final Path folder;
    private final List<ComfyBackend> backends = new ArrayList<>();
    private final ThreadFactory daemons = task -> {
        Thread thread = new Thread(task, "comfy-test");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((where, e) -> {}); // listeners that throw on purpose
        return thread;
    };
    final ExecutorService executor = Executors.newFixedThreadPool(8, daemons);
    final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(daemons);

    Bench(Path folder) {
        this.folder = folder;
    }

    static ComfySettings settings(URI server) {
        return ComfySettings.of(server).withPace(PACE).withDeadlines(DEADLINES);
    }

    ComfyBackend backend(URI server) {
        return backend(settings(server));
    }

    ComfyBackend backend(ComfySettings settings) {
        ComfyBackend backend =
                new ComfyBackend(new BackendId("gpu-1"), settings, executor, timers, InstantSource.system());
        backends.add(backend);
        return backend;
    }

    @Override
    public void close() {
        backends.forEach(ComfyBackend::close);
        timers.shutdownNow();
        executor.shutdownNow();
    }

    /** A run of that graph, which takes no inputs. */
    static RunRequest request(RunId run, String graph) {
        return request(run, Map.of("graph", graph), Map.of(), id -> {
            throw new IOException("no such asset");
        });
    }

    static RunRequest request(
            RunId run, Map<String, String> recipe, Map<String, InputValue> inputs, RunRequest.Files files) {
        return new RunRequest(run, new WorkflowName("test"), recipe, inputs, files);
    }

    /** A run that loads a picture with these bytes, and saves it. */
    RunRequest loading(RunId run, AssetId asset, byte[] bytes) throws IOException {
        Path file = Files.createDirectories(folder).resolve("asset-" + asset);
        Files.write(file, bytes);
        Map<String, String> recipe = new HashMap<>();
        recipe.put("graph", """
                {"1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
                 "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "loaded"}}}""");
        recipe.put("inputs.image", "/1/inputs/image");
        return request(run, recipe, Map.of("image", new InputValue.Asset(asset)), id -> file);
    }

    /** Sleeps so long in so many steps, then saves a picture. Never cached. */
    static String sleeping(double seconds, int steps) {
        return """
                {"1": {"class_type": "EmptyImage",
                       "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
                 "2": {"class_type": "SleepProgress",
                       "inputs": {"seconds": %s, "steps": %d, "seed": %d, "preview": true, "image": ["1", 0]}},
                 "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "slept"}}}""".formatted(seconds, steps, SEEDS.incrementAndGet());
    }

    /** Saves a picture of a color nobody had, at once. */
    static String plain(int side) {
        return """
                {"1": {"class_type": "EmptyImage",
                       "inputs": {"width": %d, "height": 64, "batch_size": 1, "color": %d}},
                 "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}}}""".formatted(side, SEEDS.incrementAndGet() & 0xFFFFFF);
    }

    static RunId newRunId() {
        return new RunId(UUID.randomUUID());
    }

    static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Submits it and wants it accepted. */
    static RunId accepted(ComfyBackend backend, RunRequest request, RunListener listener) throws Exception {
        Submission answer = await(backend.submit(request, listener));
        if (answer instanceof Submission.Accepted accepted) {
            return accepted.runId();
        }
        throw new AssertionError("not accepted: " + answer);
    }

    static RecordingListener started(ComfyBackend backend, RunRequest request) throws Exception {
        RecordingListener listener = new RecordingListener();
        accepted(backend, request, listener);
        listener.awaitStarted();
        return listener;
    }

    /** Waits until it is so; looks again and again without sleeping on it. */
    void until(String what, BooleanSupplier condition) throws Exception {
        java.util.concurrent.CompletableFuture<Void> met = new java.util.concurrent.CompletableFuture<>();
        var look = timers.scheduleWithFixedDelay(
                () -> executor.execute(() -> {
                    if (condition.getAsBoolean()) {
                        met.complete(null);
                    }
                }),
                0,
                5,
                TimeUnit.MILLISECONDS);
        try {
            met.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError("not within " + PATIENCE_SECONDS + " s: " + what, e);
        } finally {
            look.cancel(false);
        }
    }
}
