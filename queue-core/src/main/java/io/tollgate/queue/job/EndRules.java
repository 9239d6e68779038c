package io.tollgate.queue.job;

import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LateRules;
import io.tollgate.credits.ledger.LedgerRules;
import io.tollgate.credits.ledger.SettleResult;
import io.tollgate.credits.pricing.Pricing;
import io.tollgate.queue.job.JobCommand.Cancel;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobCommand.Expire;
import io.tollgate.queue.job.JobCommand.Fail;
import io.tollgate.queue.job.JobCommand.Resolve;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobCommand.Succeed;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How attempts and jobs end, and what becomes of their holds: captured or released, once. */
final class EndRules {
    private static final String ACTOR = "queue";
    private static final String LATE = "delivered late, free of charge";

    JobDecision<DriveResult> succeed(Succeed command, JobRows rows, Instant now) {
        Attempt attempt = LeaseRules.driven(command.attempt(), rows);
        if (attempt == null) {
            return late(command, rows, now);
        }
        QueuedJob job = job(rows, attempt.job());
        JobChanges.Builder changes = new JobChanges.Builder();
        leave(changes, rows, job, attempt, Optional.empty(), now);
        QueuedJob done = deliver(changes, rows, job, command.outputs(), command.expected(), command.deliveryIds(), now);
        return new JobDecision<>(new DriveResult.Done(done), changes.build());
    }

    /**
     * A run that an operator gave up was found to have succeeded: what it made is delivered, as our loss. Its slot, its
     * place under the limits and the user's load were given back when the operator ended the job.
     */
    private static JobDecision<DriveResult> late(Succeed command, JobRows rows, Instant now) {
        QueuedJob job = rows.job(command.attempt().job()).orElse(null);
        Attempt attempt = rows.attempt(command.attempt().job()).orElse(null);
        if (job == null
                || !(job.state() instanceof JobState.Failed failed && failed.mayStillSucceed())
                || attempt == null
                || !attempt.ref().equals(command.attempt())) {
            return JobDecision.unchanged(new DriveResult.LeaseLost());
        }
        int delivered = Math.min(command.outputs().size(), command.expected());
        boolean partial = delivered < command.expected();
        JobChanges.Builder changes = new JobChanges.Builder();
        changes.ledger(LateRules.deliver(rows, hold(job), delivered, command.expected(), now, ACTOR));
        changes.outputs.addAll(command.outputs());
        Owed.output(changes, rows, job, now);
        String cause = partial ? LATE + ": " + delivered + " of " + command.expected() + " outputs" : LATE;
        QueuedJob done =
                move(changes, rows, job, new JobState.Succeeded(now, partial), cause, command.deliveryIds(), now);
        return new JobDecision<>(new DriveResult.Done(done), changes.build());
    }

    JobDecision<DriveResult> fail(Fail command, JobRows rows, Instant now, int lostAtMost) {
        Attempt attempt = LeaseRules.driven(command.attempt(), rows);
        if (attempt == null) {
            return JobDecision.unchanged(new DriveResult.LeaseLost());
        }
        QueuedJob job = job(rows, attempt.job());
        Failure failure = command.failure();
        JobChanges.Builder changes = new JobChanges.Builder();
        leave(changes, rows, job, attempt, Optional.of(failure), now);
        if (job.kind() == JobState.Kind.CANCELING) {
            QueuedJob canceled = giveBack(
                    changes, rows, job, new JobState.Canceled(now), false, "canceled", command.deliveryIds(), now);
            return new JobDecision<>(new DriveResult.Done(canceled), changes.build());
        }

        QueuedJob counted = count(job, failure, lostAtMost);
        if (failure.kind().isRetryable() && counted.counted() < command.retry().attempts()) {
            boolean recalled = failure.kind() == Failure.Kind.RECALLED; // nothing is wrong with it, or with its backend
            // a run that never arrived or was forgotten counts as no attempt, but still waits a first backoff
            Instant readyAt = recalled
                    ? now
                    : now.plus(command.retry().backoff(Math.max(1, counted.counted()), command.jitter()));
            QueuedJob waiting = counted.to(
                    new JobState.Queued(readyAt, recalled ? Optional.empty() : Optional.of(attempt.backend())));
            changes.moves.add(new JobChanges.Move(
                    Optional.of(job),
                    waiting,
                    new Transition(
                            job.id(),
                            job.transitions(),
                            JobState.Kind.QUEUED,
                            now,
                            "will be tried again: " + failure)));
            return new JobDecision<>(new DriveResult.Done(waiting), changes.build());
        }
        QueuedJob ended = command.outputs().isEmpty()
                ? giveBack(
                        changes,
                        rows,
                        counted,
                        new JobState.Failed(now, failure),
                        failure.kind().isOurFault(),
                        failure.toString(),
                        command.deliveryIds(),
                        now)
                : deliver(changes, rows, counted, command.outputs(), command.expected(), command.deliveryIds(), now);
        return new JobDecision<>(new DriveResult.Done(ended), changes.build());
    }

    private static QueuedJob count(QueuedJob job, Failure failure, int lostAtMost) {
        return switch (failure.kind()) {
            case UNREACHABLE, RECALLED -> job;
            case LOST ->
                job.lost() < lostAtMost ? job.withLost() : job.withLost().withCounted();
            case BAD_WORKFLOW,
                    BAD_INPUT,
                    POLICY,
                    PROTOCOL,
                    BACKEND,
                    INCAPABLE,
                    OUT_OF_MEMORY,
                    TIMEOUT,
                    STORAGE,
                    CANCELED,
                    EXPIRED,
                    OPERATOR,
                    INTERNAL -> job.withCounted();
        };
    }

    JobDecision<CancelResult> cancel(Cancel command, JobRows rows, Instant now) {
        QueuedJob job = rows.job(command.job()).orElse(null);
        if (job == null) {
            return JobDecision.unchanged(new CancelResult.NotFound());
        }
        return switch (job.kind()) {
            case SUCCEEDED, FAILED, EXPIRED -> JobDecision.unchanged(new CancelResult.AlreadyEnded(job));
            case CANCELED, CANCELING -> JobDecision.unchanged(new CancelResult.Canceled(job));
            case QUEUED -> {
                JobChanges.Builder changes = new JobChanges.Builder();
                QueuedJob canceled = giveBack(
                        changes,
                        rows,
                        job,
                        new JobState.Canceled(now),
                        false,
                        "canceled by " + command.by(),
                        command.deliveryIds(),
                        now);
                yield new JobDecision<>(new CancelResult.Canceled(canceled), changes.build());
            }
            case RUNNING -> {
                JobChanges.Builder changes = new JobChanges.Builder();
                QueuedJob canceling = job.to(new JobState.Canceling());
                changes.moves.add(new JobChanges.Move(
                        Optional.of(job),
                        canceling,
                        new Transition(
                                job.id(),
                                job.transitions(),
                                JobState.Kind.CANCELING,
                                now,
                                "canceled by " + command.by())));
                yield new JobDecision<>(new CancelResult.Canceled(canceling), changes.build());
            }
        };
    }

    JobDecision<Boolean> expire(Expire command, JobRows rows, Instant now) {
        QueuedJob job = rows.job(command.job()).orElse(null);
        if (job == null
                || job.kind() != JobState.Kind.QUEUED
                || now.isBefore(job.spec().expiresAt())) {
            return JobDecision.unchanged(false);
        }
        JobChanges.Builder changes = new JobChanges.Builder();
        giveBack(changes, rows, job, new JobState.Expired(now), true, "waited too long", command.deliveryIds(), now);
        return new JobDecision<>(true, changes.build());
    }

    JobDecision<ResolveResult> resolve(Resolve command, JobRows rows, Instant now) {
        QueuedJob job = rows.job(command.job()).orElse(null);
        if (job == null) {
            return JobDecision.unchanged(new ResolveResult.Refused(new Refusal.UnknownJob(command.job())));
        }
        Attempt attempt = rows.attempt(command.job()).orElse(null);
        if (!job.kind().isActive() || attempt == null || !attempt.phase().canBeResolved()) {
            return JobDecision.unchanged(
                    new ResolveResult.Refused(
                            new Refusal.InvalidState(
                                    job.id(),
                                    job.kind(),
                                    "only a job whose attempt is unknown, or whose outputs are being fetched, can be resolved by hand")));
        }
        String cause = "resolved by " + command.by() + ": " + command.reason();
        Failure failure = new Failure(Failure.Kind.OPERATOR, cause);
        JobChanges.Builder changes = new JobChanges.Builder();
        // even if the job counts as done: how long its run took, nobody knows
        leave(changes, rows, job, attempt, Optional.of(failure), now);
        QueuedJob ended;
        if (command.succeeded()) {
            settle(changes, job, LedgerRules.capture(rows, hold(job), 1, 1, now, ACTOR));
            ended = finish(changes, rows, job, new JobState.Succeeded(now, false), cause, command.deliveryIds(), now);
        } else {
            JobState.Terminal state = job.kind() == JobState.Kind.CANCELING
                    ? new JobState.Canceled(now)
                    : new JobState.Failed(now, failure);
            ended = giveBack(changes, rows, job, state, true, cause, command.deliveryIds(), now);
        }
        return new JobDecision<>(new ResolveResult.Resolved(ended), changes.build());
    }

    /** Ends a job with outputs: captures its hold, in part if some are missing. */
    private static QueuedJob deliver(
            JobChanges.Builder changes,
            JobRows rows,
            QueuedJob job,
            List<Output> outputs,
            int expected,
            List<DeliveryId> deliveryIds,
            Instant now) {
        int delivered = Math.min(outputs.size(), expected);
        boolean partial = delivered < expected;
        settle(changes, job, LedgerRules.capture(rows, hold(job), delivered, expected, now, ACTOR));
        changes.outputs.addAll(outputs);
        Owed.output(changes, rows, job, now);
        String cause = partial ? delivered + " of " + expected + " outputs" : "completed";
        return finish(changes, rows, job, new JobState.Succeeded(now, partial), cause, deliveryIds, now);
    }

    /** Ends a job without outputs: releases its hold. */
    private static QueuedJob giveBack(
            JobChanges.Builder changes,
            JobRows rows,
            QueuedJob job,
            JobState.Terminal state,
            boolean ourFault,
            String cause,
            List<DeliveryId> deliveryIds,
            Instant now) {
        settle(
                changes,
                job,
                LedgerRules.release(
                        rows, hold(job), ourFault, ACTOR, state.kind().word(), now));
        return finish(changes, rows, job, state, cause, deliveryIds, now);
    }

    private static void settle(JobChanges.Builder changes, QueuedJob job, Decision<SettleResult> settlement) {
        if (!(settlement.result() instanceof SettleResult.Settled)) {
            // a live job has an open hold, always: better no change than a wrong one
            throw new IllegalStateException(
                    "the hold of job " + job.id() + " can't be settled: " + settlement.result());
        }
        changes.ledger(settlement.changes());
    }

    private static QueuedJob finish(
            JobChanges.Builder changes,
            JobRows rows,
            QueuedJob job,
            JobState.Terminal state,
            String cause,
            List<DeliveryId> deliveryIds,
            Instant now) {
        changes.loads.add(
                rows.load(job.user()).orElseGet(() -> UserLoad.none(job.user())).less(relaxed(rows, job)));
        return move(changes, rows, job, state, cause, deliveryIds, now);
    }

    /** Notes that a job is in a state that it is to be told of. */
    private static QueuedJob move(
            JobChanges.Builder changes,
            JobRows rows,
            QueuedJob job,
            JobState.Terminal state,
            String cause,
            List<DeliveryId> deliveryIds,
            Instant now) {
        QueuedJob ended = job.to(state);
        changes.moves.add(new JobChanges.Move(
                rows.job(job.id()), ended, new Transition(job.id(), job.transitions(), state.kind(), now, cause)));
        Owed.ended(changes, rows, job, DeliveryEvent.of(state), deliveryIds, now);
        return ended;
    }

    private static boolean relaxed(JobRows rows, QueuedJob job) {
        return rows.hold(hold(job)).map(Hold::price).filter(Pricing::isRelaxed).isPresent();
    }

    /** Ends an attempt, and gives back what it still has. */
    private static void leave(
            JobChanges.Builder changes,
            JobRows rows,
            QueuedJob job,
            Attempt attempt,
            Optional<Failure> why,
            Instant now) {
        changes.attempts.add(attempt.ended(now, why));
        if (attempt.phase().hasSlot()) {
            giveBackSlot(changes, rows, job, attempt);
        }
    }

    /** Gives back what a running attempt took: its slot and its place under the limits. */
    static void giveBackSlot(JobChanges.Builder changes, JobRows rows, QueuedJob job, Attempt attempt) {
        rows.slot(attempt.backend(), attempt.slot())
                .filter(slot -> slot.job().equals(Optional.of(job.id())))
                .ifPresent(slot -> changes.slots.add(new Slot(slot.backend(), slot.index(), Optional.empty())));
        changes.models.add(ClaimRules.modelOf(rows, job.spec().model()).running(-1));
        if (job.lane() == Lane.RELAXED) {
            changes.queues.add(rows.queue(job.spec().queue())
                    .orElseGet(() -> ClaimRules.open(job.spec().queue()))
                    .relaxed(-1));
        }
    }

    private static QueuedJob job(JobRows rows, JobId id) {
        return rows.job(id).orElseThrow(() -> new IllegalStateException("an attempt without its job: " + id));
    }

    private static HoldId hold(QueuedJob job) {
        return new HoldId(job.id().value());
    }
}
