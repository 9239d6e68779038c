package io.tollgate.queue.job;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.HoldResult;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.LedgerRows;
import io.tollgate.credits.ledger.LedgerRules;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.pricing.Pricing;
import io.tollgate.credits.pricing.Toll;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.MakeQuote;
import io.tollgate.queue.job.JobCommand.QuoteResult;
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
    /** Who holds a job's credits, in the books: postings outlive users, and so don't say their names. */
    private static final String OWNER = "user";

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
        UserId user = command.user();
        Account account = rows.account(user).orElseGet(() -> Account.fresh(user));
        Optional<Refusal> keptOut = keptOut(command.closed(), account, now);
        if (keptOut.isPresent()) {
            return refused(keptOut.get());
        }
        Tolls tolls = new Tolls(policy, account, now);
        UserLoad load = rows.load(user).orElseGet(() -> UserLoad.none(user));
        Optional<Refusal> refusal = limits(command, rows, load, tolls.perks(), now);
        if (refusal.isPresent()) {
            return refused(refusal.get());
        }
        Optional<Quote> quote = Optional.empty();
        if (command.quote().isPresent()) {
            quote = rows.quote(command.quote().get().quote());
            refusal = tolls.problem(command.quote().get(), quote, command.jobs(), rows, available(rows, account, now));
            if (refusal.isPresent()) {
                return refused(refusal.get());
            }
        }

        LedgerChanges trial = trial(rows, user, now);
        LedgerRows ledger = rows.after(trial);
        JobChanges.Builder changes = new JobChanges.Builder();
        changes.ledger(trial);
        quote.map(used -> LedgerChanges.of(used.used(now))).ifPresent(changes::ledger);
        Places places = new Places(rows, policy);
        List<QueuedJob> jobs = new ArrayList<>(command.jobs().size());
        List<Hold> holds = new ArrayList<>(command.jobs().size());
        int relaxed = load.relaxed();
        for (JobSpec spec : command.jobs()) {
            if (rows.job(spec.id()).isPresent()) {
                throw new IllegalStateException("the job id is taken: " + spec.id());
            }
            Optional<Quote.Line> promised = quote.map(some -> some.lines().get(jobs.size()));
            Toll toll = tolls.of(spec, promised, ledger);
            if (toll instanceof Toll.UsedUp usedUp) {
                return refused(tolls.refusal(spec, usedUp));
            }
            Toll.Due due = (Toll.Due) toll;
            Decision<HoldResult> held = hold(spec, due, ledger, now);
            if (held.result() instanceof HoldResult.Insufficient
                    && spec.tariff().relaxed()) {
                due = Pricing.relaxed(spec.tariff());
                held = hold(spec, due, ledger, now);
            }
            if (held.result() instanceof HoldResult.Insufficient short_) {
                return refused(new Refusal.InsufficientCredits(short_.required(), short_.available()));
            } else if (held.result() instanceof HoldResult.Indebted owing) {
                return refused(new Refusal.InDebt(owing.debt()));
            } else if (!(held.result() instanceof HoldResult.Held fresh) || fresh.replayed()) {
                // an id is used once; who isn't sure whether it was, brings an idempotency key
                throw new IllegalStateException("the job id " + spec.id() + " has a hold already");
            }
            if (due.relaxed() && ++relaxed > policy.limits().relaxedPerUser()) {
                return refused(new Refusal.TooManyRelaxed(policy.limits().relaxedPerUser()));
            }
            ledger = ledger.after(held.changes());
            changes.ledger(held.changes());
            QueuedJob job = places.place(spec, due.relaxed() ? Lane.RELAXED : tolls.lane(), now);
            jobs.add(job);
            holds.add(ledger.hold(new HoldId(spec.id().value())).orElseThrow());
            changes.moves.add(new JobChanges.Move(Optional.empty(), job, submitted(job)));
            Owed.queued(changes, rows, job, now);
        }
        places.into(changes);
        changes.loads.add(new UserLoad(user, load.live() + jobs.size(), relaxed, rateAfter(load, jobs.size(), now)));
        command.idempotency().ifPresent(key -> changes.idempotency.add(record(command, key, jobs, now)));
        return new JobDecision<>(new SubmitResult.Accepted(jobs, holds, false), changes.build());
    }

    /** How the history of a job begins that came in just now. */
    static Transition submitted(QueuedJob job) {
        Instant now = ((JobState.Queued) job.state()).readyAt();
        return new Transition(job.id(), 0, JobState.Kind.QUEUED, now, "submitted");
    }

    /** Promises prices; sets nothing aside. */
    JobDecision<QuoteResult> quote(MakeQuote command, JobRows rows, Instant now) {
        UserId user = command.user();
        Account account = rows.account(user).orElseGet(() -> Account.fresh(user));
        Optional<Refusal> keptOut = keptOut(command.closed(), account, now);
        if (keptOut.isPresent()) {
            return JobDecision.unchanged(new QuoteResult.Refused(keptOut.get()));
        }
        long open = rows.openQuotes(user).stream()
                .filter(quote -> quote.openAt(now))
                .count();
        if (open >= command.openAtMost()) {
            return JobDecision.unchanged(new QuoteResult.Refused(new Refusal.TooManyQuotes(command.openAtMost())));
        }
        if (rows.quote(command.id()).isPresent()) {
            throw new IllegalStateException("the quote id is taken: " + command.id());
        }
        Tolls tolls = new Tolls(policy, account, now);
        Amount available = available(rows, account, now);
        Tolls.Offer offer = tolls.offer(command.jobs(), rows, available);
        if (offer.refusal().isPresent()) {
            return JobDecision.unchanged(new QuoteResult.Refused(offer.refusal().get()));
        }
        Quote quote = new Quote(
                command.id(),
                user,
                command.requestHash(),
                offer.lines(),
                now,
                now.plus(command.lifetime()),
                Optional.empty());
        JobChanges.Builder changes = new JobChanges.Builder();
        changes.ledger(LedgerChanges.of(quote));
        return new JobDecision<>(new QuoteResult.Quoted(quote, tolls.lane(), available), changes.build());
    }

    private static Optional<Refusal> keptOut(Optional<Refusal.Closed> closed, Account account, Instant now) {
        return closed.filter(door -> !door.mode().takes(account.tierAt(now))).map(door -> door);
    }

    /** What a job could spend now: a trial that is due counts, without being made. */
    private Amount available(JobRows rows, Account account, Instant now) {
        Amount spendable = LedgerRules.spendable(rows, account.user(), now);
        return policy.credits()
                .trial()
                .filter(terms -> account.trialDue(terms, now))
                .map(terms -> spendable.plus(terms.credits()))
                .orElse(spendable);
    }

    private LedgerChanges trial(JobRows rows, UserId user, Instant now) {
        return policy.credits()
                .trial()
                .map(terms -> LedgerRules.renewTrial(rows, user, terms, now))
                .orElse(LedgerChanges.NONE);
    }

    private static Decision<HoldResult> hold(JobSpec spec, Toll.Due due, LedgerRows ledger, Instant now) {
        return LedgerRules.hold(
                ledger, new HoldId(spec.id().value()), spec.user(), due.price(), due.freeRun(), now, OWNER);
    }

    private static SubmitResult replay(Submit command, IdempotencyRecord known, JobRows rows) {
        if (!known.requestHash().equals(command.idempotency().orElseThrow().requestHash())) {
            return new SubmitResult.Refused(new Refusal.KeyReused(known.key()));
        }
        List<QueuedJob> jobs = new ArrayList<>();
        for (JobId id : known.jobs()) {
            rows.job(id).ifPresent(jobs::add);
        }
        return new SubmitResult.Accepted(jobs, List.of(), true);
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
        /** One request may bring jobs into several lanes of a queue. */
        private final Map<LaneOfQueue, FairLine> lastKeys = new HashMap<>(2);

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
            LaneOfQueue which = new LaneOfQueue(spec.queue(), lane);
            FairLine line = lastKeys.get(which);
            if (line == null) {
                line = rows.fairLine(spec.user(), spec.queue(), lane)
                        .orElseGet(() -> new FairLine(spec.user(), spec.queue(), lane, 0));
            }
            long key = FairShare.nextKey(virtualTime, line.lastKey(), 1, 1);
            lastKeys.put(which, new FairLine(spec.user(), spec.queue(), lane, key));
            return key;
        }

        void into(JobChanges.Builder changes) {
            changes.fairLines.addAll(lastKeys.values());
        }

        private record LaneOfQueue(QueueName queue, Lane lane) {}
    }
}
