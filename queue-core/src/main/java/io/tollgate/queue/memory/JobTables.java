package io.tollgate.queue.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
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
import io.tollgate.credits.memory.LedgerTables;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTry;
import io.tollgate.queue.job.EraseRules;
import io.tollgate.queue.job.FairLine;
import io.tollgate.queue.job.IdempotencyRecord;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobChanges.Move;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRows;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.LaneClock;
import io.tollgate.queue.job.LoggedDelivery;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.job.Transition;
import io.tollgate.queue.job.UserLoad;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All rows of a {@link MemoryStore}. Confined to whoever holds its lock. */
final class JobTables implements JobRows {
    final LedgerTables ledger = new LedgerTables();
    final NavigableMap<Long, JobId> bySeq = new TreeMap<>();
    final Map<JobId, QueuedJob> jobs = new HashMap<>();
    final Map<JobId, List<Attempt>> attempts = new HashMap<>();
    final Map<JobId, List<Transition>> history = new HashMap<>();
    final Map<JobId, List<Output>> outputs = new HashMap<>();
    final Deque<JobId> succeeded = new ArrayDeque<>();
    final Map<JobId, Attempt> running = new LinkedHashMap<>();
    final Map<BackendId, NavigableMap<Integer, Slot>> slots = new TreeMap<>();
    final Map<ModelName, ModelLimit> models = new TreeMap<>();
    final Map<QueueName, QueueSwitch> queues = new TreeMap<>();
    final Map<DeliveryId, Delivery> deliveries = new LinkedHashMap<>();
    final Map<DeliveryId, Deque<DeliveryTry>> tries = new HashMap<>();
    private final Map<JobId, Set<DeliveryId>> deliveriesOfJob = new HashMap<>();
    final Map<UserId, UserLoad> loads = new HashMap<>();
    final Map<Key, IdempotencyRecord> idempotency = new HashMap<>();
    final Deque<StoredEvent> events = new ArrayDeque<>();
    private final Map<LaneKey, LaneClock> laneClocks = new HashMap<>();
    private final Map<FairKey, FairLine> fairLines = new HashMap<>();
    private final Map<RequirementSet, NavigableMap<OrderKey, JobId>> lines = new HashMap<>();
    private final InstantSource clock;
    private int waiting;
    private long lastSeq;

    /** A user's idempotency key. */
    record Key(UserId user, String key) {}

    private record LaneKey(QueueName queue, Lane lane) {}

    private record FairKey(UserId user, QueueName queue, Lane lane) {}

    JobTables(InstantSource clock) {
        this.clock = clock;
    }

    void apply(JobChanges changes) {
        ledger.apply(changes.ledger());
        changes.moves().forEach(this::apply);
        changes.attempts().forEach(this::apply);
        changes.slots()
                .forEach(slot -> slots.computeIfAbsent(slot.backend(), id -> new TreeMap<>())
                        .put(slot.index(), slot));
        changes.droppedSlots()
                .forEach(slot ->
                        slots.getOrDefault(slot.backend(), new TreeMap<>()).remove(slot.index()));
        changes.models().forEach(model -> models.put(model.model(), model));
        changes.queues().forEach(queue -> queues.put(queue.queue(), queue));
        changes.loads().forEach(load -> loads.put(load.user(), load));
        changes.laneClocks().forEach(time -> laneClocks.put(new LaneKey(time.queue(), time.lane()), time));
        changes.fairLines().forEach(line -> fairLines.put(new FairKey(line.user(), line.queue(), line.lane()), line));
        changes.outputs()
                .forEach(output -> outputs.computeIfAbsent(output.job(), id -> new ArrayList<>())
                        .add(output));
        changes.deliveries().forEach(this::apply);
        changes.tries().forEach(this::apply);
        changes.idempotency().forEach(known -> idempotency.put(new Key(known.user(), known.key()), known));
    }

    private void apply(Move move) {
        QueuedJob job = move.after();
        if (move.before().isEmpty()) {
            bySeq.put(job.seq(), job.id());
        } else if (move.before().get().kind() == JobState.Kind.QUEUED) {
            QueuedJob before = move.before().get();
            NavigableMap<OrderKey, JobId> line = Objects.requireNonNull(lines.get(before.requirement()));
            line.remove(before.orderKey());
            if (line.isEmpty()) {
                lines.remove(before.requirement());
            }
            waiting--;
        }
        if (job.kind() == JobState.Kind.QUEUED) {
            lines.computeIfAbsent(job.requirement(), set -> new TreeMap<>()).put(job.orderKey(), job.id());
            waiting++;
        }
        if (job.kind() == JobState.Kind.SUCCEEDED) {
            succeeded.addFirst(job.id());
        }
        jobs.put(job.id(), job);
        history.computeIfAbsent(job.id(), id -> new ArrayList<>(4)).add(move.transition());
    }

    private void apply(Attempt attempt) {
        List<Attempt> all = attempts.computeIfAbsent(attempt.job(), id -> new ArrayList<>(1));
        if (all.size() < attempt.number()) {
            all.add(attempt);
        } else {
            all.set(attempt.number() - 1, attempt);
        }
        if (attempt.phase() == Attempt.Phase.ENDED) {
            running.remove(attempt.job());
        } else {
            running.put(attempt.job(), attempt);
        }
    }

    private void apply(Delivery delivery) {
        deliveries.put(delivery.id(), delivery);
        deliveriesOfJob
                .computeIfAbsent(delivery.job(), id -> new LinkedHashSet<>(2))
                .add(delivery.id());
    }

    private void apply(DeliveryTry one) {
        Deque<DeliveryTry> log = tries.computeIfAbsent(one.delivery(), id -> new ArrayDeque<>(2));
        log.add(one);
        if (log.size() > DeliveryTry.KEPT) {
            log.remove();
        }
    }

    int prune(Instant eventsBefore, Instant keysBefore) {
        int rows = events.size() + idempotency.size();
        events.removeIf(event -> event.at().isBefore(eventsBefore));
        idempotency.values().removeIf(known -> known.at().isBefore(keysBefore));
        int over = forget(deliveries.values().stream()
                .filter(delivery ->
                        !delivery.state().isOwed() && delivery.nextAt().isBefore(eventsBefore))
                .toList());
        return rows - events.size() - idempotency.size() + over + ledger.forgetQuotes(keysBefore);
    }

    private int forget(List<Delivery> gone) {
        for (Delivery delivery : gone) {
            deliveries.remove(delivery.id());
            tries.remove(delivery.id());
            deliveriesOfJob.computeIfPresent(delivery.job(), (job, left) -> {
                left.remove(delivery.id());
                return left.isEmpty() ? null : left;
            });
        }
        return gone.size();
    }

    /** Deliveries of a job, oldest first. */
    Stream<Delivery> deliveries(JobId job) {
        return deliveriesOfJob.getOrDefault(job, Set.of()).stream()
                .map(id -> Objects.requireNonNull(deliveries.get(id)));
    }

    LoggedDelivery logged(Delivery delivery) {
        return new LoggedDelivery(delivery, List.copyOf(tries.getOrDefault(delivery.id(), new ArrayDeque<>(0))));
    }

    /** Puts a pseudonym in the place of a user, and nothing in that of what says who it was. */
    void erase(UserId user, UserId pseudonym) {
        ledger.rename(
                user,
                pseudonym,
                grant -> EraseRules.inKey(grant.sourceKey(), user, grant.id().value()),
                text -> EraseRules.says(text, user));
        Set<JobId> own = new HashSet<>();
        for (QueuedJob job : List.copyOf(jobs.values())) {
            if (job.user().equals(user)) {
                own.add(job.id());
                jobs.put(job.id(), job.erased(pseudonym));
            }
        }
        for (JobId id : own) {
            attempts.computeIfPresent(
                    id,
                    (any, all) ->
                            new ArrayList<>(all.stream().map(Attempt::erased).toList()));
            outputs.computeIfPresent(
                    id,
                    (any, all) ->
                            new ArrayList<>(all.stream().map(Output::erased).toList()));
            history.computeIfPresent(
                    id,
                    (any, all) -> new ArrayList<>(all.stream()
                            .map(one -> new Transition(
                                    one.job(),
                                    one.number(),
                                    one.to(),
                                    one.at(),
                                    EraseRules.inHistory(one.cause(), user)))
                            .toList()));
        }
        own.forEach(id -> forget(deliveries(id).toList()));
        idempotency.keySet().removeIf(key -> key.user().equals(user));
        events.removeIf(event -> event.user().equals(Optional.of(user))
                || event.job().filter(own::contains).isPresent()
                || EraseRules.says(event.detail(), user));
        Optional.ofNullable(loads.remove(user))
                .ifPresent(load ->
                        loads.put(pseudonym, new UserLoad(pseudonym, load.live(), load.relaxed(), load.rateUntil())));
        for (FairLine line : List.copyOf(fairLines.values())) {
            if (line.user().equals(user)) {
                fairLines.remove(new FairKey(user, line.queue(), line.lane()));
                FairLine others = new FairLine(pseudonym, line.queue(), line.lane(), line.lastKey());
                fairLines.put(new FairKey(pseudonym, line.queue(), line.lane()), others);
            }
        }
    }

    @Override
    public Optional<QueuedJob> job(JobId id) {
        return Optional.ofNullable(jobs.get(id));
    }

    @Override
    public Optional<Attempt> attempt(JobId job) {
        List<Attempt> all = attempts.get(job);
        return all == null ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    @Override
    public Optional<UserLoad> load(UserId user) {
        return Optional.ofNullable(loads.get(user));
    }

    @Override
    public Optional<IdempotencyRecord> idempotency(UserId user, String key) {
        return Optional.ofNullable(idempotency.get(new Key(user, key)));
    }

    @Override
    public Collection<Slot> slots(BackendId backend) {
        NavigableMap<Integer, Slot> all = slots.get(backend);
        return all == null ? List.of() : Collections.unmodifiableCollection(all.values());
    }

    @Override
    public Optional<Slot> slot(BackendId backend, int index) {
        NavigableMap<Integer, Slot> all = slots.get(backend);
        return all == null ? Optional.empty() : Optional.ofNullable(all.get(index));
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
        return Optional.ofNullable(laneClocks.get(new LaneKey(queue, lane)));
    }

    @Override
    public Optional<FairLine> fairLine(UserId user, QueueName queue, Lane lane) {
        return Optional.ofNullable(fairLines.get(new FairKey(user, queue, lane)));
    }

    @Override
    public List<Iterator<QueuedJob>> heads(QueueName queue, int limit) {
        Instant now = clock.instant();
        List<Iterator<QueuedJob>> heads = new ArrayList<>();
        lines.forEach((set, line) -> {
            if (set.queue().equals(queue)) {
                heads.add(line.values().stream()
                        .map(id -> Objects.requireNonNull(jobs.get(id)))
                        .filter(job -> job.isReady(now))
                        .limit(limit)
                        .iterator());
            }
        });
        return heads;
    }

    @Override
    public List<Attempt> takeable(NodeId node) {
        Instant now = clock.instant();
        return running.values().stream()
                .filter(attempt -> attempt.lease().node().equals(node)
                        || !attempt.lease().until().isAfter(now))
                .toList();
    }

    @Override
    public List<Delivery> dueDeliveries(int limit) {
        Instant now = clock.instant();
        return deliveries.values().stream()
                .filter(delivery -> delivery.isDue(now))
                .sorted(Comparator.comparing(Delivery::nextAt))
                .limit(limit)
                .toList();
    }

    @Override
    public Optional<Delivery> delivery(DeliveryId id) {
        return Optional.ofNullable(deliveries.get(id));
    }

    @Override
    public List<Delivery> owed(JobId job) {
        return deliveries(job).filter(delivery -> delivery.state().isOwed()).toList();
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
        return ledger.account(user);
    }

    @Override
    public List<Grant> grants(UserId user) {
        return ledger.grants(user);
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        return ledger.hold(id);
    }

    @Override
    public Optional<Posting> posting(String key) {
        return ledger.posting(key);
    }

    @Override
    public Optional<Grant> grantBySourceKey(String sourceKey) {
        return ledger.grantBySourceKey(sourceKey);
    }

    @Override
    public Optional<Payment> payment(PaymentId id) {
        return ledger.payment(id);
    }

    @Override
    public Optional<Payment> payment(Charge charge) {
        return ledger.payment(charge);
    }

    @Override
    public Optional<Invoice> invoice(InvoiceId id) {
        return ledger.invoice(id);
    }

    @Override
    public Optional<Invoice> invoiceByPayload(String payload) {
        return ledger.invoiceByPayload(payload);
    }

    @Override
    public List<QuotaDay> quotas(UserId user) {
        return ledger.quotas(user);
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        return ledger.quote(id);
    }

    @Override
    public List<Quote> openQuotes(UserId user) {
        return ledger.openQuotes(user);
    }

    @Override
    public Optional<DrawSecret> drawSecret() {
        return ledger.drawSecret();
    }

    @Override
    public long nextGrantId() {
        return ledger.nextGrantId();
    }
}
