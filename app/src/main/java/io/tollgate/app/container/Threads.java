package io.tollgate.app.container;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All threads of the program but the first. They are named, and none of them keeps the process alive.
 *
 * @param work for short work and timers
 * @param io for reading and writing files
 * @param renders for embedded renderers, as many as they have slots
 * @param remote for talking with backends elsewhere
 * @param fetch for fetching outputs from them, a few for each
 * @param webhooks for names, connections and answers of webhooks: as many as are called at once
 */
public record Threads(
        ScheduledExecutorService work,
        ExecutorService io,
        ExecutorService renders,
        ExecutorService remote,
        ExecutorService fetch,
        ExecutorService webhooks) {
    private static final int WORKERS = 4;
    private static final int REMOTE = 8;
    private static final int FILES = 8;
    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    static Threads start() {
        ScheduledThreadPoolExecutor work = new ScheduledThreadPoolExecutor(WORKERS, named("tollgate-work-"));
        work.setRemoveOnCancelPolicy(true);
        work.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return new Threads(
                work,
                Executors.newFixedThreadPool(FILES, named("tollgate-io-")),
                Executors.newCachedThreadPool(named("tollgate-render-")),
                Executors.newFixedThreadPool(REMOTE, named("tollgate-remote-")),
                Executors.newCachedThreadPool(named("tollgate-fetch-")),
                Executors.newCachedThreadPool(named("tollgate-webhook-")));
    }

    /** Makes daemon threads, named by the prefix and a number counted from 1. */
    static ThreadFactory named(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return body -> {
            Thread thread = new Thread(body, prefix + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    Service service() {
        return Service.of("threads", STOP_WITHIN, () -> {
            stop(renders);
            stop(fetch);
            stop(webhooks);
            stop(remote);
            stop(io);
            stop(work);
        });
    }

    private static void stop(ExecutorService executor) {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(2, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
