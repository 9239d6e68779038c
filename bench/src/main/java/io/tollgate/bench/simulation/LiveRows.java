package io.tollgate.bench.simulation;

import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
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
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.UserLoad;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The rows of jobs that live, and of nothing that ended: millions of jobs may pass. Everybody is rich, and stays so:
 * holds are opened and settled by the rules, but balances are not kept. One queue. Used by one thread.
 */
final class LiveRows implements JobRows {
    private static final Amount RICH = Amount.credits(1_000_000_000);

    private final Predicate<UserId> vip;
    private final Map<JobId, QueuedJob> jobs = new HashMap<>();
    private final Map<JobId, Attempt> attempts = new HashMap<>();
    private final Map<HoldId, Hold> holds = new HashMap<>();
    private final Map<RequirementSet, NavigableMap<OrderKey, QueuedJob>> lines = new HashMap<>();
    private final Map<BackendId, List<Slot>> slots = new HashMap<>();
    private final Map<ModelName, ModelLimit> models = new HashMap<>();
    private final Map<QueueName, QueueSwitch> queues = new HashMap<>();
    private final Map<Lane, LaneClock> clocks = new HashMap<>();
    private final Map<Lane, Map<UserId, FairLine>> fairLines = new HashMap<>();
    private final Map<UserId, UserLoad> loads = new HashMap<>();
    private int waiting;
    private long lastSeq;

    /** @param vip who is of the best tier that comes with Tollgate */
    LiveRows(Predicate<UserId> vip) {
        this.vip = vip;
    }

    void apply(JobChanges changes) {
        for (Hold hold : changes.ledger().holds()) {
            if (hold.open()) {
                holds.put(hold.id(), hold);
            } else {
                holds.remove(hold.id());
            }
        }
        for (Attempt attempt : changes.attempts()) {
            if (attempt.phase() == Attempt.Phase.ENDED) {
                attempts.remove(attempt.job());
            } else {
                attempts.put(attempt.job(), attempt);
            }
        }
        changes.moves().forEach(this::apply);
        for (Slot slot : changes.slots()) {
            List<Slot> all = slots.computeIfAbsent(slot.backend(), backend -> new ArrayList<>(1));
            if (slot.index() < all.size()) {
                all.set(slot.index(), slot);
            } else {
                all.add(slot);
            }
        }
        changes.models().forEach(model -> models.put(model.model(), model));
        changes.queues().forEach(queue -> queues.put(queue.queue(), queue));
        changes.laneClocks().forEach(clock -> clocks.put(clock.lane(), clock));
        for (FairLine line : changes.fairLines()) {
            fairLines.computeIfAbsent(line.lane(), lane -> new HashMap<>()).put(line.user(), line);
        }
        changes.loads().forEach(load -> loads.put(load.user(), load));
    }

    private void apply(Move move) {
        QueuedJob job = move.after();
        if (move.before().isPresent() && move.before().get().kind() == JobState.Kind.QUEUED) {
            QueuedJob before = move.before().get();
            RequirementSet set = before.requirement();
            NavigableMap<OrderKey, QueuedJob> line = Objects.requireNonNull(lines.get(set));
            line.remove(before.orderKey());
            if (line.isEmpty()) {
                lines.remove(set);
            }
            waiting--;
        }
        if (job.kind() == JobState.Kind.QUEUED) {
            lines.computeIfAbsent(job.requirement(), set -> new TreeMap<>()).put(job.orderKey(), job);
            waiting++;
        }
        if (job.kind().isTerminal()) {
            jobs.remove(job.id());
        } else {
            jobs.put(job.id(), job);
        }
    }

    /** How many jobs live. */
    int live() {
        return jobs.size();
    }

    /** The waiting jobs, a line for each requirement set. */
    Collection<NavigableMap<OrderKey, QueuedJob>> lines() {
        return lines.values();
    }

    @Override
    public Optional<QueuedJob> job(JobId id) {
        return Optional.ofNullable(jobs.get(id));
    }

    @Override
    public Optional<Attempt> attempt(JobId job) {
        return Optional.ofNullable(attempts.get(job));
    }

    @Override
    public Optional<UserLoad> load(UserId user) {
        return Optional.ofNullable(loads.get(user));
    }

    @Override
    public Optional<IdempotencyRecord> idempotency(UserId user, String key) {
        return Optional.empty();
    }

    @Override
    public List<Slot> slots(BackendId backend) {
        return slots.getOrDefault(backend, List.of());
    }

    @Override
    public Optional<Slot> slot(BackendId backend, int index) {
        List<Slot> all = slots.getOrDefault(backend, List.of());
        return index < all.size() ? Optional.of(all.get(index)) : Optional.empty();
    }

    @Override
    public Optional<ModelLimit> model(ModelName model) {
        return Optional.ofNullable(models.get(model));
    }

    @Override
    public Optional<QueueSwitch> queue(QueueName queue) {
        return Optional.ofNullable(queues.get(queue));
    }

    @Override
    public Optional<LaneClock> laneClock(QueueName queue, Lane lane) {
        return Optional.ofNullable(clocks.get(lane));
    }

    @Override
    public Optional<FairLine> fairLine(UserId user, QueueName queue, Lane lane) {
        return Optional.ofNullable(fairLines.getOrDefault(lane, Map.of()).get(user));
    }

    @Override
    public List<Iterator<QueuedJob>> heads(QueueName queue, int limit) {
        List<Iterator<QueuedJob>> heads = new ArrayList<>(lines.size());
        for (NavigableMap<OrderKey, QueuedJob> line : lines.values()) {
            heads.add(line.values().iterator());
        }
        return heads;
    }

    @Override
    public List<Attempt> takeable(NodeId node) {
        return List.of();
    }

    @Override
    public List<Delivery> dueDeliveries(int limit) {
        return List.of();
    }

    @Override
    public Optional<Delivery> delivery(DeliveryId id) {
        return Optional.empty();
    }

    @Override
    public List<Delivery> owed(JobId job) {
        return List.of();
    }

    @Override
    public int waiting() {
        return waiting;
    }

    @Override
    public long nextSeq() {
        return ++lastSeq;
    }

    @Override
    public Optional<Account> account(UserId user) {
        String tier = vip.test(user) ? "black_gold" : Tier.STANDARD;
        return Optional.of(
                new Account(user, tier, Optional.empty(), Optional.empty(), Optional.empty(), RICH, RICH, Amount.ZERO));
    }

    @Override
    public List<Grant> grants(UserId user) {
        return List.of(new Grant(
                new GrantId(1),
                user,
                GrantSource.ADJUST,
                "simulated",
                0,
                RICH.plus(RICH),
                RICH,
                RICH,
                Amount.ZERO,
                Amount.ZERO,
                Amount.ZERO,
                Instant.EPOCH,
                Optional.empty(),
                Instant.EPOCH));
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        return Optional.ofNullable(holds.get(id));
    }

    @Override
    public Optional<Posting> posting(String key) {
        return Optional.empty();
    }

    @Override
    public Optional<Payment> payment(PaymentId id) {
        return Optional.empty();
    }

    @Override
    public Optional<Payment> payment(Charge charge) {
        return Optional.empty();
    }

    @Override
    public Optional<Invoice> invoice(InvoiceId id) {
        return Optional.empty();
    }

    @Override
    public Optional<Invoice> invoiceByPayload(String payload) {
        return Optional.empty();
    }

    @Override
    public Optional<Grant> grantBySourceKey(String sourceKey) {
        return Optional.empty();
    }

    @Override
    public List<QuotaDay> quotas(UserId user) {
        return List.of();
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        return Optional.empty();
    }

    @Override
    public Optional<DrawSecret> drawSecret() {
        return Optional.empty();
    }

    @Override
    public List<Quote> openQuotes(UserId user) {
        return List.of();
    }

    @Override
    public long nextGrantId() {
        throw new UnsupportedOperationException("nobody is granted anything");
    }
}
