package io.tollgate.queue.event;

/**
 * Hears of events. Called one event at a time and in the order of commits for each job; must return soon. What it
 * throws is told to the other listeners as a {@link JobEvent.Fault} and hurts nobody.
 */
@FunctionalInterface
public interface JobListener {
    void on(JobEvent event);
}
