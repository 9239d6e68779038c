package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A balanced set of entries: what happened once, to one user, and why. Never changed, only followed by others.
 *
 * @param user whose account it concerns
 * @param hold the hold that it opens, settles or follows
 * @param listPrice the price before perks and discounts of what was held, captured, released or delivered late; else 0
 * @param net what it was about: the amount held, captured, released, granted or expired; signed for an adjustment
 * @param actor who did it, such as {@code admin:eva} or {@code system}, 1 to 100 characters
 * @param reason why, in the actor's words; 3 characters at least for an adjustment
 * @param key what makes it happen at most once; no two postings have the same
 * @param requestHash what was asked under the key, see {@link RequestHash}
 * @param entries the lines, none for what moves nothing; their sum is 0
 */
public record Posting(
        Kind kind,
        UserId user,
        Optional<HoldId> hold,
        Amount listPrice,
        Amount net,
        String actor,
        Optional<String> reason,
        Optional<String> key,
        Optional<String> requestHash,
        Instant at,
        List<Entry> entries) {
    public Posting {
        entries = List.copyOf(entries);
        Texts.checkActor(actor);
        key.ifPresent(text -> Texts.checkKey("key", text));
        if (listPrice.isNegative()) {
            throw new IllegalArgumentException("a list price can't be negative: " + listPrice);
        }
        if (kind == Kind.ADJUST) {
            Texts.checkReason(reason.orElse(""));
        }
        Amount sum = Amount.sum(entries.stream().map(Entry::amount).toList());
        if (!sum.isZero()) {
            throw new IllegalArgumentException("the entries of a posting sum to 0, not " + sum + ": " + entries);
        }
        for (Entry entry : entries) {
            if (entry.user().isPresent() && !entry.user().get().equals(user)) {
                throw new IllegalArgumentException("a posting of " + user + " can't touch " + entry);
            }
        }
    }

    /** This posting, of somebody else. */
    public Posting of(UserId other) {
        List<Entry> lines = entries.stream()
                .map(entry -> new Entry(entry.user().map(any -> other), entry.book(), entry.amount()))
                .toList();
        return new Posting(kind, other, hold, listPrice, net, actor, reason, key, requestHash, at, lines);
    }

    /** What sort of event it was. */
    public enum Kind {
        /** Credits were given or bought. */
        GRANT(1),
        /** Credits were set aside. */
        HOLD(2),
        /** A hold was taken, all or a part. */
        CAPTURE(3),
        /** A hold was given back. */
        RELEASE(4),
        /** Grants came to their end. */
        EXPIRE(5),
        /** An operator corrected a balance. */
        ADJUST(6),
        /** The user's tier was changed; moves no credits. */
        TIER(7),
        /**
         * What a released hold was for was delivered after all: our loss. The list price of what was delivered is
         * revenue and subsidy at once, and costs the user nothing; at most one of a hold.
         */
        LATE(12);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The number it is stored under; never changes. */
        public int code() {
            return code;
        }

        /**
         * The kind that is stored under a number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Kind ofCode(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no kind of posting has the code " + code);
        }
    }
}
