package io.tollgate.http;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.JobId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Hands each event of a job to those who follow it. It hears of everything once, so that a thousand followers cost one
 * listener. Safe for use by many threads.
 */
final class JobFeed {
    private final Map<JobId, Set<Ear>> ears = new ConcurrentHashMap<>();
    private final Runnable stop;

    /** Hears of a job's events, on the thread that tells them: it must be quick and hand on what takes time. */
    @FunctionalInterface
    interface Ear {
        void on(JobEvent event);
    }

    JobFeed(Tollgate tollgate) {
        this.stop = tollgate.listen(this::tell);
    }

    /**
     * Lets {@code ear} hear of a job's events from now on.
     *
     * @return stops that
     */
    Runnable listen(JobId job, Ear ear) {
        ears.compute(job, (same, those) -> {
            Set<Ear> all = those == null ? ConcurrentHashMap.newKeySet() : those;
            all.add(ear);
            return all;
        });
        return () -> ears.computeIfPresent(job, (same, those) -> {
            those.remove(ear);
            return those.isEmpty() ? null : those;
        });
    }

    private void tell(JobEvent event) {
        Events.jobOf(event).ifPresent(job -> {
            Set<Ear> those = ears.get(job);
            if (those != null) {
                those.forEach(ear -> ear.on(event));
            }
        });
    }

    void close() {
        stop.run();
    }
}
