package io.tollgate.credits.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Holdings;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerRules;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.ledger.Totals;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A ledger in memory, gone with its process. Commands are carried out by the caller's thread, one at a time, and are
 * done when {@link #execute} returns.
 */
public final class MemoryLedgerStore implements LedgerStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final LedgerTables tables = new LedgerTables(); // guarded by lock
    private final InstantSource clock;
    private Instant now = Instant.EPOCH; // guarded by lock

    /** @param clock the store's time; going back it is taken to stand still */
    public MemoryLedgerStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public <R> CompletionStage<R> execute(LedgerCommand<R> command) {
        try {
            return CompletableFuture.completedStage(locked(rows -> {
                now = Instant.ofEpochMilli(Math.max(now.toEpochMilli(), clock.millis()));
                Decision<R> decision = LedgerRules.decide(command, rows, now);
                rows.apply(decision.changes());
                return decision.result();
            }));
        } catch (IllegalArgumentException | ArithmeticException | IllegalStateException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    @Override
    public Optional<Account> account(UserId user) {
        return locked(rows -> rows.account(user));
    }

    @Override
    public List<Grant> grants(UserId user) {
        return locked(rows -> rows.allGrants(user));
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        return locked(rows -> rows.hold(id));
    }

    @Override
    public History history(UserId user, Optional<Long> before, int limit) {
        return locked(rows -> rows.history(user, before, limit));
    }

    @Override
    public List<Draw> draws(UserId user, int limit) {
        return locked(rows -> rows.draws(user, limit));
    }

    @Override
    public List<QuotaDay> quotas(UserId user, int limit) {
        return locked(rows -> rows.quotas(user, limit));
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        return locked(rows -> rows.quote(id));
    }

    @Override
    public List<Account> accounts(Optional<UserId> after, int limit) {
        return locked(rows -> rows.accounts(after, limit));
    }

    @Override
    public Optional<DrawSecret> drawSecret(LocalDate day) {
        return locked(rows -> rows.drawSecret(day));
    }

    @Override
    public Optional<DrawSecret> latestDrawSecret() {
        return locked(LedgerTables::drawSecret);
    }

    @Override
    public List<Holdings> holdings(Optional<UserId> after, int limit) {
        return locked(rows -> rows.holdings(after, limit));
    }

    @Override
    public Totals totals(LocalDate from, LocalDate to, ZoneId zone) {
        return locked(rows -> rows.totals(from, to, zone));
    }

    @Override
    public AuditReport auditLedger() {
        return locked(LedgerTables::audit);
    }

    private <T> T locked(Function<LedgerTables, T> work) {
        lock.lock();
        try {
            return work.apply(tables);
        } finally {
            lock.unlock();
        }
    }
}
