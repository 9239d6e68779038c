package io.tollgate.queue.event;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.EndpointId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Refusal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Something that happened to a job, a queue or a backend, told after it is durable. Progress alone is not stored. */
public sealed interface JobEvent {
    /** A job came in. */
    record Queued(QueuedJob job) implements JobEvent {}

    /** A request was turned down; there is no job. */
    record Refused(UserId user, String workflow, Refusal refusal, Instant at) implements JobEvent {}

    /** A job waited so long that it goes before all others now. */
    record Promoted(QueuedJob job) implements JobEvent {}

    /** A job was claimed: its attempt begins. */
    record Claimed(QueuedJob job, Attempt attempt) implements JobEvent {}

    /** A backend has an attempt, works on it, or nobody can say what became of it: see its phase. */
    record PhaseChanged(Attempt attempt) implements JobEvent {}

    /** How far an attempt is. */
    record Progressed(JobId job, int attempt, Progress progress) implements JobEvent {}

    /** What an attempt is making looks like so far. */
    record Previewed(JobId job, int attempt, Preview preview) implements JobEvent {}

    /** An attempt failed and its job waits for the next. */
    record Retrying(QueuedJob job, Optional<Attempt> attempt, Instant readyAt) implements JobEvent {}

    /** A running job was asked to stop. */
    record Canceling(QueuedJob job) implements JobEvent {}

    /** A job is over: succeeded, failed, canceled or expired. */
    record Ended(QueuedJob job, Optional<Attempt> attempt, List<Output> outputs) implements JobEvent {
        /** Whether it had failed, for its run was given up by hand, and succeeded all the same: its second end. */
        public boolean isLate() {
            return job.kind() == JobState.Kind.SUCCEEDED && attempt.isEmpty(); // its attempt was over at the first
        }
    }

    /** This node stops driving an attempt without ending it; it is taken up again later. */
    record Left(JobId job, int attempt) implements JobEvent {}

    /** A delivery was made, put off or given up. */
    record DeliveryChanged(Delivery delivery) implements JobEvent {}

    /** A standing endpoint is told nothing more, since nothing could be delivered to it. */
    record EndpointPaused(UserId user, EndpointId endpoint, String reason) implements JobEvent {}

    /** A queue was opened, paused or set to drain. */
    record QueueSwitched(QueueSwitch queue) implements JobEvent {}

    /** A model's limit was set. */
    record LimitSet(ModelLimit limit) implements JobEvent {}

    /** A queue's manager is ready, or at its end. */
    record ManagerChanged(QueueName queue, boolean running) implements JobEvent {}

    /** A backend's state changed: well, unreachable, paused. */
    record BackendChanged(BackendId backend, String state, String reason) implements JobEvent {}

    /**
     * Something went wrong that no caller hears of.
     *
     * @param job which job it was about, if one
     * @param where what was being done
     * @param problem what was thrown
     */
    record Fault(Optional<JobId> job, String where, Throwable problem) implements JobEvent {}
}
