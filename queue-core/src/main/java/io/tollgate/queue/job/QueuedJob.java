package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request to run a workflow for a user: what it is, where it stands in line and what became of it. Immutable; a
 * transition makes a new one, and is refused if {@link JobState.Kind#next} doesn't allow it.
 *
 * @param spec what never changes
 * @param seq its number in the order of submission, unique in its store
 * @param lane its priority class, from its owner's tier at submission
 * @param promoted whether it waited so long that it goes before all others
 * @param order its place among jobs of the same lane and priority: its {@code seq}, or a fair-share key
 * @param state where it stands
 * @param attempts how many attempts were started
 * @param counted how many ended attempts count against its retries
 * @param lost how many runs were lost by their backend
 * @param transitions how many entries its history has
 */
public record QueuedJob(
        JobSpec spec,
        long seq,
        Lane lane,
        boolean promoted,
        long order,
        JobState state,
        int attempts,
        int counted,
        int lost,
        int transitions) {

    public JobId id() {
        return spec.id();
    }

    public UserId user() {
        return spec.user();
    }

    public JobState.Kind kind() {
        return state.kind();
    }

    /** Its place in the dispatch order of its queue. */
    public OrderKey orderKey() {
        return OrderKey.of(lane, promoted, spec.priority(), order, seq);
    }

    /** The jobs it shares a line with: what can run one of them can run all. */
    public RequirementSet requirement() {
        return RequirementSet.of(spec, lane);
    }

    /** When it ended, if it has. */
    public Optional<Instant> endedAt() {
        return state instanceof JobState.Terminal ended ? Optional.of(ended.endedAt()) : Optional.empty();
    }

    /** Whether it waits and its backoff, if any, is over at {@code now}. */
    public boolean isReady(Instant now) {
        return state instanceof JobState.Queued queued && !queued.readyAt().isAfter(now);
    }

    /** This job without whatever says whose it was, of somebody who is gone. It must have ended. */
    public QueuedJob erased(UserId pseudonym) {
        JobSpec nobodys = new JobSpec(
                spec.id(),
                pseudonym,
                spec.batch(),
                spec.workflow(),
                spec.queue(),
                spec.model(),
                spec.needs(),
                Map.of(),
                spec.tariff(),
                spec.priority(),
                spec.createdAt(),
                spec.expiresAt(),
                spec.origin(),
                List.of(),
                List.of(),
                Map.of());
        JobState nothingSaid = state instanceof JobState.Failed failed
                ? new JobState.Failed(failed.endedAt(), failed.failure().erased())
                : state;
        return new QueuedJob(nobodys, seq, lane, promoted, order, nothingSaid, attempts, counted, lost, transitions);
    }

    QueuedJob to(JobState next) {
        boolean stuck = state instanceof JobState.Failed failed && !failed.mayStillSucceed();
        if (stuck || !kind().next().contains(next.kind())) {
            throw new IllegalStateException("job " + id() + " can't go from " + kind().word() + " to "
                    + next.kind().word());
        }
        return new QueuedJob(spec, seq, lane, promoted, order, next, attempts, counted, lost, transitions + 1);
    }

    QueuedJob withAttempt() {
        return new QueuedJob(spec, seq, lane, promoted, order, state, attempts + 1, counted, lost, transitions);
    }

    QueuedJob withCounted() {
        return new QueuedJob(spec, seq, lane, promoted, order, state, attempts, counted + 1, lost, transitions);
    }

    QueuedJob withLost() {
        return new QueuedJob(spec, seq, lane, promoted, order, state, attempts, counted, lost + 1, transitions);
    }

    QueuedJob asPromoted() {
        return new QueuedJob(spec, seq, lane, true, order, state, attempts, counted, lost, transitions + 1);
    }
}
