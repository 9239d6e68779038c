package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which jobs to list. What is empty does not matter.
 *
 * @param user whose
 * @param states in which states; empty for all
 * @param workflow of which workflow
 * @param model of which model
 * @param batch of which batch
 * @param tag with which tag
 * @param from submitted at this time or later
 * @param to submitted before this time
 * @param cleared without these
 */
public record JobFilter(
        Optional<UserId> user,
        Set<JobState.Kind> states,
        Optional<WorkflowName> workflow,
        Optional<ModelName> model,
        Optional<BatchId> batch,
        Optional<String> tag,
        Optional<Instant> from,
        Optional<Instant> to,
        Optional<ClearedJobs> cleared) {
    /** All jobs. */
    public static final JobFilter ALL = new JobFilter(
            Optional.empty(),
            Set.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** All jobs that take a slot. */
    public static final JobFilter ACTIVE = ALL.with(EnumSet.of(JobState.Kind.RUNNING, JobState.Kind.CANCELING));

    public JobFilter {
        states = Set.copyOf(states);
    }

    /** All jobs of one user. */
    public static JobFilter of(UserId user) {
        return ALL.with(user);
    }

    public JobFilter with(UserId whose) {
        return new JobFilter(Optional.of(whose), states, workflow, model, batch, tag, from, to, cleared);
    }

    public JobFilter with(Set<JobState.Kind> in) {
        return new JobFilter(user, in, workflow, model, batch, tag, from, to, cleared);
    }

    public JobFilter with(WorkflowName name) {
        return new JobFilter(user, states, Optional.of(name), model, batch, tag, from, to, cleared);
    }

    public JobFilter with(BatchId id) {
        return new JobFilter(user, states, workflow, model, Optional.of(id), tag, from, to, cleared);
    }

    /** Those of them that weren't cleared. */
    public JobFilter without(Optional<ClearedJobs> gone) {
        return new JobFilter(user, states, workflow, model, batch, tag, from, to, gone);
    }

    /** Whether a job is meant. */
    public boolean accepts(QueuedJob job) {
        JobSpec spec = job.spec();
        return user.map(spec.user()::equals).orElse(true)
                && (states.isEmpty() || states.contains(job.kind()))
                && workflow.map(spec.workflow()::equals).orElse(true)
                && model.map(spec.model()::equals).orElse(true)
                && batch.map(id -> spec.batch().equals(Optional.of(id))).orElse(true)
                && tag.map(spec.tags()::contains).orElse(true)
                && from.map(time -> !spec.createdAt().isBefore(time)).orElse(true)
                && to.map(time -> spec.createdAt().isBefore(time)).orElse(true)
                && cleared.map(gone -> !gone.contains(job)).orElse(true);
    }
}
