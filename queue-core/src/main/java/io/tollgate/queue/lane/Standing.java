package io.tollgate.queue.lane;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RequirementSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

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

    /**
     * What is ahead as an {@link Outlook} wants it: by model.
     *
     * @param competing which sets compete for the slots that could serve this job
     * @param limits the limit of each model; {@link Outlook#UNLIMITED} for none
     */
    public List<Outlook.Ahead> ahead(Predicate<RequirementSet> competing, ToIntFunction<ModelName> limits) {
        Map<ModelName, Integer> byModel = new TreeMap<>();
        ahead.forEach((set, jobs) -> {
            if (competing.test(set)) {
                byModel.merge(set.model(), jobs, Integer::sum);
            }
        });
        List<Outlook.Ahead> list = new ArrayList<>();
        byModel.forEach((model, jobs) -> list.add(new Outlook.Ahead(model, jobs, limits.applyAsInt(model))));
        return list;
    }
}
