package io.tollgate.queue.lane;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How long runs took lately, by workflow, model and queue. Safe for use by many threads; readers never wait. As large
 * as the catalogue: a window of measurements for each name.
 */
public final class RunTimes {
    private static final int ENOUGH = 3;

    private final RunTime byDefault;
    private final ConcurrentMap<WorkflowName, RunTime> byWorkflow = new ConcurrentHashMap<>();
    private final ConcurrentMap<ModelName, RunTime> byModel = new ConcurrentHashMap<>();
    private final ConcurrentMap<QueueName, RunTime> byQueue = new ConcurrentHashMap<>();

    /**
     * One measurement.
     *
     * @param runTime from the start on a backend to the end, not negative, without the time in the queue
     */
    public record Measured(WorkflowName workflow, ModelName model, QueueName queue, Duration runTime) {
        public Measured {
            if (runTime.isNegative()) {
                throw new IllegalArgumentException("run time must not be negative: " + runTime);
            }
        }
    }

    /** @param byDefault what a run takes as long as nothing was measured, positive */
    public RunTimes(Duration byDefault) {
        if (byDefault.isNegative() || byDefault.isZero()) {
            throw new IllegalArgumentException("the default run time must be positive: " + byDefault);
        }
        this.byDefault = RunTime.of(byDefault);
    }

    /** Takes in a run that has just ended well. Failed ones say nothing of how long a run takes. */
    public void record(Measured run) {
        RunTime one = RunTime.of(run.runTime());
        byWorkflow.merge(run.workflow(), one, RunTime::then);
        byModel.merge(run.model(), one, RunTime::then);
        byQueue.merge(run.queue(), one, RunTime::then);
    }

    /**
     * Takes in runs that ended before anything that was recorded, as the store remembers them, at start.
     *
     * @param oldestFirst the runs in the order they ended
     */
    public void recordEarlier(List<Measured> oldestFirst) {
        RunTimes earlier = new RunTimes(byDefault.mean());
        oldestFirst.forEach(earlier::record);
        earlier.byWorkflow.forEach((name, known) -> byWorkflow.merge(name, known, RunTimes::before));
        earlier.byModel.forEach((name, known) -> byModel.merge(name, known, RunTimes::before));
        earlier.byQueue.forEach((name, known) -> byQueue.merge(name, known, RunTimes::before));
    }

    /** What a run of {@code workflow} takes: by its own runs, or else its model's, its queue's, or the default. */
    public RunTime of(WorkflowName workflow, ModelName model, QueueName queue) {
        RunTime own = byWorkflow.getOrDefault(workflow, byDefault);
        return own.samples() >= ENOUGH ? own : orIfMore(ofModel(model, queue), own);
    }

    /** What a run of any workflow with {@code model} takes: by those runs, or else its queue's, or the default. */
    public RunTime ofModel(ModelName model, QueueName queue) {
        RunTime own = byModel.getOrDefault(model, byDefault);
        return own.samples() >= ENOUGH ? own : orIfMore(byQueue.getOrDefault(queue, byDefault), own);
    }

    private RunTime orIfMore(RunTime wider, RunTime own) {
        return wider.samples() >= ENOUGH || own == byDefault ? wider : own;
    }

    private static RunTime before(RunTime known, RunTime earlier) {
        return earlier.then(known);
    }
}
