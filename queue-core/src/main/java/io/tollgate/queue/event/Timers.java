package io.tollgate.queue.event;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs short work soon or later on somebody else's threads, and tells what goes wrong in it. Once the executor is shut
 * down nothing runs any more: the node is going down, and what is left is taken up after its restart. Safe for use by
 * many threads.
 */
public final class Timers implements Executor {
    private final ScheduledExecutorService executor;
    private final Events events;

    public Timers(ScheduledExecutorService executor, Events events) {
        this.executor = executor;
        this.events = events;
    }

    /** Work that was put off. */
    @FunctionalInterface
    public interface Timer {
        /** Work that never comes. */
        Timer NONE = () -> {};

        /** Leaves it undone, if it hasn't begun. */
        void cancel();
    }

    /** Runs it soon. */
    @Override
    public void execute(Runnable body) {
        try {
            executor.execute(guarded("working", body));
        } catch (RejectedExecutionException closing) {
            // see the class: there is nobody left to do it
        }
    }

    /** Runs it once, after a wait. */
    public Timer after(Duration wait, String what, Runnable body) {
        try {
            return timer(executor.schedule(guarded(what, body), millis(wait), TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException closing) {
            return Timer.NONE;
        }
    }

    /** Runs it again and again, with a wait before each time. */
    public Timer every(Duration wait, String what, Runnable body) {
        try {
            return timer(executor.scheduleWithFixedDelay(
                    guarded(what, body), millis(wait), millis(wait), TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException closing) {
            return Timer.NONE;
        }
    }

    private static Timer timer(Future<?> scheduled) {
        return () -> scheduled.cancel(false);
    }

    private static long millis(Duration wait) {
        return Math.max(1, wait.toMillis());
    }

    private Runnable guarded(String what, Runnable body) {
        return () -> {
            try {
                body.run();
            } catch (Throwable problem) { // work that is repeated must not end because it failed once
                events.tell(new JobEvent.Fault(Optional.empty(), what, problem));
            }
        };
    }
}
