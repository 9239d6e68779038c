package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * A bucket of credits. Nothing is ever lost from it: {@code remaining + held + consumed + expired + revoked + repaid =
 * granted}.
 *
 * @param sourceKey what it was granted for, such as {@code trial:tg:42:7}; no two grants have the same
 * @param priority the lowest is spent first
 * @param granted what was put in, positive
 * @param remaining what can be spent
 * @param held what open holds have set aside
 * @param consumed what was captured
 * @param expired what nobody spent in time
 * @param revoked what was taken back
 * @param effectiveAt from when it can be spent
 * @param expiresAt from when it can't be spent; empty if that never comes
 * @param repaid what settled a debt of the user when it was granted; of paid ones only
 * @param revocation that its money was taken back or is to be; empty as long as it stands
 */
public record Grant(
        GrantId id,
        UserId user,
        GrantSource source,
        String sourceKey,
        int priority,
        Amount granted,
        Amount remaining,
        Amount held,
        Amount consumed,
        Amount expired,
        Amount revoked,
        Instant effectiveAt,
        Optional<Instant> expiresAt,
        Instant createdAt,
        Amount repaid,
        Optional<Revocation> revocation) {
    /** The order in which grants are spent: priority, what expires first, given before paid, oldest. */
    public static final Comparator<Grant> BURN_ORDER = Comparator.comparingInt(Grant::priority)
            .thenComparing(grant -> grant.expiresAt().orElse(Instant.MAX))
            .thenComparing(grant -> grant.source().paid())
            .thenComparing(Grant::createdAt)
            .thenComparing(Grant::id);

    public Grant {
        Texts.checkKey("sourceKey", sourceKey);
        if (!granted.isPositive()) {
            throw new IllegalArgumentException("granted must be positive: " + granted);
        }
        if (remaining.isNegative()
                || held.isNegative()
                || consumed.isNegative()
                || expired.isNegative()
                || revoked.isNegative()
                || repaid.isNegative()) {
            throw new IllegalArgumentException("no part of grant " + id + " can be negative");
        }
        Amount parts =
                remaining.plus(held).plus(consumed).plus(expired).plus(revoked).plus(repaid);
        if (!parts.equals(granted)) {
            throw new IllegalArgumentException(
                    "the parts of grant " + id + " are " + parts + " but " + granted + " was granted");
        }
        if (repaid.isPositive() && !source.paid()) {
            throw new IllegalArgumentException("grant " + id + " was not paid for and can't settle a debt");
        }
        if (revocation.isPresent() && !remaining.isZero()) {
            throw new IllegalArgumentException("nothing can remain of grant " + id + ", which is taken back");
        }
    }

    /** One that stands and settled no debt. */
    public Grant(
            GrantId id,
            UserId user,
            GrantSource source,
            String sourceKey,
            int priority,
            Amount granted,
            Amount remaining,
            Amount held,
            Amount consumed,
            Amount expired,
            Amount revoked,
            Instant effectiveAt,
            Optional<Instant> expiresAt,
            Instant createdAt) {
        this(
                id,
                user,
                source,
                sourceKey,
                priority,
                granted,
                remaining,
                held,
                consumed,
                expired,
                revoked,
                effectiveAt,
                expiresAt,
                createdAt,
                Amount.ZERO,
                Optional.empty());
    }

    /** A whole grant that can be spent from now on, with its source's priority. */
    static Grant fresh(
            GrantId id,
            UserId user,
            GrantSource source,
            String sourceKey,
            Amount amount,
            Optional<Instant> expiresAt,
            Instant now) {
        Amount none = Amount.ZERO;
        return new Grant(
                id,
                user,
                source,
                sourceKey,
                source.priority(),
                amount,
                amount,
                none,
                none,
                none,
                none,
                now,
                expiresAt,
                now);
    }

    /** This grant, of somebody else and under another key. */
    public Grant of(UserId other, String otherKey) {
        return new Grant(
                id,
                other,
                source,
                otherKey,
                priority,
                granted,
                remaining,
                held,
                consumed,
                expired,
                revoked,
                effectiveAt,
                expiresAt,
                createdAt,
                repaid,
                revocation);
    }

    /**
     * A whole grant that was paid for.
     *
     * @param debt what the user owes, not negative; it is settled first
     */
    static Grant bought(GrantId id, UserId user, String sourceKey, Amount amount, Amount debt, Instant now) {
        GrantSource source = GrantSource.PURCHASE;
        Amount settled = debt.min(amount);
        Amount none = Amount.ZERO;
        return new Grant(
                id,
                user,
                source,
                sourceKey,
                source.priority(),
                amount,
                amount.minus(settled),
                none,
                none,
                none,
                none,
                now,
                Optional.empty(),
                now,
                settled,
                Optional.empty());
    }

    /** What the user had of it and can't give back: it is owed once the money is gone. */
    public Amount used() {
        return consumed.plus(repaid);
    }

    /** Whether its money is gone. */
    public boolean revokedForGood() {
        return revocation.isPresent() && revocation.get().last();
    }

    /** Whether it has expired or should be: its time has come. */
    public boolean dueAt(Instant now) {
        return expiresAt.isPresent() && !now.isBefore(expiresAt.get());
    }

    /**
     * Whether it may be spent. A grant that starts when it is made is never too early, whatever a clock that went back
     * says.
     */
    public boolean spendableAt(Instant now) {
        boolean started = !effectiveAt.isAfter(createdAt) || !effectiveAt.isAfter(now);
        return started && !dueAt(now) && remaining.isPositive();
    }

    /** Whether anything of it can still move. */
    public boolean live() {
        return remaining.isPositive() || held.isPositive();
    }

    Grant hold(Amount amount) {
        return with(remaining.minus(amount), held.plus(amount), consumed, expired, revoked);
    }

    /** Settles a slice: {@code taken} of it was captured, the rest comes back, or is taken back as all the rest. */
    Grant settle(Amount slice, Amount taken) {
        if (revocation.isPresent()) {
            Amount back = slice.minus(taken);
            return with(remaining, held.minus(slice), consumed.plus(taken), expired, revoked.plus(back));
        }
        return with(remaining.plus(slice.minus(taken)), held.minus(slice), consumed.plus(taken), expired, revoked);
    }

    Grant expire() {
        return with(Amount.ZERO, held, consumed, expired.plus(remaining), revoked);
    }

    Grant revoke(Amount amount) {
        return with(remaining.minus(amount), held, consumed, expired, revoked.plus(amount));
    }

    /** Takes back what remains, until {@link #restore} or for good. */
    Grant revoke(boolean forGood, Instant now) {
        Revocation since = revocation.isPresent()
                ? new Revocation(
                        forGood, revocation.get().at(), revocation.get().before())
                : new Revocation(forGood, now, revoked);
        return with(Amount.ZERO, revoked.plus(remaining), Optional.of(since));
    }

    /** Gives back what was taken back since {@link #revoke}. */
    Grant restore() {
        Amount before = revocation.orElseThrow().before();
        return with(revoked.minus(before), before, Optional.empty());
    }

    private Grant with(Amount remains, Amount isRevoked, Optional<Revocation> since) {
        return new Grant(
                id,
                user,
                source,
                sourceKey,
                priority,
                granted,
                remains,
                held,
                consumed,
                expired,
                isRevoked,
                effectiveAt,
                expiresAt,
                createdAt,
                repaid,
                since);
    }

    private Grant with(Amount remains, Amount isHeld, Amount isConsumed, Amount isExpired, Amount isRevoked) {
        return new Grant(
                id,
                user,
                source,
                sourceKey,
                priority,
                granted,
                remains,
                isHeld,
                isConsumed,
                isExpired,
                isRevoked,
                effectiveAt,
                expiresAt,
                createdAt,
                repaid,
                revocation);
    }
}
