package io.tollgate.queue.job;

import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobCommand.Mark;
import io.tollgate.queue.job.JobCommand.Renew;
import io.tollgate.queue.job.JobCommand.RenewResult;
import io.tollgate.queue.job.JobCommand.TakeOver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who drives an attempt, and how far it got. */
final class LeaseRules {

    JobDecision<DriveResult> mark(Mark command, JobRows rows, Instant now) {
        if (command.phase() == Attempt.Phase.ENDED) {
            throw new IllegalArgumentException("an attempt ends with its job's success, failure or retry");
        }
        Attempt attempt = driven(command.attempt(), rows);
        if (attempt == null) {
            return JobDecision.unchanged(new DriveResult.LeaseLost());
        }
        QueuedJob job = rows.job(attempt.job()).orElseThrow();
        RunId knownAs = command.runId().orElse(attempt.runId());
        boolean news = follows(attempt.phase(), command.phase()) || !knownAs.equals(attempt.runId());
        if (!news) {
            return JobDecision.unchanged(new DriveResult.Done(job));
        }
        JobChanges.Builder changes = new JobChanges.Builder();
        Attempt.Phase next = follows(attempt.phase(), command.phase()) ? command.phase() : attempt.phase();
        changes.attempts.add(attempt.inPhase(next, knownAs, now));
        if (next == Attempt.Phase.COLLECTING && attempt.phase() != next) {
            EndRules.giveBackSlot(changes, rows, job, attempt);
        }
        return new JobDecision<>(new DriveResult.Done(job), changes.build());
    }

    private static boolean follows(Attempt.Phase current, Attempt.Phase next) {
        return switch (next) {
            case CLAIMED, ENDED -> false;
            case SUBMITTED -> current == Attempt.Phase.CLAIMED || current == Attempt.Phase.UNKNOWN;
            case STARTED -> current != Attempt.Phase.STARTED && current != Attempt.Phase.COLLECTING;
            case UNKNOWN -> current != Attempt.Phase.UNKNOWN && current != Attempt.Phase.COLLECTING;
            case COLLECTING -> current != Attempt.Phase.COLLECTING;
        };
    }

    JobDecision<RenewResult> renew(Renew command, JobRows rows, Instant now) {
        JobChanges.Builder changes = new JobChanges.Builder();
        List<AttemptRef> lost = new ArrayList<>();
        for (AttemptRef ref : command.attempts()) {
            Attempt attempt = driven(ref, rows);
            if (attempt == null) {
                lost.add(ref);
            } else {
                changes.attempts.add(attempt.leased(
                        new Lease(attempt.lease().node(), attempt.lease().token(), now.plus(command.leaseTtl()))));
            }
        }
        return new JobDecision<>(new RenewResult(List.copyOf(lost)), changes.build());
    }

    JobDecision<List<Claimed>> takeOver(TakeOver command, JobRows rows, Instant now) {
        JobChanges.Builder changes = new JobChanges.Builder();
        List<Claimed> taken = new ArrayList<>();
        for (Attempt attempt : rows.takeable(command.node())) {
            boolean own = command.own() && attempt.lease().node().equals(command.node());
            if (!own && attempt.lease().until().isAfter(now)) {
                continue;
            }
            Attempt ours = attempt.leased(
                    new Lease(command.node(), attempt.lease().token() + 1, now.plus(command.leaseTtl())));
            changes.attempts.add(ours);
            taken.add(new Claimed(rows.job(attempt.job()).orElseThrow(), ours));
        }
        return new JobDecision<>(List.copyOf(taken), changes.build());
    }

    /** The attempt, if it still runs and whoever shows {@code ref} still drives it. */
    static @Nullable Attempt driven(AttemptRef ref, JobRows rows) {
        Attempt attempt = rows.attempt(ref.job()).orElse(null);
        return attempt != null
                        && attempt.phase() != Attempt.Phase.ENDED
                        && attempt.number() == ref.number()
                        && attempt.lease().token() == ref.token()
                ? attempt
                : null;
    }
}
