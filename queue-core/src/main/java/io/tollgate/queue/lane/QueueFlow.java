package io.tollgate.queue.lane;

import io.tollgate.queue.job.Lane;
import java.time.Duration;
import java.util.Map;

/**
 * What went through a queue of this node lately.
 *
 * @param lastMinute how many jobs succeeded in the last minute, to ten seconds
 * @param lastHour how many did in the last hour
 * @param waits how long the jobs waited that began in the last hour, by lane; without those of which none did
 */
public record QueueFlow(int lastMinute, int lastHour, Map<Lane, Waits> waits) {
    /** Nothing did. */
    public static final QueueFlow NONE = new QueueFlow(0, 0, Map.of());

    public QueueFlow {
        waits = Map.copyOf(waits);
    }

    /**
     * How long jobs waited, from their submission to their first claim.
     *
     * @param p50 half of them no longer
     * @param p95 of twenty, all but one no longer
     */
    public record Waits(Duration p50, Duration p95) {}
}
