package io.tollgate.queue.lane;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * All that decides when a waiting job starts, as it is now.
 *
 * @param readyAt from when on it may run
 * @param slots how many slots could serve it, busy or not, at least 0
 * @param modelLimit the most jobs of its model that may run at once; {@link #UNLIMITED} for any number
 * @param ahead the jobs ahead that compete for those slots, by model; its own model's among them
 * @param running the attempts that hold one of those slots, or count against the limit of a model that matters here
 */
public record Outlook(
        QueueName queue,
        WorkflowName workflow,
        ModelName model,
        Instant readyAt,
        int slots,
        int modelLimit,
        List<Ahead> ahead,
        List<Running> running) {
    /** The limit of a model that has none. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    public Outlook {
        if (slots < 0 || modelLimit < 0) {
            throw new IllegalArgumentException("need slots, modelLimit >= 0: " + slots + ", " + modelLimit);
        }
        ahead = List.copyOf(ahead);
        running = List.copyOf(running);
    }

    /**
     * Jobs of one model that are ahead.
     *
     * @param modelLimit as in {@link Outlook}
     * @param share which part of them will likely take one of the slots that could serve this job, over 0 and at most
     *     1: less where others could serve them as well
     */
    public record Ahead(ModelName model, int jobs, int modelLimit, double share) {
        public Ahead {
            if (jobs < 0 || modelLimit < 0) {
                throw new IllegalArgumentException("need jobs, modelLimit >= 0: " + jobs + ", " + modelLimit);
            }
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("share must be over 0 and at most 1: " + share);
            }
        }

        /** Jobs for which there are no other slots. */
        public Ahead(ModelName model, int jobs, int modelLimit) {
            this(model, jobs, modelLimit, 1);
        }
    }

    /**
     * An attempt that is running.
     *
     * @param elapsed for how long
     * @param onSlot whether it holds one of the slots that could serve the job, and doesn't only count for its model
     */
    public record Running(WorkflowName workflow, ModelName model, Duration elapsed, boolean onSlot) {}
}
