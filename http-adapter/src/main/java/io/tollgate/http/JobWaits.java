package io.tollgate.http;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.JobId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Waits for jobs, on no thread. Safe for use by many threads. */
final class JobWaits {
    private final Tollgate tollgate;
    private final JobFeed feed;
    private final Executor io;
    private final ScheduledExecutorService timers;
    private final Set<Runnable> open = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;

    JobWaits(Tollgate tollgate, JobFeed feed, Executor io, ScheduledExecutorService timers) {
        this.tollgate = tollgate;
        this.feed = feed;
        this.io = io;
        this.timers = timers;
    }

    /**
     * A job as it is when it has ended, or for {@code anyChange} when it left the state it is in, or time is up.
     * Completes with empty if there is no such job.
     */
    CompletableFuture<Optional<JobView>> await(JobId job, boolean anyChange, Duration atMost) {
        CompletableFuture<Void> wake = new CompletableFuture<>();
        // listening begins before the look, so that nothing falls between the two
        Runnable stop = feed.listen(job, event -> {
            if (anyChange ? isChange(event) : event instanceof JobEvent.Ended) {
                wake.complete(null);
            }
        });
        Optional<JobView> now;
        try {
            now = tollgate.job(job);
        } catch (RuntimeException problem) {
            stop.run();
            throw problem;
        }
        if (now.isEmpty() || now.get().record().job().kind().isTerminal() || atMost.isZero()) {
            stop.run();
            return CompletableFuture.completedFuture(now);
        }
        Runnable wakeUp = () -> wake.complete(null);
        open.add(wakeUp);
        if (ending) {
            wakeUp.run();
        }
        AtomicReference<@Nullable ScheduledFuture<?>> alarm = new AtomicReference<>();
        alarm.set(timers.schedule(wakeUp, atMost.toMillis(), TimeUnit.MILLISECONDS));
        return wake.thenApplyAsync(
                        woken -> {
                            ScheduledFuture<?> set = alarm.get();
                            if (set != null) {
                                set.cancel(false);
                            }
                            return tollgate.job(job);
                        },
                        io)
                .whenComplete((view, problem) -> {
                    open.remove(wakeUp);
                    stop.run();
                });
    }

    /** How many wait. */
    int waiting() {
        return open.size();
    }

    /** Answers all who wait with what is known now, as the server stops. */
    void end() {
        ending = true;
        open.forEach(Runnable::run);
    }

    private static boolean isChange(JobEvent event) {
        return !(event instanceof JobEvent.Progressed)
                && !(event instanceof JobEvent.Previewed)
                && !(event instanceof JobEvent.DeliveryChanged);
    }
}
