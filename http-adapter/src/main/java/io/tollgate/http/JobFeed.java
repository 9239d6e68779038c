package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.QueuedJob;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Hands each event to those who follow its job, its user's jobs, or everything. It hears of everything once, so that a
 * thousand followers cost one listener. Safe for use by many threads.
 */
final class JobFeed {
    private static final Object EVERYTHING = new Object();

    /** By what they hear of: a job, a user, everything. */
    private final Map<Object, Set<Ear>> ears = new ConcurrentHashMap<>();

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
        return add(job, ear);
    }

    /**
     * Lets {@code ear} hear from now on of what happens to a user's jobs, but for what tells only of their attempts.
     *
     * @return stops that
     */
    Runnable listen(UserId user, Ear ear) {
        return add(user, ear);
    }

    /**
     * Lets {@code ear} hear of every event from now on.
     *
     * @return stops that
     */
    Runnable listen(Ear ear) {
        return add(EVERYTHING, ear);
    }

    private Runnable add(Object what, Ear ear) {
        ears.compute(what, (same, those) -> {
            Set<Ear> all = those == null ? ConcurrentHashMap.newKeySet() : those;
            all.add(ear);
            return all;
        });
        return () -> ears.computeIfPresent(what, (same, those) -> {
            those.remove(ear);
            return those.isEmpty() ? null : those;
        });
    }

    private void tell(JobEvent event) {
        tell(EVERYTHING, event);
        jobIn(event).ifPresent(job -> tell(job.user(), event));
        Events.jobOf(event).ifPresent(job -> tell(job, event));
    }

    private void tell(Object what, JobEvent event) {
        Set<Ear> those = ears.get(what);
        if (those != null) {
            those.forEach(ear -> ear.on(event));
        }
    }

    /** The job as it is after an event, if the event tells. */
    static Optional<QueuedJob> jobIn(JobEvent event) {
        if (event instanceof JobEvent.Queued queued) {
            return Optional.of(queued.job());
        } else if (event instanceof JobEvent.Promoted promoted) {
            return Optional.of(promoted.job());
        } else if (event instanceof JobEvent.Claimed claimed) {
            return Optional.of(claimed.job());
        } else if (event instanceof JobEvent.Retrying retrying) {
            return Optional.of(retrying.job());
        } else if (event instanceof JobEvent.Canceling canceling) {
            return Optional.of(canceling.job());
        } else if (event instanceof JobEvent.Ended ended) {
            return Optional.of(ended.job());
        }
        return Optional.empty();
    }

    void close() {
        stop.run();
    }
}
