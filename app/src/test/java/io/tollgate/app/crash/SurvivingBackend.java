package io.tollgate.app.crash;

import io.tollgate.queue.backend.BackendUnreachableException;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RunId;
import java.io.ByteArrayInputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Speaks to a {@link SurvivingServer}, as an adapter to a real server would. */
final class SurvivingBackend implements GenerationBackend {
    static final String TYPE = "surviving";

    private final BackendId id;
    private final URI server;
    private final int slots;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Map<RunId, Following> following = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** A run and whoever listens to it; the listener may be replaced. */
    private static final class Following {
        volatile RunListener listener;
        private boolean over;

        Following(RunListener listener) {
            this.listener = listener;
        }

        synchronized void end(RunOutcome outcome) {
            if (!over) {
                over = true;
                listener.ended(outcome);
            }
        }
    }

    SurvivingBackend(BackendId id, URI server, int slots) {
        this.id = id;
        this.server = server;
        this.slots = slots;
    }

    @Override
    public BackendId id() {
        return id;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(TYPE, Set.of(), Set.of());
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public CompletionStage<Duration> probe() {
        return send("GET", "/counts").handle((answer, problem) -> {
            if (problem != null) {
                throw new BackendUnreachableException("the server does not answer", problem);
            }
            return Duration.ZERO;
        });
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        RunId run = request.runId();
        Following known = following.get(run);
        if (known != null) {
            known.listener = listener;
            return CompletableFuture.completedFuture(new Submission.Accepted(run));
        }
        if (!(request.inputs().get("ms") instanceof InputValue.Whole millis)) {
            return CompletableFuture.completedFuture(
                    new Submission.Rejected(new Failure(Failure.Kind.BAD_INPUT, "it needs a whole number of ms")));
        }
        boolean fail = request.inputs().get("fail") instanceof InputValue.Flag flag && flag.value();
        return send("POST", "/runs/" + run + "?ms=" + millis.value() + "&fail=" + fail)
                .handle((answer, problem) -> {
                    if (problem == null) {
                        follow(run, listener);
                        return new Submission.Accepted(run);
                    }
                    Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
                    return cause instanceof ConnectException
                            ? new Submission.Unreachable("connection refused")
                            : new Submission.Unclear(String.valueOf(cause));
                });
    }

    private void follow(RunId run, RunListener listener) {
        Following fresh = new Following(listener);
        following.put(run, fresh);
        listener.started();
        listener.progress(Progress.of(0, 1, "running"));
        wait(run, fresh);
    }

    private void wait(RunId run, Following follower) {
        var unused = send("GET", "/runs/" + run + "/end").handle((answer, problem) -> {
            if (closed) {
                return false;
            }
            if (problem != null) {
                follower.end(new RunOutcome.Lost());
            } else if (answer.statusCode() == 404) {
                follower.end(new RunOutcome.Lost());
            } else {
                follower.end(outcome(run, answer.body()));
            }
            return true;
        });
    }

    private static RunOutcome outcome(RunId run, String word) {
        byte[] bytes = ("made by run " + run).getBytes(StandardCharsets.UTF_8);
        return switch (word) {
            case "succeeded" ->
                new RunOutcome.Succeeded(List.of(new Produced(
                        "result.txt", Optional.empty(), "text/plain", () -> new ByteArrayInputStream(bytes))));
            case "failed" ->
                new RunOutcome.Failed(new Failure(Failure.Kind.BAD_INPUT, "it was told to fail"), List.of());
            default -> new RunOutcome.Canceled();
        };
    }

    @Override
    public CompletionStage<RunLookup> find(RunId run) {
        return send("GET", "/runs/" + run).handle((answer, problem) -> {
            if (problem != null) {
                return RunLookup.UNREACHABLE;
            }
            return answer.statusCode() == 404 ? RunLookup.NOT_KNOWN : RunLookup.KNOWN;
        });
    }

    @Override
    public void attach(RunId run, RunListener listener) {
        Following known = following.get(run);
        if (known != null && !known.over) {
            known.listener = listener;
            return;
        }
        Following fresh = new Following(listener);
        following.put(run, fresh);
        wait(run, fresh);
    }

    @Override
    public CompletionStage<Void> cancel(RunId run) {
        return send("POST", "/runs/" + run + "/cancel").handle((answer, problem) -> null);
    }

    @Override
    public void forget(RunId run) {
        following.remove(run);
    }

    @Override
    public void close() {
        closed = true;
        following.clear();
    }

    private CompletableFuture<HttpResponse<String>> send(String method, String path) {
        HttpRequest request = HttpRequest.newBuilder(server.resolve(path))
                .method(method, BodyPublishers.noBody())
                .build();
        return http.sendAsync(request, BodyHandlers.ofString());
    }
}
