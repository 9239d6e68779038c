package io.tollgate.queue.house;

import io.tollgate.queue.backend.BackendUnreachableException;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.RunId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A backend that does as a test tells it. What it knows outlives the nodes that ask it, as a real server does. */
public final class ActedBackend implements GenerationBackend {
    /** How a submission goes. */
    public enum Answer {
        ACCEPT,
        REJECT,
        /** It never arrives. */
        UNREACHABLE,
        /** It arrives; the answer is lost. */
        UNCLEAR_ARRIVED,
        /** It does not arrive; nobody knows. */
        UNCLEAR_LOST,
        /** It arrives; the answer never comes. */
        SILENT,
        /** A defect. */
        THROW
    }

    /** One run, as the backend knows it. */
    public static final class Run {
        public final RunRequest request;
        private @Nullable RunListener listener;
        private @Nullable RunOutcome outcome;

        Run(RunRequest request, RunListener listener) {
            this.request = request;
            this.listener = listener;
        }

        /** Whether it has not ended. */
        public boolean alive() {
            return outcome == null;
        }
    }

    private final BackendId id;
    private final int slots;
    public Set<String> tags = Set.of();
    public Answer answer = Answer.ACCEPT;
    public boolean reachable = true;
    /** Whether a run stops when it is asked to. */
    public boolean obedient = true;

    public final Map<RunId, Run> runs = new LinkedHashMap<>();
    public final List<RunId> submitted = new ArrayList<>();
    public final List<RunId> canceled = new ArrayList<>();
    public final Set<RunId> forgotten = new HashSet<>();
    public final List<CompletableFuture<Submission>> unanswered = new ArrayList<>();
    public int lookups;
    public int probes;
    /** Most runs that were alive at once. */
    public int peak;

    public ActedBackend(String name, int slots) {
        this.id = new BackendId(name);
        this.slots = slots;
    }

    @Override
    public BackendId id() {
        return id;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities("acted", Set.of(), tags);
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public CompletionStage<Duration> probe() {
        probes++;
        return reachable
                ? CompletableFuture.completedFuture(Duration.ofMillis(1))
                : CompletableFuture.failedFuture(
                        new BackendUnreachableException("connection refused", new java.io.IOException("refused")));
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        if (!reachable) {
            return CompletableFuture.completedFuture(new Submission.Unreachable("connection refused"));
        }
        submitted.add(request.runId());
        return switch (answer) {
            case ACCEPT -> {
                arrive(request, listener);
                yield CompletableFuture.completedFuture(new Submission.Accepted(request.runId()));
            }
            case REJECT ->
                CompletableFuture.completedFuture(
                        new Submission.Rejected(new Failure(Failure.Kind.BAD_WORKFLOW, "no such node")));
            case UNREACHABLE -> CompletableFuture.completedFuture(new Submission.Unreachable("connection refused"));
            case UNCLEAR_ARRIVED -> {
                arrive(request, listener);
                yield CompletableFuture.completedFuture(new Submission.Unclear("connection reset"));
            }
            case UNCLEAR_LOST -> CompletableFuture.completedFuture(new Submission.Unclear("connection reset"));
            case SILENT -> {
                arrive(request, listener);
                CompletableFuture<Submission> never = new CompletableFuture<>();
                unanswered.add(never);
                yield never;
            }
            case THROW -> throw new IllegalStateException("a defect of the backend");
        };
    }

    private void arrive(RunRequest request, RunListener listener) {
        runs.put(request.runId(), new Run(request, listener));
        peak = Math.max(peak, alive().size());
    }

    /** The runs that have not ended, oldest first. */
    public List<RunId> alive() {
        return runs.entrySet().stream()
                .filter(run -> run.getValue().alive())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public CompletionStage<RunLookup> find(RunId runId) {
        lookups++;
        return CompletableFuture.completedFuture(
                !reachable ? RunLookup.UNREACHABLE : runs.containsKey(runId) ? RunLookup.KNOWN : RunLookup.NOT_KNOWN);
    }

    @Override
    public void attach(RunId runId, RunListener listener) {
        Run run = runs.get(runId);
        if (run == null) {
            listener.ended(new RunOutcome.Lost());
            return;
        }
        run.listener = listener;
        if (run.outcome != null) {
            listener.ended(run.outcome);
        }
    }

    @Override
    public CompletionStage<Void> cancel(RunId runId) {
        canceled.add(runId);
        Run run = runs.get(runId);
        if (run != null && run.alive() && obedient) {
            end(runId, new RunOutcome.Canceled());
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void forget(RunId runId) {
        forgotten.add(runId);
        runs.remove(runId);
    }

    @Override
    public void close() {
        runs.values().forEach(run -> run.listener = null);
    }

    /** Begins to work on a run. */
    public void start(RunId runId) {
        RunListener listener = run(runId).listener;
        if (listener != null) {
            listener.started();
        }
    }

    /** The one run that is alive. */
    public RunId only() {
        List<RunId> alive = alive();
        if (alive.size() != 1) {
            throw new AssertionError("not one run is alive but " + alive.size());
        }
        return alive.get(0);
    }

    private Run run(RunId runId) {
        Run run = runs.get(runId);
        if (run == null) {
            throw new AssertionError("it does not know the run " + runId);
        }
        return run;
    }

    /** What a run is of. */
    public String workflow(RunId runId) {
        return run(runId).request.workflow().value();
    }

    /** Whom to tell of a run, if anybody listens. */
    public Optional<RunListener> listener(RunId runId) {
        return Optional.ofNullable(run(runId).listener);
    }

    /** Ends a run. */
    public void end(RunId runId, RunOutcome outcome) {
        Run run = run(runId);
        run.outcome = outcome;
        RunListener listener = run.listener;
        if (listener != null) {
            listener.ended(outcome);
        }
    }

    /** Ends a run well, with outputs of these names whose content is their name. */
    public void succeed(RunId runId, String... names) {
        end(runId, new RunOutcome.Succeeded(files(names)));
    }

    /** Ends a run badly, perhaps with outputs. */
    public void fail(RunId runId, Failure.Kind kind, String... names) {
        end(runId, new RunOutcome.Failed(new Failure(kind, "it went wrong"), files(names)));
    }

    /** Files whose content is their name. */
    public static List<Produced> files(String... names) {
        List<Produced> files = new ArrayList<>();
        for (String name : names) {
            files.add(new Produced(
                    name,
                    Optional.empty(),
                    "image/png",
                    () -> new ByteArrayInputStream(name.getBytes(StandardCharsets.UTF_8))));
        }
        return files;
    }

    /** Restarts, so that it knows no run any more and tells nobody. */
    public void restart() {
        runs.clear();
    }
}
