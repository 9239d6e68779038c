package io.tollgate.queue.job;

import io.tollgate.credits.ledger.Hold;
import java.util.List;

/**
 * Everything about one job, as it was at one moment.
 *
 * @param job the job
 * @param hold what was set aside for it, and what became of that
 * @param attempts in order
 * @param outputs in order
 * @param history in order
 */
public record JobRecord(
        QueuedJob job, Hold hold, List<Attempt> attempts, List<Output> outputs, List<Transition> history) {
    public JobRecord {
        attempts = List.copyOf(attempts);
        outputs = List.copyOf(outputs);
        history = List.copyOf(history);
    }
}
