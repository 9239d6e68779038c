package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.util.List;
import java.util.Optional;

/**
 * What a store has loaded for the rules to decide on. A store must have loaded, and locked, whatever the command names;
 * the rules ask for nothing else. Used by one thread at a time.
 */
public interface LedgerRows {
    /** A user's account; empty if there is none yet. */
    Optional<Account> account(UserId user);

    /** The user's grants of which something remains or is held, in any order. */
    List<Grant> grants(UserId user);

    /** A hold in any state; empty if there never was one. */
    Optional<Hold> hold(HoldId id);

    /** The posting that was made under a key. */
    Optional<Posting> posting(String key);

    /** The grant with a source key, whatever is left of it. */
    Optional<Grant> grantBySourceKey(String sourceKey);

    /** The user's days of free runs that can still move, see {@link QuotaDay#live}; in any order. */
    List<QuotaDay> quotas(UserId user);

    /** A quote, used or not, until it is long expired. */
    Optional<Quote> quote(QuoteId id);

    /** The user's quotes that can still be used, in any order; some that expired lately may be among them. */
    List<Quote> openQuotes(UserId user);
    /** The secret of the latest day that has one, whichever day that is. */
    Optional<DrawSecret> drawSecret();

    /** A number that no grant has, higher than all before. One that isn't used is lost. */
    long nextGrantId();

    /** These rows as they are after some changes. The rows themselves stay as they are. */
    default LedgerRows after(LedgerChanges changes) {
        return changes.isEmpty() ? this : new ChangedRows(this, changes);
    }
}
