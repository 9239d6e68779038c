package io.tollgate.queue.lane;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RequirementSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
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

    /** This standing behind some more jobs. */
    public Standing behind(Map<RequirementSet, Integer> others) {
        Map<RequirementSet, Integer> all = new HashMap<>(ahead);
        others.forEach((other, jobs) -> all.merge(other, jobs, Integer::sum));
        int more = others.values().stream().mapToInt(Integer::intValue).sum();
        return new Standing(set, position + more, ready, readyAt, all);
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
     * @param shares which part of a set's jobs will likely take a slot that could serve this job, from 0 to 1
     * @param limits the limit of each model; {@link Outlook#UNLIMITED} for none
     */
    public List<Outlook.Ahead> ahead(ToDoubleFunction<RequirementSet> shares, ToIntFunction<ModelName> limits) {
        Map<ModelName, double[]> byModel = new TreeMap<>();
        ahead.forEach((set, jobs) -> {
            double share = shares.applyAsDouble(set);
            if (share > 0) {
                double[] sums = byModel.computeIfAbsent(set.model(), model -> new double[2]);
                sums[0] += jobs;
                sums[1] += jobs * share;
            }
        });
        List<Outlook.Ahead> list = new ArrayList<>();
        byModel.forEach((model, sums) -> list.add(
                new Outlook.Ahead(model, (int) sums[0], limits.applyAsInt(model), Math.min(1, sums[1] / sums[0]))));
        return list;
    }
}
