package io.tollgate.queue.lane;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RequirementSet;
import java.time.Instant;
import java.util.Map;

/**
 * Where a job stands in its {@link WaitingLine}, and behind whom.
 *
 * @param position 1 + the ready jobs ahead
 * @param ready whether it may run now; false while it waits for its backoff, when the position is where it would stand
 * @param readyAt from when on it may run
 * @param ahead how many are ahead, by requirement set; sets with none are left out
 */
public record Standing(
        RequirementSet set, int position, boolean ready, Instant readyAt, Map<RequirementSet, Integer> ahead) {
    public Standing {
        ahead = Map.copyOf(ahead);
    }

    /** How many jobs of {@code model} are ahead. */
    public int aheadOf(ModelName model) {
        int jobs = 0;
        for (Map.Entry<RequirementSet, Integer> each : ahead.entrySet()) {
            if (each.getKey().model().equals(model)) {
                jobs += each.getValue();
            }
        }
        return jobs;
    }
}
