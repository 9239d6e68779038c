package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The durable home of the ledger. Each command happens wholly or not at all, as {@link LedgerRules} decide on what is
 * stored at that moment. Safe for use by many threads. Instants are kept to the millisecond; finer digits may be
 * dropped. The store's time never goes back while it is open: when its clock does, it stands still. Reads see what was
 * committed before they began and throw {@link StoreUnavailableException} when the store can't be reached.
 */
public interface LedgerStore {
    /**
     * Carries out a command. The answer comes when it is durable.
     *
     * @return completes exceptionally with {@link StoreUnavailableException} if the store can't be reached, with
     *     {@link IllegalArgumentException} if the command makes no sense for the rows it meets, and with
     *     {@link ArithmeticException} if a balance would grow out of range; nothing was changed then
     */
    <R> CompletionStage<R> execute(LedgerCommand<R> command);

    /** A user's account; empty for someone never seen. */
    Optional<Account> account(UserId user);

    /** All of a user's grants, spent ones too, newest first. */
    List<Grant> grants(UserId user);

    /** A hold in any state. */
    Optional<Hold> hold(HoldId id);

    /**
     * What happened to a user, newest first.
     *
     * @param before the {@link History#next} of the page before; empty for the newest page
     * @param limit the most postings, at least 1
     */
    History history(UserId user, Optional<Long> before, int limit);

    /**
     * What a user drew, newest first.
     *
     * @param limit the most draws, at least 1
     */
    List<Draw> draws(UserId user, int limit);

    /** The secret of a day's draws; empty if it has none. Whether it may be shown is the caller's business. */
    Optional<DrawSecret> drawSecret(LocalDate day);

    /** The secret of the latest day that has one. */
    Optional<DrawSecret> latestDrawSecret();

    /**
     * A user's days of free runs, the last that was begun first.
     *
     * @param limit the most days, at least 1
     */
    List<QuotaDay> quotas(UserId user, int limit);

    /** A quote, used or not; empty once it is long expired. */
    Optional<Quote> quote(QuoteId id);

    /**
     * Accounts in the order of their users' ids.
     *
     * @param after the last user of the page before; empty for the first page
     * @param limit the most accounts, at least 1
     */
    List<Account> accounts(Optional<UserId> after, int limit);

    /**
     * Accounts with their live grants, in the order of their users' ids; each page is of one consistent state.
     *
     * @param after the last user of the page before; empty for the first page
     * @param limit the most accounts, at least 1
     */
    List<Holdings> holdings(Optional<UserId> after, int limit);

    /**
     * What happened day by day, on one consistent state of the whole ledger.
     *
     * @param from the first day
     * @param to the last day, not before {@code from}; at most {@link Totals#MOST_DAYS} days in all
     * @param zone whose days they are
     */
    Totals totals(LocalDate from, LocalDate to, ZoneId zone);

    /** Checks the whole ledger, on one consistent state of it. */
    AuditReport auditLedger();
}
