package io.tollgate.java2d;

import io.tollgate.queue.backend.BackendUnreachableException;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Mailbox;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/*
 * `runs` has every known run; `line` those that wait, in order; `ended` those that are over, oldest first; `working`
 * counts tasks that were given to the executor and have not come to their end. A task takes runs from the line until it
 * is empty, so a slot is a task. All of that is guarded by `lock`, under which nothing is called: listeners hear through
 * each run's mailbox, after the lock was left.
 */
/**
 * The embedded renderer: a backend that runs in this process and needs no GPU. It takes real photos and makes real
 * pictures and films of them, one thread for each running one. A workflow's recipe of the kind {@value #TYPE} names the
 * renderer under {@code recipe}, and may fix any of its inputs under the input's name: {@code image-enhance},
 * {@code image-frame}, {@code video-pan}, {@code video-zoom} and {@code video-orbit}.
 *
 * <p>Takes up to {@value #MAX_LINE} runs that wait for a slot, and remembers the last {@value #MAX_ENDED} that ended
 * and their outputs until they are forgotten. What memory a slot needs is said at {@link Java2dLimits}. After a restart
 * it knows no run.
 *
 * <p>A cancel is heeded at the next row of a picture or row of blocks of a film. Of photos of 12 megapixels and films
 * of 1920 pixels that took at most 164 ms, on two busy cores ({@code CancelTest.main}); reading a WebP of that size at
 * most 0.4 s if it is lossy and 4 s if lossless, since the library that decodes it can't be told to stop.
 *
 * <p>Safe for use by many threads. {@code submit} touches no file. Listeners are called on the executor's threads, and
 * on a caller's for what is known at once: the end of a run that is attached to or that waited and was canceled.
 */
public final class Java2dBackend implements GenerationBackend {
    /** The kind of backend, as recipes name it. */
    public static final String TYPE = "java2d";

    private static final int MAX_LINE = 1000;
    private static final int MAX_ENDED = 1000;
    private static final long CLOSE_SECONDS = 10;

    private final Map<String, Recipe> recipes = Stream.of(
                    new EnhanceRecipe(),
                    new FrameRecipe(),
                    new MotionRecipe(MotionRecipe.Move.PAN),
                    new MotionRecipe(MotionRecipe.Move.ZOOM),
                    new MotionRecipe(MotionRecipe.Move.ORBIT))
            .collect(Collectors.toUnmodifiableMap(Recipe::name, recipe -> recipe));

    private final BackendId id;
    private final Capabilities capabilities;
    private final int slots;
    private final Scratch scratch;
    private final Executor executor;
    private final Java2dLimits limits;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Map<RunId, Run> runs = new HashMap<>();
    private final Queue<Run> line = new ArrayDeque<>();
    private final Map<RunId, Run> ended = new LinkedHashMap<>();
    private final ThreadLocal<Boolean> onTask = ThreadLocal.withInitial(() -> false);
    private int working;
    private int rendering;
    private boolean closed;

    /**
     * Makes a renderer. Deletes what an earlier process left in its folder.
     *
     * @param queues the queues it serves; empty for all
     * @param slots how many renders it runs at once, at least 1; each keeps one thread and, while it works, one core
     *     busy
     * @param folder where outputs wait to be taken; made if it isn't there, and used by one process at a time
     * @param executor runs the renders; it needs as many threads as there are slots and is not shut down here
     * @throws java.io.UncheckedIOException if the folder can't be used
     */
    public Java2dBackend(
            BackendId id, Set<QueueName> queues, int slots, Path folder, Executor executor, Java2dLimits limits) {
        if (slots < 1) {
            throw new IllegalArgumentException("slots must be at least 1: " + slots);
        }
        this.id = id;
        this.capabilities = new Capabilities(TYPE, queues, recipes.keySet());
        this.slots = slots;
        this.scratch = new Scratch(folder);
        this.executor = executor;
        this.limits = limits;
    }

    @Override
    public BackendId id() {
        return id;
    }

    /** Its tags are the names of its renderers. */
    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public int slots() {
        return slots;
    }

    /** It is well while it is open and its folder can be written. */
    @Override
    public CompletionStage<Duration> probe() {
        String trouble = isClosed() ? "it is closed" : scratch.isWritable() ? null : "its folder can't be written";
        if (trouble == null) {
            return CompletableFuture.completedFuture(Duration.ZERO);
        }
        return CompletableFuture.failedFuture(
                new BackendUnreachableException("backend " + id + ": " + trouble, new IOException(trouble)));
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        return CompletableFuture.completedFuture(accept(request, listener));
    }

    private Submission accept(RunRequest request, RunListener listener) {
        RunId runId = request.runId();
        Run known = known(runId);
        if (known != null) {
            known.mailbox().attach(listener);
            return new Submission.Accepted(runId);
        }
        Recipe.Render render;
        try {
            render = plan(request);
        } catch (Refusal e) {
            return new Submission.Rejected(e.failure());
        }
        Run run = new Run(request, render, scratch.folder(runId), listener);
        boolean start;
        lock.lock();
        try {
            if (closed) {
                return new Submission.Unreachable("backend " + id + " is closed");
            }
            known = runs.get(runId);
            if (known == null) {
                if (line.size() >= MAX_LINE) {
                    return new Submission.Unreachable("backend " + id + " has " + MAX_LINE + " runs waiting already");
                }
                runs.put(runId, run);
                line.add(run);
            }
            start = known == null && working < slots;
            if (start) {
                working++;
            }
        } finally {
            lock.unlock();
        }
        if (known != null) { // another thread submitted it meanwhile
            known.mailbox().attach(listener);
        } else if (start && !startTask()) {
            boolean withdrawn = withdraw(run);
            return withdrawn
                    ? new Submission.Unreachable("backend " + id + " has no thread for it")
                    : new Submission.Accepted(runId);
        }
        return new Submission.Accepted(runId);
    }

    private Recipe.Render plan(RunRequest request) throws Refusal {
        String name = request.recipe().get(Parameters.RECIPE);
        Recipe recipe = name == null ? null : recipes.get(name);
        if (recipe == null) {
            throw new Refusal(
                    Failure.Kind.BAD_WORKFLOW,
                    "workflow " + request.workflow() + ": "
                            + (name == null ? "its recipe names no renderer" : "there is no renderer '" + name + "'")
                            + "; there are "
                            + recipes.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        Parameters parameters = new Parameters(request);
        Recipe.Render render = recipe.plan(parameters);
        parameters.refuseUnknownRecipeKeys();
        return render;
    }

    private boolean startTask() {
        try {
            executor.execute(this::work);
            return true;
        } catch (RejectedExecutionException e) {
            lock.lock();
            try {
                working--;
                idle.signalAll();
            } finally {
                lock.unlock();
            }
            return false;
        }
    }

    private boolean withdraw(Run run) {
        lock.lock();
        try {
            boolean waited = line.remove(run);
            if (waited) {
                runs.remove(run.id());
            }
            return waited;
        } finally {
            lock.unlock();
        }
    }

    /** The life of one slot: renders what waits until nothing does. */
    private void work() {
        onTask.set(true);
        try {
            while (true) {
                Run run = take();
                if (run == null) {
                    return;
                }
                run.mailbox().started();
                RunOutcome outcome = render(run);
                end(run, outcome);
            }
        } finally {
            onTask.remove();
        }
    }

    private @Nullable Run take() {
        lock.lock();
        try {
            Run run = closed ? null : line.poll();
            if (run == null) {
                working--;
            } else {
                run.stage(Run.Stage.RUNNING);
                rendering++;
            }
            idle.signalAll();
            return run;
        } finally {
            lock.unlock();
        }
    }

    private RunOutcome render(Run run) {
        try {
            run.stop().check();
            Files.createDirectories(run.folder());
            Workbench bench = new Workbench(
                    run.request().files(),
                    run.folder(),
                    limits,
                    run.stop(),
                    progress -> run.mailbox().progress(progress));
            run.render().run(bench);
            List<Produced> outputs = new ArrayList<>();
            for (Workbench.Made made : bench.made()) {
                outputs.add(new Produced(
                        made.name(), Optional.empty(), made.contentType(), () -> Files.newInputStream(made.path())));
            }
            return new RunOutcome.Succeeded(outputs);
        } catch (IOException | RuntimeException | OutOfMemoryError | LinkageError | StackOverflowError e) {
            Scratch.delete(run.folder());
            if (run.stop().isRaised()) {
                return new RunOutcome.Canceled();
            }
            return new RunOutcome.Failed(failure(e), List.of());
        }
    }

    private static Failure failure(Throwable e) {
        if (e instanceof BadPictureException bad) {
            return new Failure(Failure.Kind.BAD_INPUT, String.valueOf(bad.getMessage()));
        }
        if (e instanceof OutOfMemoryError) {
            return new Failure(Failure.Kind.OUT_OF_MEMORY, "the picture needs more memory than is free");
        }
        if (e instanceof NoSuchFileException) {
            return new Failure(Failure.Kind.STORAGE, "a file is gone");
        }
        if (e instanceof IOException) {
            return new Failure(Failure.Kind.STORAGE, "a file can't be read or written: " + e.getMessage());
        }
        return new Failure(Failure.Kind.INTERNAL, "the renderer failed: " + e);
    }

    private void end(Run run, RunOutcome outcome) {
        boolean drop;
        List<Run> evicted = new ArrayList<>();
        lock.lock();
        try {
            run.stage(Run.Stage.ENDED);
            drop = closed || run.forgotten();
            if (drop) {
                runs.remove(run.id());
            } else {
                remember(run, evicted);
            }
        } finally {
            lock.unlock();
        }
        if (drop) {
            Scratch.delete(run.folder());
        }
        evicted.forEach(old -> Scratch.delete(old.folder()));
        run.mailbox().ended(outcome);
        lock.lock();
        try {
            rendering--;
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private void remember(Run run, List<Run> evicted) {
        ended.put(run.id(), run);
        if (ended.size() > MAX_ENDED) {
            Run oldest = ended.values().iterator().next();
            ended.remove(oldest.id());
            runs.remove(oldest.id());
            evicted.add(oldest);
        }
    }

    private @Nullable Run known(RunId runId) {
        lock.lock();
        try {
            return closed ? null : runs.get(runId);
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletionStage<RunLookup> find(RunId runId) {
        RunLookup lookup =
                isClosed() ? RunLookup.UNREACHABLE : known(runId) == null ? RunLookup.NOT_KNOWN : RunLookup.KNOWN;
        return CompletableFuture.completedFuture(lookup);
    }

    @Override
    public void attach(RunId runId, RunListener listener) {
        Run run = known(runId);
        if (run != null) {
            run.mailbox().attach(listener);
        } else if (!isClosed()) {
            new Mailbox(listener).ended(new RunOutcome.Lost());
        }
    }

    @Override
    public CompletionStage<Void> cancel(RunId runId) {
        Run run = known(runId);
        if (run != null) {
            run.stop().raise();
            List<Run> evicted = new ArrayList<>();
            boolean waited;
            lock.lock();
            try {
                waited = line.remove(run);
                if (waited) {
                    run.stage(Run.Stage.ENDED);
                    remember(run, evicted);
                }
            } finally {
                lock.unlock();
            }
            evicted.forEach(old -> Scratch.delete(old.folder()));
            if (waited) {
                run.mailbox().ended(new RunOutcome.Canceled());
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    /** Deletes the run's outputs. A run that has not ended is stopped and forgotten when it has. */
    @Override
    public void forget(RunId runId) {
        cancelUnlessEnded(runId);
        Run gone = null;
        lock.lock();
        try {
            Run run = runs.get(runId);
            if (run != null && run.stage() == Run.Stage.ENDED) {
                runs.remove(runId);
                ended.remove(runId);
                gone = run;
            } else if (run != null) {
                run.forgotten(true);
            }
        } finally {
            lock.unlock();
        }
        if (gone != null) {
            Scratch.delete(gone.folder());
        }
    }

    private void cancelUnlessEnded(RunId runId) {
        boolean alive;
        lock.lock();
        try {
            Run run = runs.get(runId);
            alive = run != null && run.stage() != Run.Stage.ENDED;
        } finally {
            lock.unlock();
        }
        if (alive) {
            cancel(runId);
        }
    }

    /** Stops all runs and waits up to {@value #CLOSE_SECONDS} s until they have stopped; deletes all outputs. */
    @Override
    public void close() {
        List<Run> all;
        lock.lock();
        try {
            closed = true;
            all = List.copyOf(runs.values());
            runs.clear();
            line.clear();
            ended.clear();
        } finally {
            lock.unlock();
        }
        for (Run run : all) {
            run.stop().raise();
            run.mailbox().close();
        }
        awaitIdle();
        for (Run run : all) {
            Scratch.delete(run.folder());
        }
    }

    private void awaitIdle() {
        // a listener that closes the backend is called by a render, which can't wait for itself
        int own = onTask.get() ? 1 : 0;
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
            while (rendering > own && left > 0) {
                left = idle.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
