package io.tollgate.queue.dispatch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Steps that run one after the other, each beginning when the one before it is complete, without a thread of their own:
 * what only steps touch needs no lock. A step that is complete at once costs no change of threads. Safe for use by many
 * threads.
 */
final class Steps {
    private record Step(String what, Supplier<CompletionStage<Void>> body) {}

    private final Executor executor;
    private final BiConsumer<String, Throwable> troubled;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Step> waiting = new ArrayDeque<>(4);
    private boolean running;

    /**
     * @param executor runs the steps; they must not block
     * @param troubled hears what a step was about and why it failed, as a part of that step
     */
    Steps(Executor executor, BiConsumer<String, Throwable> troubled) {
        this.executor = executor;
        this.troubled = troubled;
    }

    /** Runs a step after those that were added before. Never runs it on this thread. */
    void add(String what, Supplier<CompletionStage<Void>> body) {
        lock.lock();
        try {
            waiting.add(new Step(what, body));
            if (running) {
                return;
            }
            running = true;
        } finally {
            lock.unlock();
        }
        executor.execute(this::run);
    }

    private void run() {
        for (Step step = next(); step != null; step = next()) {
            String what = step.what();
            CompletableFuture<Void> done = begun(step);
            boolean atOnce = done.isDone();
            CompletionStage<Void> unused = done.whenComplete((nothing, problem) -> {
                if (problem != null) {
                    troubled.accept(what, unwrapped(problem));
                }
                if (!atOnce) {
                    executor.execute(this::run); // whose thread this is nobody knows
                }
            });
            if (!atOnce) {
                return;
            }
        }
    }

    private @Nullable Step next() {
        lock.lock();
        try {
            Step next = waiting.poll();
            running = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    private static CompletableFuture<Void> begun(Step step) {
        try {
            return step.body().get().toCompletableFuture();
        } catch (RuntimeException problem) {
            return CompletableFuture.failedFuture(problem);
        }
    }

    /** What went wrong, without what stages wrap around it. */
    static Throwable unwrapped(Throwable problem) {
        return problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
    }
}
