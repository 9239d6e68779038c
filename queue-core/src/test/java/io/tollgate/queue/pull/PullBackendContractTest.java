package io.tollgate.queue.pull;

import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.GenerationBackendContract;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

final class PullBackendContractTest extends GenerationBackendContract {
    private static final String WHAT = "what";
    private static final Duration LEASE = Duration.ofSeconds(30);

    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
    private volatile Duration ahead = Duration.ZERO;
    private volatile boolean over;

    @Override
    protected GenerationBackend newBackend() {
        InstantSource clock = () -> InstantSource.system().instant().plus(ahead);
        PullBackend desk = new PullBackend(
                new BackendId("box"),
                Set.of(),
                Set.of(),
                new PullSettings(2, LEASE),
                new PullBackend.Tools(new RunTokens(new byte[32]), this::graph, timers, clock, PullWatcher.NONE));
        ahead = LEASE; // no earlier process can have handed out anything
        work(desk);
        return desk;
    }

    private Optional<String> graph(RunRequest request) {
        if (!request.recipe().containsKey(WHAT)) {
            throw new InvalidWorkflowException("it says nothing");
        }
        return Optional.empty();
    }

    /** A worker that does what a run's recipe says. */
    private void work(PullBackend desk) {
        if (over) {
            return;
        }
        Claim claim = new Claim("key", "worker", Set.of(), 1, Claim.LONGEST_WAIT, () -> true);
        CompletionStage<Void> unused = desk.claim(claim)
                .thenAcceptAsync(
                        assigned -> {
                            assigned.forEach(each -> run(desk, each));
                            if (assigned.isEmpty()) {
                                Future<?> unusedTimer = timers.schedule(() -> work(desk), 20, TimeUnit.MILLISECONDS);
                            } else {
                                work(desk);
                            }
                        },
                        timers);
    }

    private void run(PullBackend desk, Assignment assignment) {
        RunRequest request = assignment.request();
        RunId run = request.runId();
        desk.heartbeat(run, Optional.of(Progress.of(1, 2, "begun")));
        switch (request.recipe().getOrDefault(WHAT, "")) {
            case "quick" ->
                desk.complete(
                        run,
                        List.of(new Produced(
                                "photo.png",
                                Optional.empty(),
                                "image/png",
                                () -> new ByteArrayInputStream("photo".getBytes(StandardCharsets.UTF_8)))),
                        () -> {});
            case "failing" -> desk.fail(run, new Failure(Failure.Kind.BAD_INPUT, "it is no picture"));
            default -> untilCanceled(desk, run);
        }
    }

    private void untilCanceled(PullBackend desk, RunId run) {
        ScheduledFuture<?> unused = timers.schedule(
                () -> {
                    Heard heard = desk.heartbeat(run, Optional.empty());
                    if (heard instanceof Heard.Going going && going.cancel()) {
                        desk.canceled(run);
                    } else if (heard instanceof Heard.Going && !over) {
                        untilCanceled(desk, run);
                    }
                },
                5,
                TimeUnit.MILLISECONDS);
    }

    private static RunRequest request(RunId run, Map<String, String> recipe) {
        return new RunRequest(run, new WorkflowName("test"), recipe, Map.of(), id -> Path.of("none"));
    }

    @Override
    protected RunRequest quick(RunId run) {
        return request(run, Map.of(WHAT, "quick"));
    }

    @Override
    protected RunRequest slow(RunId run) {
        return request(run, Map.of(WHAT, "slow"));
    }

    @Override
    protected RunRequest failing(RunId run) {
        return request(run, Map.of(WHAT, "failing"));
    }

    @Override
    protected RunRequest refused(RunId run) {
        return request(run, Map.of());
    }

    @AfterEach
    void stop() {
        over = true;
        timers.shutdownNow();
    }
}
