package io.tollgate.credits.ledger;

import java.time.Instant;
import java.util.Optional;

/** The rules of bringing users along from another system, as pure functions like {@link LedgerRules}. */
final class OpeningRules {
    /** What the keys of openings begin with. */
    static final String KEY = "opening:";

    private OpeningRules() {}

    static Decision<OpeningResult> open(LedgerRows rows, LedgerCommand.OpenBalance wish, Instant now) {
        Optional<Posting> known = rows.posting(wish.key());
        if (known.isPresent()) {
            boolean same = known.get().requestHash().equals(Optional.of(wish.requestHash()));
            Account account = rows.account(wish.user()).orElseGet(() -> Account.fresh(wish.user()));
            return Decision.unchanged(same ? new OpeningResult.Opened(account, true) : new OpeningResult.KeyReused());
        }
        LedgerDraft draft = new LedgerDraft(rows, wish.user(), now);
        draft.expireDue();
        if (wish.tier().isPresent()) {
            String tier = wish.tier().get();
            draft.assign(tier, wish.tierUntil());
            LedgerDraft.Header header = new LedgerDraft.Header(Posting.Kind.TIER, wish.actor())
                    .of(Amount.ZERO)
                    .because(LedgerRules.tierReason(tier, wish.tierUntil(), wish.reason()));
            draft.post(wish.amount().isZero() ? header.once(wish.key(), wish.requestHash()) : header);
        }
        if (wish.amount().isPositive()) {
            draft.add(GrantSource.OPENING, wish.key(), wish.amount(), Optional.empty());
            draft.post(new LedgerDraft.Header(Posting.Kind.GRANT, wish.actor())
                    .of(wish.amount())
                    .because(wish.reason())
                    .once(wish.key(), wish.requestHash())
                    .move(wish.user(), Book.AVAILABLE, wish.amount())
                    .move(GrantSource.OPENING.contra(), wish.amount().negated()));
        }
        LedgerChanges changes = draft.changes();
        Account after = rows.after(changes).account(wish.user()).orElseThrow();
        return new Decision<>(new OpeningResult.Opened(after, false), changes);
    }
}
