package io.tollgate.credits.ledger;

import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * A user's balances and tier. Each balance equals the sum of the user's entries in its book.
 *
 * @param tier the name of the tier that was given last; {@link #tierAt} says what it is now
 * @param tierUntil when the tier ends; empty if it doesn't
 * @param trialUntil when the latest trial ends or ended; empty if there never was one
 * @param draw the latest lucky draw; empty if there never was one
 * @param available what can be spent, not negative. Grants that are due but not yet expired still count
 * @param held what is set aside for open holds, not negative
 * @param debt what is owed, not positive
 */
public record Account(
        UserId user,
        String tier,
        Optional<Instant> tierUntil,
        Optional<Instant> trialUntil,
        Optional<Draw> draw,
        Amount available,
        Amount held,
        Amount debt) {
    public Account {
        Tier.checkName(tier);
        if (available.isNegative()) {
            throw new IllegalArgumentException("available can't be negative: " + available + " of " + user);
        }
        if (held.isNegative()) {
            throw new IllegalArgumentException("held can't be negative: " + held + " of " + user);
        }
        if (debt.isPositive()) {
            throw new IllegalArgumentException("debt can't be positive: " + debt + " of " + user);
        }
    }

    /** The account of someone who was never seen before. */
    public static Account fresh(UserId user) {
        return new Account(
                user,
                Tier.STANDARD,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Amount.ZERO,
                Amount.ZERO,
                Amount.ZERO);
    }

    /** The name of the tier at a time: the standard one from {@code tierUntil} on. */
    public String tierAt(Instant now) {
        return tierUntil.isPresent() && !now.isBefore(tierUntil.get()) ? Tier.STANDARD : tier;
    }

    /** This account, of somebody else. */
    public Account of(UserId other) {
        return new Account(other, tier, tierUntil, trialUntil, draw.map(one -> one.of(other)), available, held, debt);
    }

    /** Whether a new period of the trial has begun for this user; never for one who owes something. */
    public boolean trialDue(Trial terms, Instant now) {
        return !debt.isNegative() && terms.due(trialUntil, now);
    }

    /** This account with another tier. */
    public Account withTier(String newTier, Optional<Instant> until) {
        return new Account(user, newTier, until, trialUntil, draw, available, held, debt);
    }

    /**
     * The draw that holds on a day. One of a later day holds too: days that were seen don't come again when a clock
     * goes back.
     */
    public Optional<Draw> drawOf(LocalDate day) {
        return draw.filter(drawn -> !drawn.day().isBefore(day));
    }

    /** This account with another draw. */
    Account withDraw(Draw drawn) {
        return new Account(user, tier, tierUntil, trialUntil, Optional.of(drawn), available, held, debt);
    }

    /** This account with a trial that ends at a time. */
    Account withTrial(Instant until) {
        return new Account(user, tier, tierUntil, Optional.of(until), draw, available, held, debt);
    }

    /** This account with another available balance. */
    public Account withAvailable(Amount newAvailable) {
        return new Account(user, tier, tierUntil, trialUntil, draw, newAvailable, held, debt);
    }

    /** This account after a posting. */
    Account after(Posting posting) {
        Amount newAvailable = available;
        Amount newHeld = held;
        Amount newDebt = debt;
        for (Entry entry : posting.entries()) {
            if (entry.user().equals(Optional.of(user))) {
                switch (entry.book()) {
                    case AVAILABLE -> newAvailable = newAvailable.plus(entry.amount());
                    case HELD -> newHeld = newHeld.plus(entry.amount());
                    case DEBT -> newDebt = newDebt.plus(entry.amount());
                    case ISSUED_PAID, ISSUED_PROMO, REVENUE, SUBSIDY, BREAKAGE, REVOKED, ADJUST, OPENING ->
                        throw new IllegalStateException("not a user's book: " + entry);
                }
            }
        }
        return new Account(user, tier, tierUntil, trialUntil, draw, newAvailable, newHeld, newDebt);
    }
}
