package io.tollgate.queue.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tollgate.queue.backend.BackendUnreachableException;
import io.tollgate.queue.backend.BackendWatcher;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A backend that does what a test tells it. It takes what it is given and then waits to be told how each run goes; how
 * it answers submissions can be laid down. It counts how often each run id was really run, and plays a server that
 * restarts, falls silent or ignores a wish to stop. What it knows outlives the nodes that ask it, as a real server
 * does: closing it only stops the telling.
 *
 * <p>Safe for use by many threads. Listeners are called on the thread that tells it what happens.
 */
public final class ScriptedBackend implements GenerationBackend {
    /** How a submission goes. */
    public enum Answer {
        /** It arrives. */
        ACCEPT(true),
        /** It is refused for a bad workflow. */
        REJECT(false),
        /** It does not arrive, and that is known. */
        UNREACHABLE(false),
        /** It arrives; the answer is lost. */
        UNCLEAR_ARRIVED(true),
        /** It does not arrive; nobody knows. */
        UNCLEAR_LOST(false),
        /** It arrives; the answer does not come until it is {@linkplain #unanswered given}. */
        SILENT(true),
        /** A defect of the backend. */
        THROW(false);

        private final boolean arrives;

        Answer(boolean arrives) {
            this.arrives = arrives;
        }
    }

    private final BackendId id;
    private final int slots;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<RunId, Run> known = new LinkedHashMap<>();
    private final Map<RunId, Integer> timesRun = new HashMap<>();
    private final List<RunId> submitted = new ArrayList<>();
    private final List<RunId> canceled = new ArrayList<>();
    private final Set<RunId> forgotten = new HashSet<>();
    private final Deque<Answer> next = new ArrayDeque<>();
    private final Map<RunId, CompletableFuture<Submission>> unanswered = new LinkedHashMap<>();
    private Capabilities capabilities = new Capabilities(JobSpecs.TYPE, Set.of(), Set.of());
    private Answer answer = Answer.ACCEPT;
    private boolean reachable = true;
    private boolean ignoresCancels;
    private int misses;
    private boolean looksFail;
    private int mostAtOnce;
    private int lookups;
    private int probes;
    private int prefetch;
    private boolean remote;
    private boolean keepsRuns;
    private volatile int others;
    private @Nullable BackendWatcher watcher;

    private static final class Run {
        final WorkflowName workflow;
        final ReentrantLock telling = new ReentrantLock();

        @Nullable RunListener listener;

        boolean started;

        @Nullable RunOutcome outcome;

        Run(WorkflowName workflow, RunListener listener) {
            this.workflow = workflow;
            this.listener = listener;
        }
    }

    /** A backend of the usual type that can do all of it, with {@code slots} slots. */
    public ScriptedBackend(String name, int slots) {
        this.id = new BackendId(name);
        this.slots = slots;
    }

    // ---- how it behaves

    /** From now on submissions go like this. */
    public void answer(Answer always) {
        locked(() -> answer = always);
    }

    /** The next submissions that have no answer yet go like these, one each. */
    public void answerNext(Answer... once) {
        locked(() -> next.addAll(List.of(once)));
    }

    /** Whether it answers at all. What runs goes on meanwhile. */
    public void reachable(boolean answers) {
        locked(() -> reachable = answers);
    }

    /** Whether runs go on when they are asked to stop. */
    public void ignoreCancels(boolean ignores) {
        locked(() -> ignoresCancels = ignores);
    }

    /** The next times that a run is looked for it isn't found, whether it is there or not. */
    public void missNext(int times) {
        locked(() -> misses = times);
    }

    /** Whether looking for a run fails by a defect. */
    public void failLooks(boolean fails) {
        locked(() -> looksFail = fails);
    }

    /** Changes what it can be given. */
    public void capabilities(Capabilities now) {
        locked(() -> capabilities = now);
    }

    /** Takes so many more runs than it has slots; asked for once, when a node is built. */
    public ScriptedBackend prefetching(int more) {
        prefetch = more;
        return this;
    }

    /** Has its outputs elsewhere. */
    public ScriptedBackend remote() {
        remote = true;
        return this;
    }

    /** Whether runs are not taken back, though they have not begun. */
    public void keepRuns(boolean keeps) {
        locked(() -> keepsRuns = keeps);
    }

    /** Has so much of other people to do from now on, and says so. */
    public void others(int runs) {
        others = runs;
        Objects.requireNonNull(watcher).changed();
    }

    /** Says that it can't be reached. */
    public void goAway(String reason) {
        reachable(false);
        Objects.requireNonNull(watcher).unreachable(reason);
    }

    /** Tells what a run looks like so far. */
    public void preview(RunId runId, Preview preview) {
        tell(known(runId), listener -> listener.preview(preview));
    }

    /** Forgets all runs, as a server does that restarts; nobody is told. */
    public void restart() {
        locked(known::clear);
    }

    // ---- how runs go

    /** Begins to work on a run. */
    public void start(RunId runId) {
        Run run = known(runId);
        tell(run, listener -> {
            if (!run.started) {
                run.started = true;
                listener.started();
            }
        });
    }

    /** Tells how far a run is. */
    public void progress(RunId runId, Progress progress) {
        tell(known(runId), listener -> listener.progress(progress));
    }

    /** Ends a run well, with outputs of these names whose content is their name until the run is forgotten. */
    public void succeed(RunId runId, String... names) {
        end(runId, new RunOutcome.Succeeded(produced(runId, names)));
    }

    /** Ends a run well while the line to it is down: who wants to know has to look for it. */
    public void succeedUnheard(RunId runId, String... names) {
        Run run = known(runId);
        locked(() -> {
            run.listener = null;
            run.outcome = new RunOutcome.Succeeded(produced(runId, names));
        });
    }

    /** Ends a run badly, perhaps with outputs. */
    public void fail(RunId runId, Failure.Kind kind, String... names) {
        end(runId, new RunOutcome.Failed(new Failure(kind, "it went wrong"), produced(runId, names)));
    }

    /** Ends a run in any way. */
    public void end(RunId runId, RunOutcome outcome) {
        Run run = known(runId);
        locked(() -> {
            if (run.outcome != null) {
                throw new IllegalStateException("the run is over: " + runId);
            }
            run.outcome = outcome;
        });
        tell(run, listener -> {
            run.listener = null;
            listener.ended(outcome);
        });
    }

    private static void tell(Run run, Consumer<RunListener> what) {
        run.telling.lock(); // calls come one after the other
        try {
            RunListener listener = run.listener;
            if (listener != null) {
                what.accept(listener);
            }
        } finally {
            run.telling.unlock();
        }
    }

    private Run known(RunId runId) {
        return locked(() -> {
            Run run = known.get(runId);
            if (run == null) {
                throw new IllegalStateException("not a run of " + id + ": " + runId);
            }
            return run;
        });
    }

    private List<Produced> produced(RunId runId, String... names) {
        return Stream.of(names)
                .map(name -> file(name, () -> {
                    if (forgotten().contains(runId)) {
                        throw new FileNotFoundException("run " + runId + " was forgotten");
                    }
                    return new ByteArrayInputStream(name.getBytes(UTF_8));
                }))
                .toList();
    }

    /** A file whose content is its name. */
    public static Produced file(String name) {
        return file(name, () -> new ByteArrayInputStream(name.getBytes(UTF_8)));
    }

    private static Produced file(String name, Produced.Content content) {
        return new Produced(name, Optional.empty(), "image/png", content);
    }

    // ---- what it saw

    /** How often this run id was run: what must never be more than once. */
    public int timesRun(RunId runId) {
        return locked(() -> timesRun.getOrDefault(runId, 0));
    }

    /** All submissions while it was reachable, also those that did not arrive, in order. */
    public List<RunId> submitted() {
        return locked(() -> List.copyOf(submitted));
    }

    /** The answers that are still owed, oldest first. */
    public List<CompletableFuture<Submission>> unanswered() {
        return locked(() -> List.copyOf(unanswered.values()));
    }

    /** The runs that have not ended, in the order in which they came. */
    public List<RunId> alive() {
        return locked(() -> known.entrySet().stream()
                .filter(run -> run.getValue().outcome == null)
                .map(Map.Entry::getKey)
                .toList());
    }

    /** The one run that has not ended. */
    public RunId only() {
        List<RunId> alive = alive();
        if (alive.size() != 1) {
            throw new AssertionError("not one run is alive but " + alive.size());
        }
        return alive.get(0);
    }

    /** What a run is of. */
    public WorkflowName workflow(RunId runId) {
        return known(runId).workflow;
    }

    /** The most runs that it had at once. */
    public int mostAtOnce() {
        return locked(() -> mostAtOnce);
    }

    /** The runs it was asked to stop, in order and as often, whether it heard it or not. */
    public List<RunId> canceled() {
        return locked(() -> List.copyOf(canceled));
    }

    /** The runs whose outcome it was told is stored. */
    public Set<RunId> forgotten() {
        return locked(() -> Set.copyOf(forgotten));
    }

    /** How often a run was looked for. */
    public int lookups() {
        return locked(() -> lookups);
    }

    /** How often it was asked whether it is well. */
    public int probes() {
        return locked(() -> probes);
    }

    // ---- the backend

    @Override
    public BackendId id() {
        return id;
    }

    @Override
    public Capabilities capabilities() {
        return locked(() -> capabilities);
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int prefetch() {
        return prefetch;
    }

    @Override
    public int others() {
        return others;
    }

    @Override
    public boolean fetchesOutputs() {
        return remote;
    }

    @Override
    public void watch(BackendWatcher hears) {
        watcher = hears;
    }

    @Override
    public CompletionStage<Boolean> recall(RunId runId) {
        return CompletableFuture.completedFuture(locked(() -> {
            Run run = known.get(runId);
            if (!reachable || keepsRuns || run == null || run.started || run.outcome != null) {
                return false;
            }
            known.remove(runId);
            return true;
        }));
    }

    @Override
    public CompletionStage<Duration> probe() {
        boolean answers = locked(() -> {
            probes++;
            return reachable;
        });
        return answers
                ? CompletableFuture.completedFuture(Duration.ofMillis(1))
                : CompletableFuture.failedFuture(
                        new BackendUnreachableException("connection refused", new IOException("refused")));
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        RunId runId = request.runId();
        return locked(() -> {
            if (!reachable) {
                return CompletableFuture.completedFuture(new Submission.Unreachable("connection refused"));
            }
            Answer given = next.isEmpty() ? answer : next.remove();
            submitted.add(runId);
            if (given.arrives && !known.containsKey(runId)) {
                known.put(runId, new Run(request.workflow(), listener));
                timesRun.merge(runId, 1, Integer::sum);
                mostAtOnce = Math.max(mostAtOnce, alive().size());
            }
            return answered(given, runId);
        });
    }

    private CompletionStage<Submission> answered(Answer given, RunId runId) {
        return switch (given) {
            case ACCEPT -> CompletableFuture.completedFuture(new Submission.Accepted(runId));
            case REJECT ->
                CompletableFuture.completedFuture(
                        new Submission.Rejected(new Failure(Failure.Kind.BAD_WORKFLOW, "no such node")));
            case UNREACHABLE -> CompletableFuture.completedFuture(new Submission.Unreachable("connection refused"));
            case UNCLEAR_ARRIVED, UNCLEAR_LOST ->
                CompletableFuture.completedFuture(new Submission.Unclear("connection reset"));
            case SILENT -> {
                CompletableFuture<Submission> owed = new CompletableFuture<>();
                unanswered.put(runId, owed);
                yield owed.whenComplete((told, failed) -> locked(() -> unanswered.remove(runId)));
            }
            case THROW -> throw new IllegalStateException("a defect of the backend");
        };
    }

    @Override
    public CompletionStage<RunLookup> find(RunId runId) {
        return locked(() -> {
            lookups++;
            if (looksFail) {
                return CompletableFuture.failedFuture(new IllegalStateException("a defect of the backend"));
            }
            boolean missed = reachable && misses > 0;
            misses -= missed ? 1 : 0;
            return CompletableFuture.completedFuture(
                    !reachable
                            ? RunLookup.UNREACHABLE
                            : known.containsKey(runId) && !missed ? RunLookup.KNOWN : RunLookup.NOT_KNOWN);
        });
    }

    @Override
    public void attach(RunId runId, RunListener listener) {
        Run run = locked(() -> known.get(runId));
        if (run == null) {
            listener.ended(new RunOutcome.Lost());
            return;
        }
        run.telling.lock();
        try {
            RunOutcome outcome = locked(() -> run.outcome);
            run.listener = outcome == null ? listener : null;
            if (outcome != null) {
                listener.ended(outcome);
            } else if (run.started) {
                listener.started();
            }
        } finally {
            run.telling.unlock();
        }
    }

    @Override
    public CompletionStage<Void> cancel(RunId runId) {
        boolean stops = locked(() -> {
            canceled.add(runId);
            return reachable && !ignoresCancels && alive().contains(runId);
        });
        if (stops) {
            end(runId, new RunOutcome.Canceled());
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void forget(RunId runId) {
        locked(() -> {
            forgotten.add(runId);
            known.remove(runId);
        });
    }

    @Override
    public void close() {
        List<Run> left = locked(() -> List.copyOf(known.values()));
        for (Run run : left) {
            run.telling.lock();
            try {
                run.listener = null;
            } finally {
                run.telling.unlock();
            }
        }
    }

    private void locked(Runnable body) {
        lock.lock();
        try {
            body.run();
        } finally {
            lock.unlock();
        }
    }

    private <T extends @Nullable Object> T locked(Supplier<T> body) {
        lock.lock();
        try {
            return body.get();
        } finally {
            lock.unlock();
        }
    }
}
