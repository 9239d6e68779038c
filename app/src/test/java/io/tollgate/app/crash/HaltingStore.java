package io.tollgate.app.crash;

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
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.LoggedDelivery;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.sql.SqliteStore;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A store that passes a point before and after each command, named for the command, and one right after each commit:
 * {@code Submit.before}, {@code commit.after} (on the writer's thread, before anybody hears of it),
 * {@code Submit.after}.
 */
final class HaltingStore implements JobStore, LedgerStore {
    private final SqliteStore store;
    private final Halts halts;

    HaltingStore(SqliteStore store, Halts halts) {
        this.store = store;
        this.halts = halts;
        store.onCommit(changes -> halts.pass("commit.after"));
    }

    @Override
    public <R> CompletionStage<R> execute(JobCommand<R> command) {
        return halts.around(command.getClass().getSimpleName(), () -> store.execute(command));
    }

    @Override
    public <R> CompletionStage<R> execute(LedgerCommand<R> command) {
        return halts.around("ledger." + command.getClass().getSimpleName(), () -> store.execute(command));
    }

    @Override
    public CompletionStage<Void> keep(List<StoredEvent> events) {
        return halts.around("keep", () -> store.keep(events));
    }

    @Override
    public CompletionStage<Integer> prune(Instant eventsBefore, Instant keysBefore) {
        return halts.around("prune", () -> store.prune(eventsBefore, keysBefore));
    }

    @Override
    public Runnable onCommit(CommitListener listener) {
        return store.onCommit(listener);
    }

    @Override
    public Optional<JobRecord> find(JobId id) {
        return store.find(id);
    }

    @Override
    public List<JobRecord> list(JobFilter filter, Optional<Long> before, int limit) {
        return store.list(filter, before, limit);
    }

    @Override
    public void forEachLive(Consumer<QueuedJob> consumer) {
        store.forEachLive(consumer);
    }

    @Override
    public List<Attempt> running() {
        return store.running();
    }

    @Override
    public List<ModelLimit> models() {
        return store.models();
    }

    @Override
    public List<QueueSwitch> queues() {
        return store.queues();
    }

    @Override
    public List<Slot> slots() {
        return store.slots();
    }

    @Override
    public List<LoggedDelivery> deliveries(DeliveryFilter filter, Optional<DeliveryId> before, int limit) {
        return store.deliveries(filter, before, limit);
    }

    @Override
    public Optional<LoggedDelivery> delivery(DeliveryId id) {
        return store.delivery(id);
    }

    @Override
    public Optional<Instant> nextDelivery() {
        return store.nextDelivery();
    }

    @Override
    public List<RunTime> recentRuns(int limit) {
        return store.recentRuns(limit);
    }

    @Override
    public List<StoredEvent> events(Optional<UserId> user, int limit) {
        return store.events(user, limit);
    }

    @Override
    public CompletionStage<EraseResult> erase(UserId user, UserId pseudonym, String actor, String reason) {
        return halts.around("erase", () -> store.erase(user, pseudonym, actor, reason));
    }

    @Override
    public AuditReport audit() {
        return store.audit();
    }

    @Override
    public Optional<Account> account(UserId user) {
        return store.account(user);
    }

    @Override
    public List<Grant> grants(UserId user) {
        return store.grants(user);
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        return store.hold(id);
    }

    @Override
    public List<Draw> draws(UserId user, int limit) {
        return store.draws(user, limit);
    }

    @Override
    public List<QuotaDay> quotas(UserId user, int limit) {
        return store.quotas(user, limit);
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        return store.quote(id);
    }

    @Override
    public History history(UserId user, Optional<Long> before, int limit) {
        return store.history(user, before, limit);
    }

    @Override
    public List<Account> accounts(Optional<UserId> after, int limit) {
        return store.accounts(after, limit);
    }

    @Override
    public Optional<Invoice> invoice(InvoiceId id) {
        return store.invoice(id);
    }

    @Override
    public Optional<Invoice> invoiceByPayload(String payload) {
        return store.invoiceByPayload(payload);
    }

    @Override
    public List<Invoice> invoices(UserId user, int limit) {
        return store.invoices(user, limit);
    }

    @Override
    public Optional<Payment> payment(PaymentId id) {
        return store.payment(id);
    }

    @Override
    public Optional<Payment> payment(Charge charge) {
        return store.payment(charge);
    }

    @Override
    public PaymentPage payments(PaymentFilter filter, Optional<Long> before, int limit) {
        return store.payments(filter, before, limit);
    }

    @Override
    public Optional<DrawSecret> drawSecret(LocalDate day) {
        return store.drawSecret(day);
    }

    @Override
    public Optional<DrawSecret> latestDrawSecret() {
        return store.latestDrawSecret();
    }

    @Override
    public List<Holdings> holdings(Optional<UserId> after, int limit) {
        return store.holdings(after, limit);
    }

    @Override
    public Totals totals(LocalDate from, LocalDate to, ZoneId zone) {
        return store.totals(from, to, zone);
    }

    @Override
    public AuditReport auditLedger() {
        return store.auditLedger();
    }
}
