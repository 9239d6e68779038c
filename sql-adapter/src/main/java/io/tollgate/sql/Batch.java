package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTry;
import io.tollgate.queue.job.FairLine;
import io.tollgate.queue.job.IdempotencyRecord;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobChanges.Move;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRows;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.LaneClock;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.UserLoad;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one batch of commands: as they were loaded, then as each command leaves them to the next, at last as they
 * are written. A row that was not loaded is an error, not an absence. Confined to the writer's thread.
 */
final class Batch implements JobRows {
    /*
     * Entries of jobs, holds and accounts outlive their batch in StoreState, so that what is changed again and again
     * is read once. If a batch fails, all of that is thrown away.
     */

    /** A job, its latest attempt, and what is to be written of them. */
    static final class JobEntry {
        final long key;
        final long holdKey;
        final long accountKey;
        final RequirementSet requirement;
        final StringBuilder history = new StringBuilder(0);
        QueuedJob job;

        /** As the database has it; null if it doesn't. */
        @Nullable QueuedJob before;

        @Nullable Attempt attempt;

        /** Its owner's job before it; known of a new job only. */
        @Nullable Long previous;

        private JobEntry(
                long key,
                long holdKey,
                long accountKey,
                RequirementSet requirement,
                QueuedJob job,
                @Nullable QueuedJob before,
                @Nullable Attempt attempt) {
            this.key = key;
            this.requirement = requirement;
            this.holdKey = holdKey;
            this.accountKey = accountKey;
            this.job = job;
            this.before = before;
            this.attempt = attempt;
        }

        /** One that was read. */
        static JobEntry of(JobRow row, JobRow.Fixed fixed, @Nullable Attempt attempt) {
            QueuedJob job = row.job(fixed);
            return new JobEntry(row.key(), row.holdKey(), row.accountKey(), fixed.requirement(), job, job, attempt);
        }

        void stored() {
            before = job;
            history.setLength(0);
        }
    }

    /** An attempt to be written. */
    static final class AttemptEntry {
        /** As the database has it; null if it doesn't. */
        final @Nullable Attempt before;

        Attempt attempt;

        AttemptEntry(@Nullable Attempt before, Attempt attempt) {
            this.before = before;
            this.attempt = attempt;
        }
    }

    /** An account, or that there is none yet. */
    static final class AccountEntry {
        final long key;
        boolean isNew;
        final Map<GrantId, Grant> grants = new LinkedHashMap<>(2);
        final Map<QuotaDay.Key, QuotaDay> quotas = new LinkedHashMap<>(0);

        @Nullable Account account;

        @Nullable UserLoad load;

        @Nullable Long lastPosting;

        @Nullable Long lastJob;

        AccountEntry(
                long key,
                boolean isNew,
                @Nullable Account account,
                @Nullable UserLoad load,
                @Nullable Long lastPosting,
                @Nullable Long lastJob) {
            this.key = key;
            this.isNew = isNew;
            this.account = account;
            this.load = load;
            this.lastPosting = lastPosting;
            this.lastJob = lastJob;
        }
    }

    /** A hold and its key. */
    static final class HoldEntry {
        final long key;
        final long accountKey;
        final boolean ofJob;
        boolean isNew;
        Hold hold;

        HoldEntry(long key, long accountKey, boolean ofJob, boolean isNew, Hold hold) {
            this.key = key;
            this.accountKey = accountKey;
            this.ofJob = ofJob;
            this.isNew = isNew;
            this.hold = hold;
        }
    }

    /** A posting to be added. */
    record NewPosting(
            long key,
            @Nullable Long previous,
            long accountKey,
            @Nullable Long holdKey,
            Posting posting) {}

    /** A user's idempotency key. */
    record UserKey(UserId user, String key) {}

    /** A user in a lane of a queue. */
    record FairKey(UserId user, QueueName queue, Lane lane) {}

    private record AttemptKey(JobId job, int number) {}

    /** One line, as far as it was read. */
    private static final class Read {
        final List<JobEntry> entries = new ArrayList<>();
        int rows;
        boolean whole;
    }

    final StoreState state;
    final Instant now;
    final BatchHandler.Writing writing;
    private final BatchLoader loader;
    private boolean changed;

    final JobEntries jobs = new JobEntries(Integer.MAX_VALUE);
    final Set<JobId> loadedJobs = new LinkedHashSet<>();
    final Map<UserId, AccountEntry> accounts = new HashMap<>();
    final Set<UserId> loadedUsers = new LinkedHashSet<>();
    final Map<HoldId, HoldEntry> holds = new HashMap<>();
    final Set<HoldId> loadedHolds = new LinkedHashSet<>();
    final Map<QuoteId, Optional<Quote>> quotes = new HashMap<>(0);
    final Map<UserId, List<QuoteId>> openQuotes = new HashMap<>(0);
    final Map<String, Optional<Posting>> postings = new HashMap<>();
    final Map<String, Optional<Grant>> grantsBySourceKey = new HashMap<>();
    final BatchPayments payments = new BatchPayments();
    final Map<UserKey, IdempotencyRecord> idempotency = new HashMap<>();
    final Map<FairKey, FairLine> fairLines = new HashMap<>();
    private final Map<DeliveryId, Delivery> deliveries = new LinkedHashMap<>();
    private final Map<DeliveryId, Long> deliveryKeys = new HashMap<>();
    private final Map<JobId, Set<DeliveryId>> deliveriesOfJob = new HashMap<>();
    private final Set<JobId> owedLoaded = new HashSet<>(0);
    private final Map<RequirementSet, Read> lines = new HashMap<>();
    private boolean runningLoaded;

    // What is to be written.
    final Set<JobEntry> changedJobs = new LinkedHashSet<>();
    final Map<AttemptKey, AttemptEntry> changedAttempts = new LinkedHashMap<>();
    final Set<AccountEntry> changedAccounts = new LinkedHashSet<>();
    final Set<AccountEntry> changedHolders = new LinkedHashSet<>();
    final Map<GrantId, Grant> changedGrants = new LinkedHashMap<>();
    final Set<GrantId> newGrants = new LinkedHashSet<>();
    final Set<GrantId> revokedGrants = new LinkedHashSet<>(0);
    final Set<HoldEntry> changedHolds = new LinkedHashSet<>();
    final List<NewPosting> newPostings = new ArrayList<>();
    final List<Draw> newDraws = new ArrayList<>();
    final Map<QuotaDay.Key, QuotaDay> changedQuotas = new LinkedHashMap<>(0);
    final Map<QuoteId, Quote> changedQuotes = new LinkedHashMap<>(0);
    final List<DrawSecret> newSecrets = new ArrayList<>();
    final Map<SlotKey, Slot> changedSlots = new LinkedHashMap<>();
    final Set<SlotKey> newSlots = new LinkedHashSet<>();
    final Set<SlotKey> droppedSlots = new LinkedHashSet<>();
    final Set<ModelName> changedModels = new LinkedHashSet<>();
    final Set<QueueName> changedQueues = new LinkedHashSet<>();
    final Set<StoreState.LaneKey> changedClocks = new LinkedHashSet<>();
    final Set<FairKey> changedFairLines = new LinkedHashSet<>();
    final List<Output> newOutputs = new ArrayList<>();
    final Map<DeliveryId, Delivery> changedDeliveries = new LinkedHashMap<>();
    final Set<DeliveryId> newDeliveries = new LinkedHashSet<>();
    final List<DeliveryTry> newTries = new ArrayList<>(0);
    final List<IdempotencyRecord> newIdempotency = new ArrayList<>();

    /** A slot's name. */
    record SlotKey(BackendId backend, int index) {}

    Batch(StoreState state, BatchLoader loader, Instant now, BatchHandler.Writing writing) {
        this.state = state;
        this.loader = loader;
        this.now = now;
        this.writing = writing;
    }

    /** Whether there is anything to write. */
    boolean isChanged() {
        return changed;
    }

    // --- what rules ask

    @Override
    public Optional<QueuedJob> job(JobId id) {
        JobEntry entry = jobs.get(id);
        if (entry == null && !loadedJobs.contains(id)) {
            throw notLoaded("job", id);
        }
        return entry == null ? Optional.empty() : Optional.of(entry.job);
    }

    @Override
    public Optional<Attempt> attempt(JobId job) {
        JobEntry entry = jobs.get(job);
        if (entry == null && !loadedJobs.contains(job)) {
            throw notLoaded("job", job);
        }
        return entry == null ? Optional.empty() : Optional.ofNullable(entry.attempt);
    }

    @Override
    public Optional<UserLoad> load(UserId user) {
        AccountEntry entry = accountEntry(user);
        return entry == null ? Optional.empty() : Optional.ofNullable(entry.load);
    }

    @Override
    public Optional<IdempotencyRecord> idempotency(UserId user, String key) {
        return Optional.ofNullable(idempotency.get(new UserKey(user, key)));
    }

    @Override
    public Collection<Slot> slots(BackendId backend) {
        NavigableMap<Integer, Slot> all = state.slots.get(backend);
        return all == null ? List.of() : Collections.unmodifiableCollection(all.values());
    }

    @Override
    public Optional<Slot> slot(BackendId backend, int index) {
        NavigableMap<Integer, Slot> all = state.slots.get(backend);
        return all == null ? Optional.empty() : Optional.ofNullable(all.get(index));
    }

    @Override
    public Optional<ModelLimit> model(ModelName model) {
        return Optional.ofNullable(state.models.get(model));
    }

    @Override
    public Optional<QueueSwitch> queue(QueueName queue) {
        return Optional.ofNullable(state.queues.get(queue));
    }

    @Override
    public Optional<LaneClock> laneClock(QueueName queue, Lane lane) {
        return Optional.ofNullable(state.laneClocks.get(new StoreState.LaneKey(queue, lane)));
    }

    @Override
    public Optional<FairLine> fairLine(UserId user, QueueName queue, Lane lane) {
        accountEntry(user);
        return Optional.ofNullable(fairLines.get(new FairKey(user, queue, lane)));
    }

    @Override
    public List<Iterator<QueuedJob>> heads(QueueName queue, int limit) {
        loader.endBackoffs(this);
        Map<RequirementSet, List<QueuedJob>> changed = new HashMap<>();
        for (JobEntry entry : changedJobs) {
            if (entry.job.isReady(now)) {
                changed.computeIfAbsent(entry.requirement, set -> new ArrayList<>())
                        .add(entry.job);
            }
        }
        List<Iterator<QueuedJob>> heads = new ArrayList<>();
        for (RequirementSet set : state.waiting.keySet()) {
            if (set.queue().equals(queue)) {
                List<QueuedJob> moved = changed.getOrDefault(set, new ArrayList<>(0));
                moved.sort(Comparator.comparing(QueuedJob::orderKey));
                heads.add(new Line(set, moved.iterator()));
            }
        }
        return heads;
    }

    /** A line: what the database has of it and this batch didn't touch, merged with what this batch put into it. */
    private final class Line implements Iterator<QueuedJob> {
        private static final int FIRST = 16;
        private static final int GROWTH = 3;
        private static final int MOST = 256;

        private final RequirementSet set;
        private final Read read;
        private final Iterator<QueuedJob> moved;
        private int position;
        private @Nullable QueuedJob nextMoved;

        Line(RequirementSet set, Iterator<QueuedJob> moved) {
            this.set = set;
            this.moved = moved;
            this.read = lines.computeIfAbsent(set, any -> new Read());
            this.nextMoved = moved.hasNext() ? moved.next() : null;
        }

        @Override
        public boolean hasNext() {
            return nextMoved != null || stored() != null;
        }

        @Override
        public QueuedJob next() {
            QueuedJob stored = stored();
            QueuedJob other = nextMoved;
            if (other != null && (stored == null || other.orderKey().compareTo(stored.orderKey()) < 0)) {
                nextMoved = moved.hasNext() ? moved.next() : null;
                return other;
            }
            if (stored == null) {
                throw new NoSuchElementException();
            }
            position++;
            return stored;
        }

        private @Nullable QueuedJob stored() {
            while (true) {
                while (position < read.entries.size()) {
                    JobEntry entry = read.entries.get(position);
                    if (!changedJobs.contains(entry)) {
                        return entry.job;
                    }
                    position++;
                }
                if (read.whole) {
                    return null;
                }
                int most = Math.min(MOST, Math.max(FIRST, GROWTH * read.rows));
                int rows = loader.heads(Batch.this, set, most, read.rows, read.entries);
                read.rows += rows;
                read.whole = rows < most;
            }
        }
    }

    @Override
    public List<Attempt> takeable(NodeId node) {
        if (!runningLoaded) {
            loader.running(this);
            runningLoaded = true;
        }
        List<Attempt> takeable = new ArrayList<>();
        for (JobEntry entry : jobs.values()) {
            Attempt attempt = entry.attempt;
            if (attempt != null
                    && attempt.phase() != Attempt.Phase.ENDED
                    && (attempt.lease().node().equals(node)
                            || !attempt.lease().until().isAfter(now))) {
                takeable.add(attempt);
            }
        }
        takeable.sort(Comparator.comparing(Attempt::claimedAt).thenComparing(Attempt::job));
        return takeable;
    }

    @Override
    public List<Delivery> dueDeliveries(int limit) {
        loader.due(this, limit + changedDeliveries.size());
        return deliveries.values().stream()
                .filter(delivery -> delivery.isDue(now))
                .sorted(Comparator.comparing(Delivery::nextAt).thenComparing(this::deliveryKey))
                .toList();
    }

    /** Takes in a delivery as the database has it, if it isn't here already. */
    void loaded(Delivery delivery, long key) {
        if (deliveries.putIfAbsent(delivery.id(), delivery) == null) {
            deliveryKeys.put(delivery.id(), key);
            keepOfJob(delivery);
        }
    }

    private void keepOfJob(Delivery delivery) {
        deliveriesOfJob
                .computeIfAbsent(delivery.job(), id -> new LinkedHashSet<>(2))
                .add(delivery.id());
    }

    @Override
    public List<Delivery> owed(JobId job) {
        if (owedLoaded.add(job)) {
            loader.owed(this, job);
        }
        return deliveriesOfJob.getOrDefault(job, Set.of()).stream()
                .map(id -> Objects.requireNonNull(deliveries.get(id)))
                .filter(delivery -> delivery.state().isOwed())
                .sorted(Comparator.comparing(this::deliveryKey))
                .toList();
    }

    private long deliveryKey(Delivery delivery) {
        return deliveryKeys.getOrDefault(delivery.id(), Long.MAX_VALUE); // new ones after all others, in their order
    }

    @Override
    public Optional<Delivery> delivery(DeliveryId id) {
        return Optional.ofNullable(deliveries.get(id));
    }

    @Override
    public int waiting() {
        return state.waitingInAll;
    }

    @Override
    public long nextSeq() {
        return ++state.lastSeq;
    }

    @Override
    public Optional<Account> account(UserId user) {
        AccountEntry entry = accountEntry(user);
        return entry == null ? Optional.empty() : Optional.ofNullable(entry.account);
    }

    @Override
    public List<Grant> grants(UserId user) {
        AccountEntry entry = accountEntry(user);
        return entry == null ? List.of() : List.copyOf(entry.grants.values());
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        HoldEntry entry = holds.get(id);
        if (entry == null && !loadedHolds.contains(id)) {
            throw notLoaded("hold", id);
        }
        return entry == null ? Optional.empty() : Optional.of(entry.hold);
    }

    @Override
    public Optional<Posting> posting(String key) {
        Optional<Posting> posting = postings.get(key);
        if (posting == null) {
            throw notLoaded("posting", key);
        }
        return posting;
    }

    @Override
    public Optional<Grant> grantBySourceKey(String sourceKey) {
        Optional<Grant> grant = grantsBySourceKey.get(sourceKey);
        if (grant == null) {
            throw notLoaded("grant", sourceKey);
        }
        return grant;
    }

    @Override
    public Optional<Payment> payment(PaymentId id) {
        return payments.payment(id);
    }

    @Override
    public Optional<Payment> payment(Charge charge) {
        return payments.payment(charge);
    }

    @Override
    public Optional<Invoice> invoice(InvoiceId id) {
        return payments.invoice(id);
    }

    @Override
    public Optional<Invoice> invoiceByPayload(String payload) {
        return payments.invoiceByPayload(payload);
    }

    @Override
    public List<QuotaDay> quotas(UserId user) {
        AccountEntry entry = accountEntry(user);
        return entry == null ? List.of() : List.copyOf(entry.quotas.values());
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        Optional<Quote> quote = quotes.get(id);
        if (quote == null) {
            throw notLoaded("quote", id);
        }
        return quote;
    }

    @Override
    public List<Quote> openQuotes(UserId user) {
        List<QuoteId> open = openQuotes.get(user);
        if (open == null) {
            throw notLoaded("quotes of", user);
        }
        return open.stream()
                .map(id -> quote(id).orElseThrow())
                .filter(quote -> quote.usedAt().isEmpty())
                .toList();
    }

    @Override
    public Optional<DrawSecret> drawSecret() {
        return state.drawSecret;
    }

    @Override
    public long nextGrantId() {
        return ++state.lastGrant;
    }

    private @Nullable AccountEntry accountEntry(UserId user) {
        AccountEntry entry = accounts.get(user);
        if (entry == null && !loadedUsers.contains(user)) {
            throw notLoaded("account", user);
        }
        return entry;
    }

    static IllegalStateException notLoaded(String what, Object id) {
        return new IllegalStateException("a rule asked for what its command doesn't name: " + what + " " + id);
    }

    // --- what rules decided

    void apply(JobChanges changes) {
        changed = true;
        Map<JobId, Long> added = new HashMap<>(2);
        for (Move move : changes.moves()) {
            if (move.before().isEmpty()) {
                added.put(move.after().id(), move.after().seq());
            }
        }
        apply(changes.ledger(), added);
        changes.moves().forEach(this::apply);
        changes.attempts().forEach(this::apply);
        for (Slot slot : changes.slots()) {
            SlotKey key = new SlotKey(slot.backend(), slot.index());
            if (slot(slot.backend(), slot.index()).isEmpty() && !droppedSlots.remove(key)) {
                newSlots.add(key);
            }
            state.put(slot);
            changedSlots.put(key, slot);
        }
        for (Slot slot : changes.droppedSlots()) {
            SlotKey key = new SlotKey(slot.backend(), slot.index());
            state.drop(slot);
            changedSlots.remove(key);
            if (!newSlots.remove(key)) {
                droppedSlots.add(key);
            }
        }
        for (ModelLimit model : changes.models()) {
            state.models.put(model.model(), model);
            changedModels.add(model.model());
        }
        for (QueueSwitch queue : changes.queues()) {
            state.queues.put(queue.queue(), queue);
            changedQueues.add(queue.queue());
        }
        for (UserLoad load : changes.loads()) {
            AccountEntry entry = entryOf(load.user());
            entry.load = load;
            changedAccounts.add(entry);
        }
        for (LaneClock clock : changes.laneClocks()) {
            state.put(clock);
            changedClocks.add(new StoreState.LaneKey(clock.queue(), clock.lane()));
        }
        for (FairLine line : changes.fairLines()) {
            FairKey key = new FairKey(line.user(), line.queue(), line.lane());
            fairLines.put(key, line);
            changedFairLines.add(key);
        }
        newOutputs.addAll(changes.outputs());
        for (Delivery delivery : changes.deliveries()) {
            if (!deliveries.containsKey(delivery.id())) {
                newDeliveries.add(delivery.id());
                keepOfJob(delivery);
            }
            deliveries.put(delivery.id(), delivery);
            changedDeliveries.put(delivery.id(), delivery);
        }
        newTries.addAll(changes.tries());
        for (IdempotencyRecord known : changes.idempotency()) {
            idempotency.put(new UserKey(known.user(), known.key()), known);
            newIdempotency.add(known);
        }
    }

    private void apply(Move move) {
        QueuedJob job = move.after();
        JobEntry entry = jobs.get(job.id());
        if (entry == null) {
            long holdKey = Objects.requireNonNull(holds.get(new HoldId(job.id().value()))).key;
            JobRow.Fixed fixed = JobRow.Fixed.of(job);
            AccountEntry owner = entryOf(job.user());
            entry = new JobEntry(job.seq(), holdKey, owner.key, fixed.requirement(), job, null, null);
            entry.previous = owner.lastJob;
            owner.lastJob = job.seq();
            changedAccounts.add(owner);
            jobs.put(entry);
        } else if (entry.job.kind() == JobState.Kind.QUEUED) {
            state.addWaiting(entry.requirement, -1);
        }
        if (job.kind() == JobState.Kind.QUEUED) {
            state.addWaiting(entry.requirement, 1);
        }
        entry.job = job;
        JsonColumns.appendTransition(entry.history, move.transition());
        changedJobs.add(entry);
    }

    private void apply(Attempt attempt) {
        JobEntry entry = Objects.requireNonNull(jobs.get(attempt.job()));
        Attempt last = entry.attempt;
        Attempt before = last != null && last.number() == attempt.number() ? last : null;
        changedAttempts.computeIfAbsent(
                        new AttemptKey(attempt.job(), attempt.number()), key -> new AttemptEntry(before, attempt))
                .attempt = attempt;
        entry.attempt = attempt;
    }

    /**
     * Applies what happened to the ledger.
     *
     * @param newJobs the keys of jobs whose holds may be among the changes
     */
    void apply(LedgerChanges changes, Map<JobId, Long> newJobs) {
        changed |= !changes.isEmpty();
        for (Account account : changes.accounts()) {
            AccountEntry entry = entryOf(account.user());
            Account before = entry.account;
            if (before != null
                    && !(before.tier().equals(account.tier())
                            && before.tierUntil().equals(account.tierUntil())
                            && before.trialUntil().equals(account.trialUntil())
                            && before.draw().equals(account.draw()))) {
                changedHolders.add(entry);
            }
            entry.account = account;
            changedAccounts.add(entry);
        }
        for (Grant grant : changes.grants()) {
            AccountEntry entry = entryOf(grant.user());
            Optional<Grant> before = before(entry, grant);
            if (before.isEmpty()) {
                newGrants.add(grant.id());
            } else if (!before.get().revocation().equals(grant.revocation())) {
                revokedGrants.add(grant.id());
            }
            if (grant.live()) {
                entry.grants.put(grant.id(), grant);
            } else {
                entry.grants.remove(grant.id());
            }
            grantsBySourceKey.put(grant.sourceKey(), Optional.of(grant));
            changedGrants.put(grant.id(), grant);
        }
        for (Hold hold : changes.holds()) {
            HoldEntry entry = holds.get(hold.id());
            if (entry == null) {
                Long jobKey = newJobs.get(new JobId(hold.id().value()));
                long key = jobKey == null ? --state.lowestHold : jobKey;
                entry = new HoldEntry(key, entryOf(hold.user()).key, jobKey != null, true, hold);
                holds.put(hold.id(), entry);
            }
            entry.hold = hold;
            changedHolds.add(entry);
        }
        newDraws.addAll(changes.draws());
        payments.apply(changes, state);
        for (QuotaDay day : changes.quotas()) {
            AccountEntry entry = entryOf(day.user());
            if (day.live()) {
                entry.quotas.put(day.key(), day);
            } else {
                entry.quotas.remove(day.key());
            }
            changedQuotas.put(day.key(), day);
            state.quotas = true;
        }
        for (Quote quote : changes.quotes()) {
            if (quotes.put(quote.id(), Optional.of(quote)).isEmpty()) {
                Objects.requireNonNull(openQuotes.get(quote.user())).add(quote.id());
            }
            changedQuotes.put(quote.id(), quote);
        }

        for (DrawSecret secret : changes.secrets()) {
            newSecrets.add(secret);
            state.drawSecret = Optional.of(secret);
        }
        for (Posting posting : changes.postings()) {
            AccountEntry account = entryOf(posting.user());
            Long holdKey = posting.hold().isEmpty()
                    ? null
                    : Long.valueOf(
                            Objects.requireNonNull(holds.get(posting.hold().get())).key);
            long key = ++state.lastPosting;
            newPostings.add(new NewPosting(key, account.lastPosting, account.key, holdKey, posting));
            account.lastPosting = key;
            changedAccounts.add(account);
            posting.key().ifPresent(text -> postings.put(text, Optional.of(posting)));
        }
    }

    /** A grant as it was until now; one of which nothing is left isn't among its account's. */
    private Optional<Grant> before(AccountEntry entry, Grant grant) {
        return Optional.ofNullable(entry.grants.get(grant.id()))
                .or(() -> Optional.ofNullable(changedGrants.get(grant.id())))
                .or(() -> grantsBySourceKey.getOrDefault(grant.sourceKey(), Optional.empty()));
    }

    private AccountEntry entryOf(UserId user) {
        AccountEntry entry = accounts.get(user);
        if (entry == null) {
            entry = new AccountEntry(++state.lastAccount, true, null, null, null, null);
            accounts.put(user, entry);
        }
        return entry;
    }
}
