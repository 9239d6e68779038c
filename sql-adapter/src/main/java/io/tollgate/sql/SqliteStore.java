package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Charge;
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
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.EraseResult;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.LoggedDelivery;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.job.WaitingJob;
import io.tollgate.sql.DatabaseUnavailableException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Jobs and credits in a SQLite database. Commands that wait share one transaction of the one writer, so that a job and
 * its hold are one unit; reads go to the database's pool of readers and see what was committed when they began.
 *
 * <p>Safe for use by many threads. The database stays its opener's: close this first, then the database.
 */
public final class SqliteStore implements JobStore, LedgerStore, AutoCloseable {
    private static final int PRUNED_AT_ONCE = 2_000;
    private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(30);

    private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();
    private final @Nullable GroupCommit<Work, Work.Done> writer;
    private final StoreReads reads;
    private final PaymentReads payments;
    private final StoreAudit audit;
    private final StoreTotals totals;

    private SqliteStore(SqliteDatabase database) {
        writer = null;
        reads = new StoreReads(database);
        payments = new PaymentReads(database);
        audit = new StoreAudit(database);
        totals = new StoreTotals(database);
    }

    private SqliteStore(
            SqliteDatabase database,
            JobRules rules,
            InstantSource clock,
            GroupCommit.Options options,
            ThreadFactory threads,
            Executor answers,
            Consumer<Throwable> errors) {
        reads = new StoreReads(database);
        payments = new PaymentReads(database);
        audit = new StoreAudit(database);
        totals = new StoreTotals(database);
        StoreWriter handler = new StoreWriter(database.writer(), rules, clock, listeners, errors);
        writer = new GroupCommit<>(database.writer(), Dialect.SQLITE, handler, options, answers, errors);
        writer.start(threads);
    }

    /**
     * Starts a store on a migrated database that was opened to write.
     *
     * @param clock the store's time; going back it is taken to stand still
     * @param options how many commands share a transaction and how many may wait
     * @param threads makes the writer's one thread
     * @param answers completes the callers' stages
     * @param errors hears what is nobody's answer; on the writer's thread, must not throw
     */
    public static SqliteStore start(
            SqliteDatabase database,
            JobRules rules,
            InstantSource clock,
            GroupCommit.Options options,
            ThreadFactory threads,
            Executor answers,
            Consumer<Throwable> errors) {
        return new SqliteStore(database, rules, clock, options, threads, answers, errors);
    }

    /** A store that only reads, on a database opened either way. Its commands fail. */
    public static SqliteStore readOnly(SqliteDatabase database) {
        return new SqliteStore(database);
    }

    @Override
    public <R> CompletionStage<R> execute(JobCommand<R> command) {
        return submit(new Work.OfJobs(command));
    }

    @Override
    public <R> CompletionStage<R> execute(LedgerCommand<R> command) {
        return submit(new Work.OfLedger(command));
    }

    @SuppressWarnings("unchecked") // the rules answer a command with its own R
    private <R> CompletionStage<R> submit(Work work) {
        if (writer == null) {
            return CompletableFuture.failedStage(new DatabaseUnavailableException(
                    Reason.READ_ONLY, "the store was opened to read; nothing was changed", null));
        }
        CompletableFuture<R> answer = new CompletableFuture<>();
        writer.submit(work).whenComplete((done, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
            } else if (done.failure() != null) {
                answer.completeExceptionally(done.failure());
            } else {
                answer.complete((R) Objects.requireNonNull(done.value()));
            }
        });
        return answer;
    }

    /**
     * Changes rows of the tables that stand aside, in a transaction shared with the commands that wait, and waits until
     * it is durable.
     *
     * @return how many rows were changed
     * @throws OutcomeUnknownException also if there is no answer in time, or the thread was interrupted
     */
    int write(RowWrite rows) {
        CompletableFuture<Integer> answer =
                this.<Integer>submit(new Work.Write(rows)).toCompletableFuture();
        try {
            return answer.get(WRITTEN_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new OutcomeUnknownException("no answer from the database within " + WRITTEN_WITHIN, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknownException("interrupted while the database was writing", e);
        }
    }

    /**
     * Lets {@code watcher} hear of the writer's transactions from now on; of a store that only reads there are none.
     */
    public void watch(CommitWatcher watcher) {
        if (writer != null) {
            writer.watch(watcher);
        }
    }

    /** How many commands wait for the writer now. */
    public int waiting() {
        return writer == null ? 0 : writer.waiting();
    }

    @Override
    public Runnable onCommit(CommitListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public CompletionStage<Void> keep(List<StoredEvent> events) {
        return events.isEmpty()
                ? CompletableFuture.completedStage(null)
                : this.<Work.Keep>submit(new Work.Keep(List.copyOf(events))).thenAccept(done -> {});
    }

    @Override
    public CompletionStage<Integer> prune(Instant eventsBefore, Instant keysBefore) {
        // in small transactions: nobody waits for a long one
        return this.<Integer>submit(new Work.Prune(eventsBefore, keysBefore, PRUNED_AT_ONCE))
                .thenCompose(rows -> rows < PRUNED_AT_ONCE
                        ? CompletableFuture.completedStage(rows)
                        : prune(eventsBefore, keysBefore).thenApply(more -> rows + more));
    }

    @Override
    public Optional<JobRecord> find(JobId id) {
        return reads.find(id);
    }

    @Override
    public List<JobRecord> list(JobFilter filter, Optional<Long> before, int limit) {
        return reads.list(filter, before, limit);
    }

    @Override
    public void forEachLive(Consumer<QueuedJob> consumer) {
        reads.forEachLive(consumer);
    }

    @Override
    public void forEachWaiting(Consumer<WaitingJob> consumer) {
        reads.forEachWaiting(consumer);
    }

    @Override
    public List<Attempt> running() {
        return reads.running();
    }

    @Override
    public List<ModelLimit> models() {
        return reads.models();
    }

    @Override
    public List<QueueSwitch> queues() {
        return reads.queues();
    }

    @Override
    public List<Slot> slots() {
        return reads.slots();
    }

    @Override
    public List<LoggedDelivery> deliveries(DeliveryFilter filter, Optional<DeliveryId> before, int limit) {
        return reads.deliveries(filter, before, limit);
    }

    @Override
    public Optional<LoggedDelivery> delivery(DeliveryId id) {
        return reads.delivery(id);
    }

    @Override
    public Optional<Instant> nextDelivery() {
        return reads.nextDelivery();
    }

    @Override
    public List<RunTime> recentRuns(int limit) {
        return reads.recentRuns(limit);
    }

    @Override
    public List<StoredEvent> events(Optional<UserId> user, int limit) {
        return reads.events(user, limit);
    }

    @Override
    public CompletionStage<EraseResult> erase(UserId user, UserId pseudonym, String actor, String reason) {
        return submit(new Work.Erase(user, pseudonym, actor, reason));
    }

    @Override
    public AuditReport audit() {
        return audit.all();
    }

    @Override
    public AuditReport auditLedger() {
        return audit.ledger();
    }

    @Override
    public Optional<Account> account(UserId user) {
        return reads.account(user);
    }

    @Override
    public List<Grant> grants(UserId user) {
        return reads.grants(user);
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        return reads.hold(id);
    }

    @Override
    public List<Draw> draws(UserId user, int limit) {
        return reads.draws(user, limit);
    }

    @Override
    public List<QuotaDay> quotas(UserId user, int limit) {
        return reads.quotas(user, limit);
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        return reads.quote(id);
    }

    @Override
    public Optional<DrawSecret> drawSecret(LocalDate day) {
        return reads.drawSecret(day);
    }

    @Override
    public Optional<DrawSecret> latestDrawSecret() {
        return reads.latestDrawSecret();
    }

    @Override
    public List<Holdings> holdings(Optional<UserId> after, int limit) {
        return reads.holdings(after, limit);
    }

    @Override
    public Totals totals(LocalDate from, LocalDate to, ZoneId zone) {
        return totals.totals(from, to, zone);
    }

    @Override
    public History history(UserId user, Optional<Long> before, int limit) {
        return reads.history(user, before, limit);
    }

    @Override
    public List<Account> accounts(Optional<UserId> after, int limit) {
        return reads.accounts(after, limit);
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
    public List<Invoice> invoices(UserId user, int limit) {
        return payments.invoices(user, limit);
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
    public PaymentPage payments(PaymentFilter filter, Optional<Long> before, int limit) {
        return payments.payments(filter, before, limit);
    }

    /** How many commands wait now, for a gauge. */
    public int waitingCommands() {
        return writer == null ? 0 : writer.waiting();
    }

    /**
     * Does the commands that wait, takes no more, and ends the writer's thread. Twice is fine.
     *
     * @throws StoreBusyException if the writer hasn't ended in time
     */
    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
    }
}
