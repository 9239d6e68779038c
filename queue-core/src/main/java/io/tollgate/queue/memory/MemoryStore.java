package io.tollgate.queue.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Holdings;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentPage;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.ledger.Totals;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.CommitListener;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.EraseResult;
import io.tollgate.queue.job.EraseRules;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobDecision;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobInvariants;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.LoggedDelivery;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.StoredEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Jobs and credits in memory, gone with the process. For tests, and for embedders who can lose their queue. One lock
 * makes a command one unit; listeners hear of commits, and answers are given, in the order of commits.
 */
public final class MemoryStore implements JobStore, LedgerStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock telling = new ReentrantLock(true);
    /** Commits that nobody heard of yet; only under {@link #telling}. */
    private final Deque<Runnable> untold = new ArrayDeque<>();

    private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();
    private final JobTables tables;
    private final JobRules rules;
    private final InstantSource clock;
    /** When the last command was decided; only under {@link #lock}. */
    private Instant now = Instant.EPOCH;

    /** @param clock the store's time; going back it is taken to stand still */
    public MemoryStore(JobRules rules, InstantSource clock) {
        this.rules = rules;
        this.clock = clock;
        this.tables = new JobTables(() -> now);
    }

    @Override
    public <R> CompletionStage<R> execute(JobCommand<R> command) {
        return answered(() -> {
            JobDecision<R> decision = rules.decide(command, tables, nextNow());
            tables.apply(decision.changes());
            return new Outcome<>(decision.result(), decision.changes());
        });
    }

    @Override
    public <R> CompletionStage<R> execute(LedgerCommand<R> command) {
        return answered(() -> {
            Decision<R> decision = command.decide(tables, nextNow());
            tables.ledger.apply(decision.changes());
            return new Outcome<>(decision.result(), JobChanges.NONE);
        });
    }

    private record Outcome<R>(R result, JobChanges changes) {}

    private <R> CompletionStage<R> answered(Supplier<Outcome<R>> unit) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        // taken before the unit and kept until its listeners were told, so that they hear of commits in their order
        telling.lock();
        try {
            Outcome<R> outcome;
            lock.lock();
            try {
                outcome = unit.get();
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
                return answer;
            } finally {
                lock.unlock();
            }
            untold.add(() -> tell(outcome, answer));
            // a listener that executes a command comes in here again on the same thread: all listeners hear of the
            // outer commit first, so that one is told, and answered, when the outer one is through
            if (telling.getHoldCount() == 1) {
                for (Runnable next = untold.poll(); next != null; next = untold.poll()) {
                    next.run();
                }
            }
        } finally {
            telling.unlock();
        }
        return answer;
    }

    private <R> void tell(Outcome<R> outcome, CompletableFuture<R> answer) {
        if (!outcome.changes().isEmpty()) {
            List<JobChanges> changes = List.of(outcome.changes());
            listeners.forEach(listener -> listener.committed(changes));
        }
        answer.complete(outcome.result());
    }

    /** The store's time: to the millisecond, and never going back. */
    private Instant nextNow() {
        now = Instant.ofEpochMilli(Math.max(now.toEpochMilli(), clock.millis()));
        return now;
    }

    @Override
    public Runnable onCommit(CommitListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private <T> T read(Supplier<T> query) {
        lock.lock();
        try {
            return query.get();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<JobRecord> find(JobId id) {
        return read(() -> tables.job(id).map(this::record));
    }

    private JobRecord record(QueuedJob job) {
        return new JobRecord(
                job,
                tables.hold(new HoldId(job.id().value())).orElseThrow(),
                tables.attempts.getOrDefault(job.id(), List.of()),
                tables.outputs.getOrDefault(job.id(), List.of()),
                tables.history.getOrDefault(job.id(), List.of()));
    }

    @Override
    public List<JobRecord> list(JobFilter filter, Optional<Long> before, int limit) {
        return read(() -> tables.bySeq.headMap(before.orElse(Long.MAX_VALUE), false).descendingMap().values().stream()
                .map(tables.jobs::get)
                .filter(filter::accepts)
                .limit(limit)
                .map(this::record)
                .toList());
    }

    @Override
    public void forEachLive(Consumer<QueuedJob> consumer) {
        List<QueuedJob> live = read(() -> tables.bySeq.values().stream()
                .map(tables.jobs::get)
                .filter(job -> !job.kind().isTerminal())
                .toList());
        live.forEach(consumer);
    }

    @Override
    public List<Attempt> running() {
        return read(() -> List.copyOf(tables.running.values()));
    }

    @Override
    public List<ModelLimit> models() {
        return read(() -> List.copyOf(tables.models.values()));
    }

    @Override
    public List<QueueSwitch> queues() {
        return read(() -> List.copyOf(tables.queues.values()));
    }

    @Override
    public List<Slot> slots() {
        return read(() -> tables.slots.values().stream()
                .flatMap(slots -> slots.values().stream())
                .toList());
    }

    @Override
    public List<LoggedDelivery> deliveries(DeliveryFilter filter, Optional<DeliveryId> before, int limit) {
        return read(() -> {
            List<Delivery> found = new ArrayList<>(candidates(filter, before));
            java.util.Collections.reverse(found);
            return found.stream()
                    .dropWhile(delivery -> before.isPresent() && !delivery.id().equals(before.get()))
                    .skip(before.isPresent() ? 1 : 0)
                    .filter(filter::matches)
                    .limit(limit)
                    .map(tables::logged)
                    .toList();
        });
    }

    /** Those of the job alone if one is asked for; oldest first, with that one among them. */
    private Collection<Delivery> candidates(DeliveryFilter filter, Optional<DeliveryId> before) {
        List<Delivery> own = filter.job().stream().flatMap(tables::deliveries).toList();
        boolean hasPlace = before.map(
                        id -> own.stream().anyMatch(one -> one.id().equals(id)))
                .orElse(true);
        return filter.job().isPresent() && hasPlace ? own : tables.deliveries.values();
    }

    @Override
    public Optional<LoggedDelivery> delivery(DeliveryId id) {
        return read(() -> tables.delivery(id).map(tables::logged));
    }

    @Override
    public Optional<Instant> nextDelivery() {
        return read(() -> tables.deliveries.values().stream()
                .filter(delivery -> delivery.state().isOwed())
                .map(Delivery::nextAt)
                .min(Comparator.naturalOrder()));
    }

    @Override
    public List<RunTime> recentRuns(int limit) {
        return read(() -> tables.succeeded.stream()
                .map(tables.jobs::get)
                .flatMap(job -> runTime(job).stream())
                .limit(limit)
                .toList());
    }

    private Optional<RunTime> runTime(QueuedJob job) {
        return tables.attempt(job.id())
                .filter(attempt -> attempt.startedAt().isPresent()
                        && attempt.endedAt().isPresent()
                        && attempt.failure().isEmpty())
                .map(attempt -> new RunTime(
                        job.spec().workflow(),
                        job.spec().queue(),
                        job.spec().model(),
                        Duration.between(
                                attempt.startedAt().get(), attempt.endedAt().get())));
    }

    @Override
    public CompletionStage<Void> keep(List<StoredEvent> events) {
        return CompletableFuture.completedFuture(read(() -> {
            events.forEach(tables.events::addFirst);
            return null;
        }));
    }

    @Override
    public List<StoredEvent> events(Optional<UserId> user, int limit) {
        return read(() -> tables.events.stream()
                .filter(event -> user.isEmpty() || event.user().equals(user))
                .limit(limit)
                .toList());
    }

    @Override
    public CompletionStage<Integer> prune(Instant eventsBefore, Instant keysBefore) {
        return CompletableFuture.completedFuture(read(() -> tables.prune(eventsBefore, keysBefore)));
    }

    @Override
    public CompletionStage<EraseResult> erase(UserId user, UserId pseudonym, String actor, String reason) {
        return answered(() -> {
            Decision<EraseResult> decision = EraseRules.decide(
                    tables,
                    user,
                    pseudonym,
                    tables.ledger.openHolds(user),
                    tables.ledger.pendingRefunds(user),
                    actor,
                    reason,
                    nextNow());
            tables.ledger.apply(decision.changes());
            if (decision.result() instanceof EraseResult.Erased) {
                tables.erase(user, pseudonym);
            }
            return new Outcome<>(decision.result(), JobChanges.NONE);
        });
    }

    @Override
    public AuditReport audit() {
        return read(() -> tables.ledger
                .audit()
                .and(JobInvariants.check(
                        tables.jobs.values(),
                        tables.running.values(),
                        slots(),
                        tables.models.values(),
                        tables.queues.values(),
                        tables.loads.values(),
                        holds(),
                        tables.ledger.lateHolds())));
    }

    /** The holds of all jobs, and the open holds that no job has. */
    private List<Hold> holds() {
        List<Hold> holds = new ArrayList<>();
        for (JobId id : tables.jobs.keySet()) {
            tables.hold(new HoldId(id.value())).ifPresent(holds::add);
        }
        for (Hold open : tables.ledger.openHolds()) {
            if (!tables.jobs.containsKey(new JobId(open.id().value()))) {
                holds.add(open);
            }
        }
        return holds;
    }

    @Override
    public Optional<DrawSecret> drawSecret(LocalDate day) {
        return read(() -> tables.ledger.drawSecret(day));
    }

    @Override
    public Optional<DrawSecret> latestDrawSecret() {
        return read(tables.ledger::drawSecret);
    }

    @Override
    public List<Holdings> holdings(Optional<UserId> after, int limit) {
        return read(() -> tables.ledger.holdings(after, limit));
    }

    @Override
    public Totals totals(LocalDate from, LocalDate to, ZoneId zone) {
        return read(() -> tables.ledger.totals(from, to, zone));
    }

    @Override
    public AuditReport auditLedger() {
        return read(tables.ledger::audit);
    }

    @Override
    public Optional<Account> account(UserId user) {
        return read(() -> tables.account(user));
    }

    @Override
    public List<Grant> grants(UserId user) {
        return read(() -> tables.ledger.allGrants(user));
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        return read(() -> tables.hold(id));
    }

    @Override
    public List<Draw> draws(UserId user, int limit) {
        return read(() -> tables.ledger.draws(user, limit));
    }

    @Override
    public List<QuotaDay> quotas(UserId user, int limit) {
        return read(() -> tables.ledger.quotas(user, limit));
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        return read(() -> tables.ledger.quote(id));
    }

    @Override
    public History history(UserId user, Optional<Long> before, int limit) {
        return read(() -> tables.ledger.history(user, before, limit));
    }

    @Override
    public List<Account> accounts(Optional<UserId> after, int limit) {
        return read(() -> tables.ledger.accounts(after, limit));
    }

    @Override
    public Optional<Invoice> invoice(InvoiceId id) {
        return read(() -> tables.ledger.invoice(id));
    }

    @Override
    public Optional<Invoice> invoiceByPayload(String payload) {
        return read(() -> tables.ledger.invoiceByPayload(payload));
    }

    @Override
    public List<Invoice> invoices(UserId user, int limit) {
        return read(() -> tables.ledger.invoices(user, limit));
    }

    @Override
    public Optional<Payment> payment(PaymentId id) {
        return read(() -> tables.ledger.payment(id));
    }

    @Override
    public Optional<Payment> payment(Charge charge) {
        return read(() -> tables.ledger.payment(charge));
    }

    @Override
    public PaymentPage payments(PaymentFilter filter, Optional<Long> before, int limit) {
        return read(() -> tables.ledger.payments(filter, before, limit));
    }
}
