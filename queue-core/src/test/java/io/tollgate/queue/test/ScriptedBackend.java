package io.tollgate.queue.test;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import io.tollgate.queue.job.RunId;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A backend that does what a test tells it. It takes what it is given and then waits to be told how each run goes,
 * unless it is {@linkplain #automatic automatic}; how it answers the next submissions can be laid down. It counts how
 * often each run id was really run, and plays a server that restarts, falls silent or ignores a wish to stop.
 *
 * <p>Safe for use by many threads. Listeners are called on the thread that tells it what happens, or on the scheduler.
 */
public final class ScriptedBackend implements GenerationBackend {
    private final BackendId id;
    private final int slots;
    private final ScheduledExecutorService scheduler;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<RunId, Run> known = new LinkedHashMap<>();
    private final Map<RunId, Integer> timesRun = new HashMap<>();
    private final List<RunRequest> requests = new ArrayList<>();
    private final Set<RunId> canceled = new HashSet<>();
    private final Set<RunId> forgotten = new HashSet<>();
    private final Deque<Script> scripts = new ArrayDeque<>();
    private Capabilities capabilities;
    private @Nullable Automatic automatic;
    private boolean reachable = true;
    private boolean ignoresCancels;
    private boolean closed;
    private int mostAtOnce;

    private record Automatic(int outputs, Duration took) {}

    /** How one submission is answered, and whether it arrives. */
    private record Script(CompletableFuture<Submission> answer, boolean arrives, boolean accepts) {}

    private static final class Run {
        final ReentrantLock telling = new ReentrantLock();

        @Nullable RunListener listener;

        boolean started;
        volatile boolean gone;
        volatile @Nullable Future<?> end;

        @Nullable RunOutcome outcome;

        Run(RunListener listener) {
            this.listener = listener;
        }
    }

    /** A backend of the usual kind for all queues, with {@code slots} slots. */
    public ScriptedBackend(String name, int slots, ScheduledExecutorService scheduler) {
        this(new BackendId(name), new Capabilities(JobSpecs.TYPE, Set.of(), Set.of()), slots, scheduler);
    }

    /** @param scheduler lets an {@linkplain #automatic automatic} run take its time */
    public ScriptedBackend(BackendId id, Capabilities capabilities, int slots, ScheduledExecutorService scheduler) {
        this.id = id;
        this.capabilities = capabilities;
        this.slots = slots;
        this.scheduler = scheduler;
    }

    // ---- how it behaves

    /** From now on each run it takes starts at once and succeeds after a while, without being told. */
    public void automatic(int outputs, Duration took) {
        locked(() -> automatic = new Automatic(outputs, took));
    }

    /** From now on runs wait to be told how they go. */
    public void byHand() {
        locked(() -> automatic = null);
    }

    /** Refuses the next submission that has no other answer yet. */
    public void rejectNext(Failure failure) {
        script(new Submission.Rejected(failure), false);
    }

    /** Lets the next submission that has no other answer yet not arrive. */
    public void unreachableNext() {
        script(new Submission.Unreachable("scripted"), false);
    }

    /** Leaves it unclear whether the next submission that has no other answer yet arrived. */
    public void unclearNext(boolean arrives) {
        script(new Submission.Unclear("scripted"), arrives);
    }

    private void script(Submission answer, boolean arrives) {
        locked(() -> scripts.add(new Script(CompletableFuture.completedFuture(answer), arrives, false)));
    }

    /**
     * Takes the next submission that has no other answer yet, but says so only when told.
     *
     * @return answers when run
     */
    public Runnable slowNext() {
        Script slow = new Script(new CompletableFuture<>(), true, true);
        locked(() -> scripts.add(slow));
        return () -> slow.answer().complete(new Submission.Unclear("replaced by an acceptance"));
    }

    /** Whether it answers at all. What runs goes on meanwhile, unheard. */
    public void reachable(boolean answers) {
        locked(() -> reachable = answers);
    }

    /** Whether runs go on when they are asked to stop. */
    public void ignoreCancels(boolean ignores) {
        locked(() -> ignoresCancels = ignores);
    }

    /** Changes what it can be given. */
    public void capabilities(Capabilities now) {
        locked(() -> capabilities = now);
    }

    /** Forgets all runs, as a server does that restarts; nobody is told. */
    public void restart() {
        locked(() -> {
            known.values().forEach(ScriptedBackend::drop);
            known.clear();
        });
    }

    private static void drop(Run run) {
        run.gone = true;
        Future<?> end = run.end;
        if (end != null) {
            end.cancel(false);
        }
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

    /** Ends a run well. */
    public void succeed(RunId runId, byte[]... outputs) {
        end(runId, new RunOutcome.Succeeded(produced(runId, List.of(outputs))));
    }

    /** Ends a run well, with some outputs or other. */
    public void succeed(RunId runId, int outputs) {
        succeed(runId, contents(runId, outputs));
    }

    /** Ends a run badly, with what it had made before. */
    public void fail(RunId runId, Failure failure, byte[]... outputs) {
        end(runId, new RunOutcome.Failed(failure, produced(runId, List.of(outputs))));
    }

    /** Ends a run in any way. */
    public void end(RunId runId, RunOutcome outcome) {
        end(known(runId), outcome);
    }

    private void end(Run run, RunOutcome outcome) {
        locked(() -> {
            if (run.outcome != null || run.gone) {
                throw new IllegalStateException("the run is over");
            }
            run.outcome = outcome;
        });
        tellEnd(run, outcome);
    }

    private void tellEnd(Run run, RunOutcome outcome) {
        tell(run, listener -> {
            run.listener = null;
            listener.ended(outcome);
        });
    }

    private void tell(Run run, Consumer<RunListener> what) {
        run.telling.lock(); // calls come one after the other
        try {
            RunListener listener = run.listener;
            if (listener != null && !run.gone) {
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

    private static byte[][] contents(RunId runId, int outputs) {
        return IntStream.range(0, outputs)
                .mapToObj(index -> ("output " + index + " of run " + runId).getBytes(UTF_8))
                .toArray(byte[][]::new);
    }

    private List<Produced> produced(RunId runId, List<byte[]> contents) {
        return IntStream.range(0, contents.size())
                .mapToObj(index ->
                        new Produced("photo-" + index + ".png", java.util.Optional.of("9"), "image/png", () -> {
                            if (forgotten(runId)) {
                                throw new FileNotFoundException("run " + runId + " was forgotten");
                            }
                            return new ByteArrayInputStream(contents.get(index));
                        }))
                .toList();
    }

    // ---- what it saw

    /** How often this run id was run: what must never be more than once. */
    public int timesRun(RunId runId) {
        return locked(() -> timesRun.getOrDefault(runId, 0));
    }

    /** How often each run id was run. */
    public Map<RunId, Integer> timesRun() {
        return locked(() -> Map.copyOf(timesRun));
    }

    /** All submissions, also those that did not arrive, in order. */
    public List<RunRequest> requests() {
        return locked(() -> List.copyOf(requests));
    }

    /** The runs that have not ended, in the order in which they came. */
    public List<RunId> running() {
        return locked(() -> known.entrySet().stream()
                .filter(run -> run.getValue().outcome == null)
                .map(Map.Entry::getKey)
                .toList());
    }

    /** The most runs that it had at once. */
    public int mostAtOnce() {
        return locked(() -> mostAtOnce);
    }

    /** Whether it was asked to stop this run. */
    public boolean canceled(RunId runId) {
        return locked(() -> canceled.contains(runId));
    }

    /** Whether it was told that this run's outcome is stored. */
    public boolean forgotten(RunId runId) {
        return locked(() -> forgotten.contains(runId));
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
    public CompletionStage<Duration> probe() {
        return locked(() -> reachable)
                ? CompletableFuture.completedFuture(Duration.ofMillis(1))
                : CompletableFuture.failedFuture(
                        new BackendUnreachableException("scripted", new java.io.IOException("scripted")));
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        RunId runId = request.runId();
        Submission accepted = new Submission.Accepted(runId);
        CompletionStage<Submission> answer;
        Run run = null;
        Automatic itself = null;
        lock.lock();
        try {
            requests.add(request);
            Script script = reachable ? scripts.poll() : null;
            if (script == null) {
                answer = CompletableFuture.completedFuture(
                        reachable ? accepted : new Submission.Unreachable("scripted"));
            } else {
                answer = script.accepts() ? script.answer().thenApply(told -> accepted) : script.answer();
            }
            if (reachable && !closed && (script == null || script.arrives()) && !known.containsKey(runId)) {
                run = new Run(listener);
                known.put(runId, run);
                timesRun.merge(runId, 1, Integer::sum);
                mostAtOnce = Math.max(mostAtOnce, running().size());
                itself = automatic;
            }
        } finally {
            lock.unlock();
        }
        if (run != null && itself != null) {
            goOn(runId, run, itself);
        }
        return answer;
    }

    private void goOn(RunId runId, Run run, Automatic how) {
        scheduler.execute(() -> tell(run, listener -> {
            run.started = true;
            listener.started();
        }));
        RunOutcome outcome = new RunOutcome.Succeeded(produced(runId, List.of(contents(runId, how.outputs()))));
        run.end = scheduler.schedule(
                () -> {
                    if (locked(() -> run.outcome == null && !run.gone)) {
                        end(run, outcome);
                    }
                },
                how.took().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public CompletionStage<RunLookup> find(RunId runId) {
        return CompletableFuture.completedFuture(locked(() ->
                !reachable ? RunLookup.UNREACHABLE : known.containsKey(runId) ? RunLookup.KNOWN : RunLookup.NOT_KNOWN));
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
            run.listener = listener;
            boolean started = run.started;
            RunOutcome outcome = locked(() -> run.outcome);
            if (outcome != null) {
                tellEnd(run, outcome);
            } else if (started) {
                listener.started();
            }
        } finally {
            run.telling.unlock();
        }
    }

    @Override
    public CompletionStage<Void> cancel(RunId runId) {
        Run stops = locked(() -> {
            if (!reachable) {
                return null;
            }
            canceled.add(runId);
            Run run = known.get(runId);
            return ignoresCancels || run == null || run.outcome != null ? null : run;
        });
        if (stops != null) {
            end(stops, new RunOutcome.Canceled());
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
        locked(() -> closed = true);
        restart();
    }

    private void locked(Runnable body) {
        lock.lock();
        try {
            body.run();
        } finally {
            lock.unlock();
        }
    }

    private <T extends @Nullable Object> T locked(java.util.function.Supplier<T> body) {
        lock.lock();
        try {
            return body.get();
        } finally {
            lock.unlock();
        }
    }
}
