package io.tollgate.credits.ledger;

import java.time.Instant;
import java.util.Optional;

/**
 * The rules of what is delivered after its hold was given back: the user pays nothing and owes nothing, the books say
 * what it would have cost. Pure functions, as {@link LedgerRules}; the queue composes {@link #deliver}.
 */
public final class LateRules {
    private static final String KEY = "late:";
    private static final String REASON = "delivered late, free of charge";

    private LateRules() {}

    /** The key of the posting about a hold: there is one at most. */
    static String key(HoldId hold) {
        return KEY + hold;
    }

    /**
     * Books a part of what a hold was for, rounded down, as our loss. For a caller who knows that it is the first time:
     * a second one is refused by the store, as its key is taken.
     *
     * @param partsDelivered 0 to {@code partsExpected}
     * @param partsExpected at least 1
     * @throws IllegalStateException if there is no such hold, or it isn't released
     */
    public static LedgerChanges deliver(
            LedgerRows rows, HoldId id, int partsDelivered, int partsExpected, Instant now, String actor) {
        Hold hold = rows.hold(id)
                .filter(found -> found.state() == Hold.State.RELEASED)
                .orElseThrow(() -> new IllegalStateException("hold " + id + " was not given back"));
        return book(rows, hold, hold.listPrice().portion(partsDelivered, partsExpected), now, actor)
                .changes();
    }

    static Decision<LateResult> decide(LedgerRows rows, LedgerCommand.BookLate wish, Instant now) {
        Optional<Hold> found = rows.hold(wish.hold());
        if (found.isEmpty()) {
            return Decision.unchanged(new LateResult.NoSuchHold(wish.hold()));
        }
        Hold hold = found.get();
        Optional<Posting> known = rows.posting(key(hold.id()));
        if (known.isPresent()) {
            boolean same = known.get().listPrice().equals(wish.ofListPrice());
            return Decision.unchanged(
                    same ? new LateResult.Booked(known.get(), true) : new LateResult.Conflict(known.get()));
        }
        if (hold.state() != Hold.State.RELEASED) {
            return Decision.unchanged(new LateResult.NotReleased(hold));
        }
        if (wish.ofListPrice().compareTo(hold.listPrice()) > 0) {
            throw new IllegalArgumentException("hold " + hold.id() + " has the list price " + hold.listPrice()
                    + ": what was delivered can't be worth " + wish.ofListPrice());
        }
        return book(rows, hold, wish.ofListPrice(), now, wish.actor());
    }

    private static Decision<LateResult> book(
            LedgerRows rows, Hold hold, Amount ofListPrice, Instant now, String actor) {
        LedgerDraft draft = new LedgerDraft(rows, hold.user(), now);
        draft.expireDue();
        Posting posting = draft.post(new LedgerDraft.Header(Posting.Kind.LATE, actor)
                .of(hold, ofListPrice, Amount.ZERO)
                .because(REASON)
                .once(key(hold.id()), RequestHash.of("late", hold.id(), ofListPrice))
                .move(Book.REVENUE, ofListPrice)
                .move(Book.SUBSIDY, ofListPrice.negated()));
        return new Decision<>(new LateResult.Booked(posting, false), draft.changes());
    }
}
