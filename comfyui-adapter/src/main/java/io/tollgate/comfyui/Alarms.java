package io.tollgate.comfyui;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Does things later: the timers' thread only hands them to the executor. After {@link #stop} nothing begins. */
final class Alarms {
    private final ScheduledExecutorService timers;
    private final Executor executor;
    private volatile boolean stopped;

    Alarms(ScheduledExecutorService timers, Executor executor) {
        this.timers = timers;
        this.executor = executor;
    }

    /** Does it after that time, unless it is canceled; null if nothing is done any more. */
    @Nullable ScheduledFuture<?> after(long millis, Runnable task) {
        if (stopped) {
            return null;
        }
        try {
            return timers.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return null; // the house is closing
        }
    }

    /** Does it after that time. */
    void later(long millis, Runnable task) {
        ScheduledFuture<?> unused = after(millis, task);
    }

    void stop() {
        stopped = true;
    }

    private void run(Runnable task) {
        if (stopped) {
            return;
        }
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // the house is closing
        }
    }
}
