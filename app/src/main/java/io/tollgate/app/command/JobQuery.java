package io.tollgate.app.command;

import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.WorkflowName;
import java.util.Optional;
import java.util.Set;

/**
 * Which jobs are listed, newest first.
 *
 * @param states in one of these, or in any if there is none
 * @param all everybody's, not only one's own
 * @param cleared also those that an operator cleared from lists
 * @param limit the most, at least 1
 */
record JobQuery(
        Set<JobState.Kind> states,
        Optional<WorkflowName> workflow,
        Optional<String> tag,
        boolean all,
        boolean cleared,
        int limit) {
    JobQuery {
        states = Set.copyOf(states);
    }
}
