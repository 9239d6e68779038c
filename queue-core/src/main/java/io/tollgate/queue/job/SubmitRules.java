package io.tollgate.queue.job;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.HoldResult;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.LedgerCommand.OpenHold;
import io.tollgate.credits.ledger.LedgerRows;
import io.tollgate.credits.ledger.LedgerRules;
import io.tollgate.credits.pricing.Pricing;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.Submit;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who may come in, at what price and to which place in line. */
final class SubmitRules {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final JobPolicy policy;

    SubmitRules(JobPolicy policy) {
        this.policy = policy;
    }

    JobDecision<SubmitResult> submit(Submit command, JobRows rows, Instant now) {
        Optional<IdempotencyRecord> known =
                command.idempotency().flatMap(key -> rows.idempotency(command.user(), key.key()));
        if (known.isPresent()) {
            return JobDecision.unchanged(replay(command, known.get(), rows));
        }
        Account account = rows.account(command.user()).orElseGet(() -> Account.fresh(command.user()));
        Perks perks = policy.credits().tiers().tier(account.tierAt(now)).perks();
        UserLoad load = rows.load(command.user()).orElseGet(() -> UserLoad.none(command.user()));
        Optional<Refusal> refusal = limits(command, rows, load, perks, now);
        if (refusal.isPresent()) {
            return refused(refusal.get());
        }

        JobChanges.Builder changes = new JobChanges.Builder();
        int percentOff = policy.credits().percentOff(account, now);
        LedgerChanges trial = policy.credits()
                .trial()
                .map(terms -> LedgerRules.renewTrial(rows, command.user(), terms, now))
                .orElse(LedgerChanges.NONE);
        changes.ledger(trial);
        LedgerRows ledger = rows.after(trial);
        Places places = new Places(rows, policy);
        List<QueuedJob> jobs = new ArrayList<>(command.jobs().size());
        for (JobSpec spec : command.jobs()) {
            if (rows.job(spec.id()).isPresent()) {
                throw new IllegalStateException("the job id is taken: " + spec.id());
            }
            OpenHold hold = new OpenHold(
                    new HoldId(spec.id().value()),
                    spec.user(),
                    Pricing.price(spec.listPrice(), spec.free(), perks, percentOff),
                    spec.user().value());
            Decision<HoldResult> held = hold.decide(ledger, now);
            if (held.result() instanceof HoldResult.Insufficient short_) {
                return refused(new Refusal.InsufficientCredits(short_.required(), short_.available()));
            } else if (held.result() instanceof HoldResult.Indebted owing) {
                return refused(new Refusal.InDebt(owing.debt()));
            } else if (!(held.result() instanceof HoldResult.Held fresh) || fresh.replayed()) {
                // an id is used once; who isn't sure whether it was, brings an idempotency key
                throw new IllegalStateException("the job id " + spec.id() + " has a hold already");
            }
            ledger = ledger.after(held.changes());
            changes.ledger(held.changes());
            QueuedJob job = places.place(spec, lane(perks), now);
            jobs.add(job);
            changes.moves.add(new JobChanges.Move(
                    Optional.empty(), job, new Transition(job.id(), 0, JobState.Kind.QUEUED, now, "submitted")));
        }
        places.into(changes);
        changes.loads.add(new UserLoad(command.user(), load.live() + jobs.size(), rateAfter(load, jobs.size(), now)));
        command.idempotency().ifPresent(key -> changes.idempotency.add(record(command, key, jobs, now)));
        return new JobDecision<>(new SubmitResult.Accepted(List.copyOf(jobs), false), changes.build());
    }

    private static SubmitResult replay(Submit command, IdempotencyRecord known, JobRows rows) {
        if (!known.requestHash().equals(command.idempotency().orElseThrow().requestHash())) {
            return new SubmitResult.Refused(new Refusal.KeyReused(known.key()));
        }
        List<QueuedJob> jobs = new ArrayList<>();
        for (JobId id : known.jobs()) {
            rows.job(id).ifPresent(jobs::add);
        }
        return new SubmitResult.Accepted(List.copyOf(jobs), true);
    }

    private Optional<Refusal> limits(Submit command, JobRows rows, UserLoad load, Perks perks, Instant now) {
        int count = command.jobs().size();
        for (JobSpec spec : command.jobs()) {
            Optional<QueueSwitch> queue = rows.queue(spec.queue());
            if (queue.isPresent() && queue.get().mode() == QueueSwitch.Mode.DRAINING) {
                return Optional.of(new Refusal.QueueClosed(spec.queue()));
            }
        }
        SubmissionLimits limits = policy.limits();
        int live = perks.jobsAtMost().orElse(limits.jobsPerUser());
        int together = Math.min(Math.min(live, limits.waitingInAll()), limits.perMinute());
        if (count > together) { // waiting would not help
            return Optional.of(new Refusal.BatchTooLarge(count, together));
        }
        if (rows.waiting() + count > limits.waitingInAll()) {
            return Optional.of(new Refusal.QueueFull(limits.waitingInAll()));
        }
        if (load.live() + count > live) {
            return Optional.of(new Refusal.TooManyJobs(live, load.live()));
        }
        Duration ahead = Duration.between(now, rateAfter(load, count, now));
        if (ahead.compareTo(MINUTE) > 0) {
            return Optional.of(new Refusal.TooFast(limits.perMinute(), ahead.minus(MINUTE)));
        }
        return Optional.empty();
    }

    private Instant rateAfter(UserLoad load, int count, Instant now) {
        Instant from = load.rateUntil().isAfter(now) ? load.rateUntil() : now;
        return from.plus(MINUTE.multipliedBy(count).dividedBy(policy.limits().perMinute()));
    }

    private static Lane lane(Perks perks) {
        return perks.lane().map(Lane::ofWord).orElse(Lane.REGULAR);
    }

    private static IdempotencyRecord record(Submit command, IdempotencyKey key, List<QueuedJob> jobs, Instant now) {
        return new IdempotencyRecord(
                command.user(),
                key.key(),
                key.requestHash(),
                jobs.stream().map(QueuedJob::id).toList(),
                now);
    }

    private static JobDecision<SubmitResult> refused(Refusal refusal) {
        return JobDecision.unchanged(new SubmitResult.Refused(refusal));
    }

    /** Gives new jobs their numbers and their places in line. */
    private static final class Places {
        private final JobRows rows;
        private final JobPolicy policy;
        private final Map<QueueName, FairLine> lastKeys = new HashMap<>(2);

        Places(JobRows rows, JobPolicy policy) {
            this.rows = rows;
            this.policy = policy;
        }

        QueuedJob place(JobSpec spec, Lane lane, Instant now) {
            long seq = rows.nextSeq();
            long order = switch (policy.order(spec.queue())) {
                case FIFO -> seq;
                case FAIR -> fairKey(spec, lane);
            };
            // ready by the store's clock: the clock of the node that made the spec may be ahead
            JobState state = new JobState.Queued(now, Optional.empty());
            return new QueuedJob(spec, seq, lane, false, order, state, 0, 0, 0, 1);
        }

        private long fairKey(JobSpec spec, Lane lane) {
            long virtualTime = rows.laneClock(spec.queue(), lane)
                    .map(LaneClock::virtualTime)
                    .orElse(0L);
            FairLine line = lastKeys.get(spec.queue());
            if (line == null) {
                line = rows.fairLine(spec.user(), spec.queue(), lane)
                        .orElseGet(() -> new FairLine(spec.user(), spec.queue(), lane, 0));
            }
            long key = FairShare.nextKey(virtualTime, line.lastKey(), 1, 1);
            lastKeys.put(spec.queue(), new FairLine(spec.user(), spec.queue(), lane, key));
            return key;
        }

        void into(JobChanges.Builder changes) {
            changes.fairLines.addAll(lastKeys.values());
        }
    }
}
