package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.ledger.StorableText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Something that shall happen to jobs, as data. A store runs it as one unit: it loads the rows it names, lets
 * {@link JobRules} decide, applies the changes, and answers with an {@code R}.
 *
 * @param <R> what the caller is told
 */
public sealed interface JobCommand<R> {
    /** The longest name of who asks. */
    int MAX_BY = 100;

    /*
     * What to load isn't all that a rule looks at. What there is few of (slots, models, queues, lanes' clocks) and what
     * can only be looked up while the command is decided (heads of lines, due deliveries, attempts to take over) isn't
     * named: a store has it at hand.
     */

    /**
     * Whose accounts, live grants, loads and fair shares to load, besides those of the owners of {@link #jobsToEnd}.
     */
    default Set<UserId> usersToLoad() {
        return Set.of();
    }

    /** Which jobs to load, each with its latest attempt. New ones are named, too: no id may be taken twice. */
    default Set<JobId> jobsToLoad() {
        return Set.of();
    }

    /** Of which {@link #jobsToLoad} to load what their end changes, too: holds, and their owners' accounts. */
    default Set<JobId> jobsToEnd() {
        return Set.of();
    }

    /** By which keys of {@link #usersToLoad} to load idempotency records, with the jobs that they name. */
    default Set<String> keysToLoad() {
        return Set.of();
    }

    /** Which quotes to load. */
    default Set<QuoteId> quotesToLoad() {
        return Set.of();
    }

    /** Whose open quotes to load. */
    default Set<UserId> openQuotesToLoad() {
        return Set.of();
    }

    /** Which deliveries to load. */
    default Set<DeliveryId> deliveriesToLoad() {
        return Set.of();
    }

    /**
     * Takes jobs in: all of them or none.
     *
     * @param jobs at least one, all of one user
     * @param idempotency the caller's key and a hash of the request's body
     * @param quote what was promised for them
     * @param closed what those are told whom an operator keeps out; who was let in before gets that answer again
     */
    record Submit(
            List<JobSpec> jobs,
            Optional<IdempotencyKey> idempotency,
            Optional<QuoteUse> quote,
            Optional<Refusal.Closed> closed)
            implements JobCommand<SubmitResult> {
        public Submit {
            jobs = List.copyOf(jobs);
            if (jobs.isEmpty() || jobs.stream().map(JobSpec::user).distinct().count() != 1) {
                throw new IllegalArgumentException("a submission has at least one job, all of one user");
            }
        }

        /** By anybody. */
        public Submit(List<JobSpec> jobs, Optional<IdempotencyKey> idempotency, Optional<QuoteUse> quote) {
            this(jobs, idempotency, quote, Optional.empty());
        }

        /** Without a quote, by anybody. */
        public Submit(List<JobSpec> jobs, Optional<IdempotencyKey> idempotency) {
            this(jobs, idempotency, Optional.empty());
        }

        public UserId user() {
            return jobs.get(0).user();
        }

        @Override
        public Set<UserId> usersToLoad() {
            return Set.of(user());
        }

        @Override
        public Set<JobId> jobsToLoad() {
            return jobs.stream().map(JobSpec::id).collect(Collectors.toUnmodifiableSet());
        }

        @Override
        public Set<JobId> jobsToEnd() {
            return jobsToLoad();
        }

        @Override
        public Set<String> keysToLoad() {
            return idempotency.map(key -> Set.of(key.key())).orElseGet(Set::of);
        }

        @Override
        public Set<QuoteId> quotesToLoad() {
            return quote.map(use -> Set.of(use.quote())).orElseGet(Set::of);
        }
    }

    /** A quote that a request refers to, and what the request is. */
    record QuoteUse(QuoteId quote, String requestHash) {}

    /**
     * Promises what jobs will cost. Sets nothing aside.
     *
     * @param jobs at least one, all of one user
     * @param requestHash what is asked
     * @param lifetime how long the quote binds, positive
     * @param openAtMost how many open quotes a user may have, at least 1
     * @param closed what those are told whom an operator keeps out
     */
    record MakeQuote(
            QuoteId id,
            List<JobSpec> jobs,
            String requestHash,
            Duration lifetime,
            int openAtMost,
            Optional<Refusal.Closed> closed)
            implements JobCommand<QuoteResult> {
        public MakeQuote {
            jobs = List.copyOf(jobs);
            if (jobs.isEmpty() || jobs.stream().map(JobSpec::user).distinct().count() != 1) {
                throw new IllegalArgumentException("a quote is for at least one job, all of one user");
            }
            if (lifetime.isZero() || lifetime.isNegative() || openAtMost < 1) {
                throw new IllegalArgumentException(
                        "a quote binds for a time, and a user may have one: " + lifetime + ", " + openAtMost);
            }
        }

        /** For anybody. */
        public MakeQuote(QuoteId id, List<JobSpec> jobs, String requestHash, Duration lifetime, int openAtMost) {
            this(id, jobs, requestHash, lifetime, openAtMost, Optional.empty());
        }

        public UserId user() {
            return jobs.get(0).user();
        }

        @Override
        public Set<UserId> usersToLoad() {
            return Set.of(user());
        }

        @Override
        public Set<QuoteId> quotesToLoad() {
            return Set.of(id);
        }

        @Override
        public Set<UserId> openQuotesToLoad() {
            return Set.of(user());
        }
    }

    /** What became of a wish for a quote. */
    sealed interface QuoteResult {
        /**
         * The promise.
         *
         * @param lane where jobs that are not relaxed will wait
         * @param available what can be spent now
         */
        record Quoted(Quote quote, Lane lane, Amount available) implements QuoteResult {}

        /** Nothing was changed. */
        record Refused(Refusal refusal) implements QuoteResult {}
    }

    /** A caller's key for a request, and what the request was. */
    record IdempotencyKey(String key, String requestHash) {}

    /** What became of a submission. */
    sealed interface SubmitResult {
        /**
         * The jobs are in.
         *
         * @param jobs as they are now
         * @param holds what was just set aside for each; none if they were in already
         * @param replayed whether they were in already, under the same key
         */
        record Accepted(List<QueuedJob> jobs, List<Hold> holds, boolean replayed) implements SubmitResult {
            public Accepted {
                jobs = List.copyOf(jobs);
                holds = List.copyOf(holds);
                if (holds.size() != (replayed ? 0 : jobs.size())) {
                    throw new IllegalArgumentException(jobs.size() + " jobs with " + holds.size() + " holds");
                }
            }

            /** All there is to know of jobs that came in just now; none if they were in already. */
            public List<JobRecord> fresh() {
                List<JobRecord> records = new ArrayList<>(holds.size());
                for (int i = 0; i < holds.size(); i++) {
                    QueuedJob job = jobs.get(i);
                    records.add(new JobRecord(
                            job, holds.get(i), List.of(), List.of(), List.of(SubmitRules.submitted(job))));
                }
                return records;
            }
        }

        /** Nothing was changed. */
        record Refused(Refusal refusal) implements SubmitResult {}
    }

    /**
     * Starts attempts for the best jobs of a queue that have a free slot and room under their model's limit.
     *
     * @param queue from which
     * @param node who will drive them
     * @param offers backends that are well, in order of preference
     * @param runIds ids for the attempts: no more are started than there are ids
     * @param leaseTtl how long the node may be silent
     */
    record Claim(QueueName queue, NodeId node, List<Offer> offers, List<RunId> runIds, Duration leaseTtl)
            implements JobCommand<List<Claimed>> {
        public Claim {
            offers = List.copyOf(offers);
            runIds = List.copyOf(runIds);
        }
    }

    /**
     * A backend that takes work.
     *
     * @param type what kind it is
     * @param tags what it has
     * @param slots how many slots it has now: others, left from when it had more, are not given away again
     * @param load what it has to do already
     * @param wanted what it asks for
     */
    record Offer(BackendId backend, String type, Set<String> tags, int slots, Load load, Wanted wanted) {
        public Offer {
            tags = Set.copyOf(tags);
        }

        /** A backend that takes whatever it has a slot for. */
        public Offer(BackendId backend, String type, Set<String> tags, int slots, Load load) {
            this(backend, type, tags, slots, load, Wanted.ANYTHING);
        }

        /** An idle backend with all the slots that were provided for it. */
        public Offer(BackendId backend, String type, Set<String> tags) {
            this(backend, type, tags, Integer.MAX_VALUE, Load.NONE);
        }
    }

    /**
     * What a backend has to do already, to choose among those that could take a job.
     *
     * @param runs how many runs wait or run there, of other people too
     * @param abreast how many it works on at once; more of them wait there
     * @param warm the model that it has loaded, if it is known
     */
    record Load(int runs, int abreast, Optional<ModelName> warm) {
        /** Nothing at all. */
        public static final Load NONE = new Load(0, Integer.MAX_VALUE, Optional.empty());
    }

    /**
     * What a backend asks for: less than it has slots for, where work is fetched rather than sent.
     *
     * @param runs how many it would have in all, those that it has included
     * @param models the only models that it would take more runs of; empty for any
     */
    record Wanted(int runs, Optional<Set<ModelName>> models) {
        /** As much as there are slots for, of whatever it can run. */
        public static final Wanted ANYTHING = new Wanted(Integer.MAX_VALUE, Optional.empty());

        public Wanted {
            models = models.map(Set::copyOf);
        }

        /** Whether a run of this model is asked for. */
        public boolean takes(ModelName model) {
            return models.map(only -> only.contains(model)).orElse(true);
        }
    }

    /** An attempt to drive, and its job. */
    record Claimed(QueuedJob job, Attempt attempt) {}

    /**
     * Notes how far an attempt got.
     *
     * @param phase the phase it reached, not {@code ENDED}; a phase that it passed already changes nothing
     * @param runId the name its backend knows it by, if it isn't ours
     */
    record Mark(AttemptRef attempt, Attempt.Phase phase, Optional<RunId> runId) implements JobCommand<DriveResult> {
        @Override
        public Set<JobId> jobsToLoad() {
            return Set.of(attempt.job());
        }
    }

    /**
     * Ends an attempt and its job well. Comes it after an operator ended the job as failed, not knowing, then the job
     * succeeds late: what was made is delivered, and the hold stays given back.
     *
     * @param outputs what was made, stored already; at least one, for a job that made nothing has not succeeded
     * @param expected how many outputs a complete run makes, at least 1
     * @param deliveryIds ids for the messages now owed, at least one per target of the job
     */
    record Succeed(AttemptRef attempt, List<Output> outputs, int expected, List<DeliveryId> deliveryIds)
            implements JobCommand<DriveResult> {
        public Succeed {
            outputs = List.copyOf(outputs);
            deliveryIds = List.copyOf(deliveryIds);
            if (outputs.isEmpty() || expected < 1) {
                throw new IllegalArgumentException(
                        "a success has at least one output, of at least one: " + outputs.size() + " of " + expected);
            }
        }

        @Override
        public Set<JobId> jobsToLoad() {
            return Set.of(attempt.job());
        }

        @Override
        public Set<JobId> jobsToEnd() {
            return Set.of(attempt.job());
        }
    }

    /**
     * Ends an attempt badly; its job is tried again, or ends.
     *
     * @param failure why; never {@code OPERATOR}, which is for {@link Resolve}
     * @param outputs what was made before, stored already: counts if this was the last attempt
     * @param expected how many outputs a complete run makes
     * @param retry how often the job may be tried
     * @param jitter from 0 to 1, which part of the longest backoff is waited
     * @param deliveryIds ids for the messages now owed, at least one per target of the job
     */
    record Fail(
            AttemptRef attempt,
            Failure failure,
            List<Output> outputs,
            int expected,
            RetryPolicy retry,
            double jitter,
            List<DeliveryId> deliveryIds)
            implements JobCommand<DriveResult> {
        public Fail {
            outputs = List.copyOf(outputs);
            deliveryIds = List.copyOf(deliveryIds);
            if (failure.kind() == Failure.Kind.OPERATOR) {
                throw new IllegalArgumentException("an operator ends a job by hand, not a failure: " + failure);
            }
        }

        @Override
        public Set<JobId> jobsToLoad() {
            return Set.of(attempt.job());
        }

        @Override
        public Set<JobId> jobsToEnd() {
            return Set.of(attempt.job());
        }
    }

    /** What became of something a node wrote about its attempt. */
    sealed interface DriveResult {
        /** It is stored; this is the job now. */
        record Done(QueuedJob job) implements DriveResult {}

        /** The attempt has ended or another node drives it: stop driving it. Nothing was changed. */
        record LeaseLost() implements DriveResult {}
    }

    /**
     * Asks for a job to be stopped.
     *
     * @param by who asks
     * @param deliveryIds ids for the messages now owed, at least one per target of the job
     */
    record Cancel(JobId job, String by, List<DeliveryId> deliveryIds) implements JobCommand<CancelResult> {
        public Cancel {
            deliveryIds = List.copyOf(deliveryIds);
            checkBy(by);
        }

        @Override
        public Set<JobId> jobsToLoad() {
            return Set.of(job);
        }

        @Override
        public Set<JobId> jobsToEnd() {
            return Set.of(job);
        }
    }

    /** What became of a wish to cancel. Asking again changes nothing. */
    sealed interface CancelResult {
        /** It is canceled, or canceling until its backend stopped. */
        record Canceled(QueuedJob job) implements CancelResult {}

        /** It had ended before. */
        record AlreadyEnded(QueuedJob job) implements CancelResult {}

        /** There is no such job. */
        record NotFound() implements CancelResult {}
    }

    /** Ends a job that still waits after its time. */
    record Expire(JobId job, List<DeliveryId> deliveryIds) implements JobCommand<Boolean> {
        public Expire {
            deliveryIds = List.copyOf(deliveryIds);
        }

        @Override
        public Set<JobId> jobsToLoad() {
            return Set.of(job);
        }

        @Override
        public Set<JobId> jobsToEnd() {
            return Set.of(job);
        }
    }

    /** Lets a paid job that still waits go before all others. */
    record Promote(JobId job) implements JobCommand<Boolean> {
        @Override
        public Set<JobId> jobsToLoad() {
            return Set.of(job);
        }
    }

    /**
     * Says that a node lives and still drives these attempts.
     *
     * @param leaseTtl how long it may be silent from now
     */
    record Renew(NodeId node, List<AttemptRef> attempts, Duration leaseTtl) implements JobCommand<RenewResult> {
        public Renew {
            attempts = List.copyOf(attempts);
        }

        @Override
        public Set<JobId> jobsToLoad() {
            return attempts.stream().map(AttemptRef::job).collect(Collectors.toUnmodifiableSet());
        }
    }

    /**
     * What became of a heartbeat.
     *
     * @param lost the attempts that the node must stop driving
     */
    record RenewResult(List<AttemptRef> lost) {}

    /**
     * Takes over running attempts: those of this node's name, left by its predecessor, and those whose lease ran out.
     *
     * @param own whether to take those of the node's own name that it doesn't drive: at its start
     */
    record TakeOver(NodeId node, boolean own, Duration leaseTtl) implements JobCommand<List<Claimed>> {}

    /**
     * Ends, by hand, a job whose attempt nobody can say anything about.
     *
     * @param succeeded whether it is to count as done, and be paid
     * @param by who decides
     * @param reason why, at least 3 characters that stores can keep
     */
    record Resolve(JobId job, boolean succeeded, String by, String reason, List<DeliveryId> deliveryIds)
            implements JobCommand<ResolveResult> {
        public Resolve {
            deliveryIds = List.copyOf(deliveryIds);
            if (reason.strip().length() < 3 || !StorableText.isStorable(reason)) {
                throw new IllegalArgumentException("a reason has at least 3 characters, and " + StorableText.RULE);
            }
            checkBy(by);
        }

        @Override
        public Set<JobId> jobsToLoad() {
            return Set.of(job);
        }

        @Override
        public Set<JobId> jobsToEnd() {
            return Set.of(job);
        }
    }

    /** What became of a decision by hand. */
    sealed interface ResolveResult {
        record Resolved(QueuedJob job) implements ResolveResult {}

        record Refused(Refusal refusal) implements ResolveResult {}
    }

    /**
     * Makes sure that a backend has this many slots. Fewer than are taken: the taken ones stay until their run ends.
     */
    record ProvideSlots(BackendId backend, int slots) implements JobCommand<List<Slot>> {
        public ProvideSlots {
            if (slots < 0 || slots > 1000) {
                throw new IllegalArgumentException("a backend has 0 to 1000 slots: " + slots);
            }
        }
    }

    /** Sets a model's limit, or with an empty one goes back to the configured limit. Running jobs are left alone. */
    record SetLimit(ModelName model, OptionalInt limit, String by) implements JobCommand<ModelLimit> {
        public SetLimit {
            checkBy(by);
        }
    }

    /** Opens, pauses or drains a queue. */
    record SwitchQueue(QueueName queue, QueueSwitch.Mode mode, String by) implements JobCommand<QueueSwitch> {
        public SwitchQueue {
            checkBy(by);
        }
    }

    /**
     * Takes due deliveries in hand, so that nobody else tries them meanwhile.
     *
     * @param limit the most, at least 1
     * @param holdFor how long they are left to the caller
     */
    record TakeDeliveries(int limit, Duration holdFor) implements JobCommand<List<Delivery>> {}

    /**
     * Notes how a try at a delivery went.
     *
     * @param tries the number of the try, so that a late report of an older one changes nothing but the log
     * @param found what the try found, for the log; of the same delivery
     */
    record ReportDelivery(DeliveryId delivery, int tries, DeliveryReport report, Optional<DeliveryTry> found)
            implements JobCommand<Optional<Delivery>> {
        public ReportDelivery {
            if (found.filter(one -> !one.delivery().equals(delivery)).isPresent()) {
                throw new IllegalArgumentException(
                        "a try at another delivery: " + found.get().delivery());
            }
        }

        /** With nothing for the log. */
        public ReportDelivery(DeliveryId delivery, int tries, DeliveryReport report) {
            this(delivery, tries, report, Optional.empty());
        }

        @Override
        public Set<DeliveryId> deliveriesToLoad() {
            return Set.of(delivery);
        }
    }

    /** How a try at a delivery went. */
    sealed interface DeliveryReport {
        record Delivered() implements DeliveryReport {}

        /** It failed and will be tried again after this wait. */
        record TryAgain(String error, Duration after) implements DeliveryReport {}

        /** It failed and is given up. */
        record GiveUp(String error) implements DeliveryReport {}

        /** It was not tried after all, and is put back for a while: that counts as no try. */
        record PutBack(Duration after) implements DeliveryReport {}
    }

    /** Makes a delivery due again, whatever became of it. */
    record Redeliver(DeliveryId delivery) implements JobCommand<Optional<Delivery>> {
        @Override
        public Set<DeliveryId> deliveriesToLoad() {
            return Set.of(delivery);
        }
    }

    private static void checkBy(String by) {
        if (by.isBlank() || by.length() > MAX_BY || !StorableText.isStorable(by)) {
            throw new IllegalArgumentException("who asks has a name of 1 to " + MAX_BY + " characters, which "
                    + StorableText.RULE + ": '" + StorableText.repaired(by) + "'");
        }
    }
}
