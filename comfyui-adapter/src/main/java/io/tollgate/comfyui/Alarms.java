package io.tollgate.comfyui;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Does things later: the timers' thread only hands them to the executor. After {@link #stop} nothing begins. */
final class Alarms {
    private final ScheduledExecutorService timers;
    private final Executor executor;
    private volatile boolean stopped;

    Alarms(ScheduledExecutorService timers, Executor executor) {
        this.timers = timers;
        this.executor = executor;
    }

    /** Does it after that time. */
    void later(long millis, Runnable task) {
        if (stopped) {
            return;
        }
        try {
            ScheduledFuture<?> unused = timers.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // the house is closing
        }
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
