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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Speaks to a {@link SurvivingServer}, as an adapter to a real server would. */
final class SurvivingBackend implements GenerationBackend {
    static final String TYPE = "surviving";

    private static final Executor SOON = CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    private final BackendId id;
    private final URI server;
    private final int slots;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Map<RunId, Following> following = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** A run and whoever listens to it, who may be replaced. */
    private final class Following {
        final CompletableFuture<Submission> submission = new CompletableFuture<>();
        final AtomicBoolean awaited = new AtomicBoolean();
        private RunListener listener;
        private boolean begun;
        private @Nullable RunOutcome outcome;

        Following(RunListener listener) {
            this.listener = listener;
        }

        synchronized void listen(RunListener later) {
            listener = later;
            if (outcome != null) {
                tellEnd(outcome);
            } else if (begun) {
                tellStart();
            }
        }

        synchronized void begin() {
            if (!begun && outcome == null) {
                begun = true;
                tellStart();
            }
        }

        synchronized void end(RunOutcome how) {
            if (outcome == null) {
                outcome = how;
                tellEnd(how);
            }
        }

        private void tellStart() {
            tell(RunListener::started);
            tell(heard -> heard.progress(Progress.of(0, 1, "running")));
        }

        synchronized void tellEnd(RunOutcome how) {
            tell(heard -> heard.ended(how));
        }

        private void tell(Consumer<RunListener> what) {
            try {
                if (!closed) {
                    what.accept(listener);
                }
            } catch (RuntimeException e) {
                // a listener's trouble is its own
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
        if (closed) {
            return CompletableFuture.completedFuture(new Submission.Unreachable("closed"));
        }
        if (!(request.inputs().get("ms") instanceof InputValue.Whole millis)) {
            return CompletableFuture.completedFuture(
                    new Submission.Rejected(new Failure(Failure.Kind.BAD_INPUT, "it needs a whole number of ms")));
        }
        RunId run = request.runId();
        Following fresh = new Following(listener);
        Following known = following.putIfAbsent(run, fresh);
        if (known != null) {
            known.listen(listener);
            return known.submission;
        }
        Mood mood = Mood.of(request.inputs());
        var unused = send(
                        "POST",
                        "/runs/" + run + "?ms=" + millis.value() + "&end=" + end(request.inputs(), mood) + "&mood="
                                + mood)
                .handle((answer, problem) -> {
                    if (problem == null) {
                        fresh.submission.complete(new Submission.Accepted(run));
                        awaitStart(run, fresh);
                        return true;
                    }
                    if (!fresh.awaited.get()) { // else somebody has attached meanwhile, and is told what becomes of it
                        following.remove(run, fresh);
                    }
                    Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
                    return fresh.submission.complete(
                            cause instanceof ConnectException
                                    ? new Submission.Unreachable("connection refused")
                                    : new Submission.Unclear(String.valueOf(cause)));
                });
        return fresh.submission;
    }

    private static String end(Map<String, InputValue> inputs, Mood mood) {
        if (inputs.get("fail") instanceof InputValue.Flag flag && flag.value()) {
            return "failed";
        }
        long makes = inputs.get("makes") instanceof InputValue.Whole number ? number.value() : 1;
        return mood == Mood.TWICE ? "twice" : String.valueOf(makes);
    }

    private void awaitStart(RunId run, Following follower) {
        if (!follower.awaited.compareAndSet(false, true)) {
            return;
        }
        await(run, follower, "start", word -> {
            if (word.equals("started")) {
                follower.begin();
            }
            awaitEnd(run, follower);
        });
    }

    private void awaitEnd(RunId run, Following follower) {
        await(run, follower, "end", word -> {
            follower.end(outcome(run, word));
            if (word.equals("twice")) {
                follower.tellEnd(outcome(run, "failed"));
            }
        });
    }

    /** Asks until it is answered: a lost connection says nothing about the run. */
    private void await(RunId run, Following follower, String what, Consumer<String> then) {
        // a submission that was on its way when this was asked may have arrived later
        boolean mayCome = !follower.submission.isDone();
        var unused = send("GET", "/runs/" + run + "/" + what).handle((answer, problem) -> {
            if (closed || following.get(run) != follower) {
                return false;
            }
            if (problem != null || (answer.statusCode() == 404 && mayCome)) {
                SOON.execute(() -> await(run, follower, what, then));
            } else if (answer.statusCode() == 404) {
                follower.end(new RunOutcome.Lost());
            } else {
                then.accept(answer.body());
            }
            return true;
        });
    }

    private static RunOutcome outcome(RunId run, String word) {
        return switch (word) {
            case "canceled" -> new RunOutcome.Canceled();
            case "failed" ->
                new RunOutcome.Failed(new Failure(Failure.Kind.BAD_INPUT, "it was told to fail"), List.of());
            case "twice" -> new RunOutcome.Succeeded(outputs(run, 1));
            default -> new RunOutcome.Succeeded(outputs(run, Integer.parseInt(word)));
        };
    }

    private static List<Produced> outputs(RunId run, int count) {
        byte[] bytes = ("made by run " + run).getBytes(StandardCharsets.UTF_8);
        return Collections.nCopies(
                count,
                new Produced("result.txt", Optional.empty(), "text/plain", () -> new ByteArrayInputStream(bytes)));
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
        Following fresh = new Following(listener);
        Following known = following.putIfAbsent(run, fresh);
        if (known == null) {
            fresh.submission.complete(new Submission.Accepted(run)); // by an earlier process
            awaitStart(run, fresh);
        } else {
            known.listen(listener);
            awaitStart(run, known);
        }
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
        if (closed) {
            return CompletableFuture.failedFuture(new ConnectException("closed"));
        }
        HttpRequest request = HttpRequest.newBuilder(server.resolve(path))
                .method(method, BodyPublishers.noBody())
                .build();
        return http.sendAsync(request, BodyHandlers.ofString());
    }
}
