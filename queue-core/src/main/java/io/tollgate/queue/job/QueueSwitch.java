package io.tollgate.queue.job;

/**
 * Whether a queue may hand out work, and how much of it goes to the relaxed lane.
 *
 * @param queue which
 * @param mode whether it may
 * @param relaxedRunning how many jobs of the relaxed lane run now
 */
public record QueueSwitch(QueueName queue, Mode mode, int relaxedRunning) {
    /** Whether a queue hands out work. */
    public enum Mode {
        /** It does. */
        OPEN,
        /** It takes jobs but starts none. */
        PAUSED,
        /** It takes no jobs and starts those it has. */
        DRAINING
    }

    QueueSwitch relaxed(int change) {
        return new QueueSwitch(queue, mode, relaxedRunning + change);
    }
}
