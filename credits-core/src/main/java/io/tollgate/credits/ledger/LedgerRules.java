package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The rules of the ledger, as pure functions: rows and a wish in, an answer and changes out. A store carries them out
 * under its lock; the queue composes {@link #hold}, {@link #capture} and {@link #release} with changes of its own.
 *
 * <p>A refusal or a replay changes nothing. Whatever else a user's command does, it first expires the grants that are
 * due. All throw {@link IllegalArgumentException} on wishes that no rows could meet, {@link IllegalStateException} on
 * rows that contradict each other, and {@link ArithmeticException} if a balance would grow out of range.
 */
public final class LedgerRules {
    /** How long credits can be spent that came back, after their grant's end, because we failed. */
    public static final Duration CREDIT_BACK_LIFETIME = Duration.ofHours(24);

    static final String CREDIT_BACK_KEY = "credit-back:";
    static final String TRIAL_KEY = "trial-period:";
    private static final String SYSTEM = "system";

    private LedgerRules() {}

    /** What the rules say to a command. */
    public static <R> Decision<R> decide(LedgerCommand<R> command, LedgerRows rows, Instant now) {
        return command.decide(rows, now);
    }

    /**
     * Gives a user the credits of the trial's period, once it has begun and only then: nothing runs by the clock, a
     * user's next job finds them. Those who owe something get none.
     */
    public static LedgerChanges renewTrial(LedgerRows rows, UserId user, Trial trial, Instant now) {
        Account account = rows.account(user).orElseGet(() -> Account.fresh(user));
        if (!account.trialDue(trial, now)) {
            return LedgerChanges.NONE;
        }
        Instant end = trial.endOfPeriod(account.trialUntil(), now);
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        draft.expireDue();
        draft.add(GrantSource.TRIAL, TRIAL_KEY + user + ":" + end, trial.credits(), Optional.of(end));
        draft.tryUntil(end);
        draft.post(new LedgerDraft.Header(Posting.Kind.GRANT, SYSTEM)
                .of(trial.credits())
                .because("trial until " + end)
                .move(user, Book.AVAILABLE, trial.credits())
                .move(GrantSource.TRIAL.contra(), trial.credits().negated()));
        return draft.changes();
    }

    /** What a user can spend; grants that are due count no more. */
    public static Amount spendable(LedgerRows rows, UserId user, Instant now) {
        return new LedgerDraft(rows, user, now).spendable();
    }

    /** What changes if a user takes a free run, of which there must be one. */
    public static LedgerChanges take(LedgerRows rows, UserId user, FreeRun run) {
        return LedgerChanges.NONE.withQuotas(QuotaRules.take(rows, user, run));
    }

    /**
     * Sets credits aside, out of the grants in {@link Grant#BURN_ORDER}. A hold of nothing is a hold like others, so
     * that what a perk pays shows in the books too. Who owes something can open no other.
     *
     * @param price what the user pays at most, and how that came about
     */
    public static Decision<HoldResult> hold(
            LedgerRows rows, HoldId id, UserId user, Price price, Instant now, String actor) {
        return hold(rows, id, user, price, Optional.empty(), now, actor);
    }

    /**
     * Sets credits aside, and a free run.
     *
     * @param freeRun which; there must be one left
     */
    public static Decision<HoldResult> hold(
            LedgerRows rows,
            HoldId id,
            UserId user,
            Price price,
            Optional<FreeRun> freeRun,
            Instant now,
            String actor) {
        Amount net = price.net();
        Optional<Hold> known = rows.hold(id);
        if (known.isPresent()) {
            Hold hold = known.get();
            boolean same = hold.user().equals(user) && hold.price().equals(price);
            return Decision.unchanged(same ? new HoldResult.Held(hold, true) : new HoldResult.Conflict(id));
        }
        Amount debt = rows.account(user).map(Account::debt).orElse(Amount.ZERO);
        if (net.isPositive() && debt.isNegative()) {
            return Decision.unchanged(new HoldResult.Indebted(debt.negated()));
        }
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        draft.expireDue();
        Amount spendable = draft.spendable();
        if (spendable.compareTo(net) < 0) {
            return Decision.unchanged(new HoldResult.Insufficient(net, spendable));
        }
        List<Slice> slices = draft.take(net, Grant::hold);
        Hold hold = new Hold(id, user, price, freeRun, slices, Hold.State.OPEN, Amount.ZERO, now, Optional.empty());
        draft.open(hold);
        draft.post(new LedgerDraft.Header(Posting.Kind.HOLD, actor)
                .of(hold, price.list(), net)
                .move(user, Book.AVAILABLE, net.negated())
                .move(user, Book.HELD, net));
        return new Decision<>(new HoldResult.Held(hold, false), draft.changes());
    }

    /**
     * Takes a hold in proportion to what was delivered, rounded down, and gives the rest back to the grants it came
     * from.
     *
     * @param partsDelivered 0 to {@code partsExpected}
     * @param partsExpected at least 1
     */
    public static Decision<SettleResult> capture(
            LedgerRows rows, HoldId id, int partsDelivered, int partsExpected, Instant now, String actor) {
        Optional<Hold> found = rows.hold(id);
        if (found.isEmpty()) {
            return Decision.unchanged(new SettleResult.NoSuchHold(id));
        }
        Hold hold = found.get();
        Amount taken = hold.amount().portion(partsDelivered, partsExpected);
        Amount ofListPrice = hold.listPrice().portion(partsDelivered, partsExpected);
        return capture(rows, id, taken, ofListPrice, now, actor);
    }

    /**
     * Takes all or a part of a hold and gives the rest back to the grants it came from. Of a grant whose money went
     * back, what is taken is owed, and the rest is taken back.
     *
     * @param amount what the user pays, 0 to what is held
     * @param ofListPrice what that would have cost without perks and discounts, {@code amount} to the hold's list
     *     price; the difference is a subsidy
     */
    public static Decision<SettleResult> capture(
            LedgerRows rows, HoldId id, Amount amount, Amount ofListPrice, Instant now, String actor) {
        Optional<Hold> found = rows.hold(id);
        if (found.isEmpty()) {
            return Decision.unchanged(new SettleResult.NoSuchHold(id));
        }
        Hold hold = found.get();
        if (!hold.open()) {
            return Decision.unchanged(new SettleResult.AlreadySettled(hold));
        }
        Price.check(ofListPrice, amount);
        if (amount.compareTo(hold.amount()) > 0 || ofListPrice.compareTo(hold.listPrice()) > 0) {
            throw new IllegalArgumentException("hold " + id + " is of " + hold.amount() + ", list price "
                    + hold.listPrice() + ": can't capture " + amount + " of " + ofListPrice);
        }
        UserId user = hold.user();
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        LedgerDraft.Settled settled = draft.settle(hold.slices(), amount);
        Hold captured = hold.captured(amount, now);
        draft.close(captured);
        draft.post(new LedgerDraft.Header(Posting.Kind.CAPTURE, actor)
                .of(captured, ofListPrice, amount)
                .move(user, Book.HELD, hold.amount().negated())
                .move(user, Book.AVAILABLE, hold.amount().minus(amount).minus(settled.revoked()))
                .move(user, Book.DEBT, settled.owed().negated())
                .move(Book.REVOKED, settled.revoked().plus(settled.owed()))
                .move(Book.REVENUE, ofListPrice)
                .move(Book.SUBSIDY, amount.minus(ofListPrice)));
        draft.expireDue();
        return new Decision<>(new SettleResult.Settled(captured), draft.changes());
    }

    /**
     * Gives a hold back to the grants it came from. What comes back to a grant that is due expires at once, unless it
     * was our fault: then it can be spent for {@link #CREDIT_BACK_LIFETIME} more.
     */
    public static Decision<SettleResult> release(
            LedgerRows rows, HoldId id, boolean ourFault, String actor, String reason, Instant now) {
        Optional<Hold> found = rows.hold(id);
        if (found.isEmpty()) {
            return Decision.unchanged(new SettleResult.NoSuchHold(id));
        }
        Hold hold = found.get();
        if (!hold.open()) {
            return Decision.unchanged(new SettleResult.AlreadySettled(hold));
        }
        UserId user = hold.user();
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        LedgerDraft.Settled settled = draft.settle(hold.slices(), Amount.ZERO);
        Amount late = settled.late();
        Hold released = hold.released(now);
        draft.close(released);
        draft.post(new LedgerDraft.Header(Posting.Kind.RELEASE, actor)
                .of(released, hold.listPrice(), hold.amount())
                .because(reason)
                .move(user, Book.HELD, hold.amount().negated())
                .move(user, Book.AVAILABLE, hold.amount().minus(settled.revoked()))
                .move(Book.REVOKED, settled.revoked()));
        draft.expireDue();
        if (ourFault && late.isPositive()) {
            Grant back = draft.add(
                    GrantSource.CREDIT_BACK, CREDIT_BACK_KEY + id, late, Optional.of(now.plus(CREDIT_BACK_LIFETIME)));
            draft.post(new LedgerDraft.Header(Posting.Kind.GRANT, SYSTEM)
                    .of(released, Amount.ZERO, late)
                    .because(reason)
                    .move(user, Book.AVAILABLE, late)
                    .move(back.source().contra(), late.negated()));
        }
        return new Decision<>(new SettleResult.Settled(released), draft.changes());
    }

    static Decision<GrantResult> grant(LedgerRows rows, LedgerCommand.GrantCredits wish, Instant now) {
        Optional<Grant> known = rows.grantBySourceKey(wish.sourceKey());
        if (known.isPresent()) {
            boolean same = isReplay(rows.posting(wish.key()), wish.requestHash());
            return Decision.unchanged(
                    same ? new GrantResult.Granted(known.get(), true) : new GrantResult.KeyReused(wish.sourceKey()));
        }
        if (wish.expiresAt().isPresent() && !now.isBefore(wish.expiresAt().get())) {
            return Decision.unchanged(
                    new GrantResult.AlreadyDue(wish.expiresAt().get()));
        }
        LedgerDraft draft = new LedgerDraft(rows, wish.user(), now);
        draft.expireDue();
        Grant grant = draft.add(wish.source(), wish.sourceKey(), wish.amount(), wish.expiresAt());
        draft.post(new LedgerDraft.Header(Posting.Kind.GRANT, wish.actor())
                .of(wish.amount())
                .because(wish.reason())
                .once(wish.key(), wish.requestHash())
                .move(wish.user(), Book.AVAILABLE, wish.amount())
                .move(wish.source().contra(), wish.amount().negated()));
        return new Decision<>(new GrantResult.Granted(grant, false), draft.changes());
    }

    static Decision<AdjustResult> adjust(LedgerRows rows, LedgerCommand.Adjust wish, Instant now) {
        Optional<Posting> known = rows.posting(wish.postingKey());
        if (known.isPresent()) {
            boolean same = isReplay(known, wish.requestHash());
            return Decision.unchanged(
                    same ? new AdjustResult.Adjusted(known.get(), true) : new AdjustResult.KeyReused(wish.key()));
        }
        LedgerDraft draft = new LedgerDraft(rows, wish.user(), now);
        draft.expireDue();
        Amount amount = wish.amount();
        if (amount.isPositive()) {
            draft.add(GrantSource.ADJUST, wish.postingKey(), amount, Optional.empty());
        } else {
            Amount spendable = draft.spendable();
            if (spendable.compareTo(amount.negated()) < 0) {
                return Decision.unchanged(new AdjustResult.Insufficient(amount.negated(), spendable));
            }
            draft.take(amount.negated(), Grant::revoke);
        }
        Posting posting = draft.post(new LedgerDraft.Header(Posting.Kind.ADJUST, wish.actor())
                .of(amount)
                .because(wish.reason())
                .once(wish.postingKey(), wish.requestHash())
                .move(wish.user(), Book.AVAILABLE, amount)
                .move(Book.ADJUST, amount.negated()));
        return new Decision<>(new AdjustResult.Adjusted(posting, false), draft.changes());
    }

    static Decision<TierResult> assignTier(LedgerRows rows, LedgerCommand.AssignTier wish, Instant now) {
        Account before = rows.account(wish.user()).orElseGet(() -> Account.fresh(wish.user()));
        if (before.tier().equals(wish.tier()) && before.tierUntil().equals(wish.until())) {
            return Decision.unchanged(new TierResult(before, false));
        }
        LedgerDraft draft = new LedgerDraft(rows, wish.user(), now);
        draft.expireDue();
        Account account = draft.assign(wish.tier(), wish.until());
        draft.post(new LedgerDraft.Header(Posting.Kind.TIER, wish.actor())
                .of(Amount.ZERO)
                .because(tierReason(wish.tier(), wish.until(), wish.reason())));
        return new Decision<>(new TierResult(account, true), draft.changes());
    }

    static String tierReason(String tier, Optional<Instant> until, String reason) {
        return "tier " + tier + until.map(end -> " until " + end).orElse("") + ": " + reason;
    }

    static Decision<Amount> expire(LedgerRows rows, UserId user, Instant now) {
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        Amount expired = draft.expireDue();
        return expired.isZero() ? Decision.unchanged(expired) : new Decision<>(expired, draft.changes());
    }

    private static boolean isReplay(Optional<Posting> known, String requestHash) {
        return known.flatMap(Posting::requestHash).equals(Optional.of(requestHash));
    }
}
