package io.tollgate.queue.event;

/**
 * Hears of events. Called one event at a time, not always on the same thread, and in the order of commits for each job.
 * It must return soon, without waiting for anything, since all others wait for it. It takes every kind of event, also
 * of jobs of which it never heard: it may have come late, and another process may have told the rest. What it throws is
 * told to the other listeners as a {@link JobEvent.Fault} and hurts nobody.
 */
@FunctionalInterface
public interface JobListener {
    /** Hears of one event, which is durable by now, unless it is progress. */
    void on(JobEvent event);
}
