package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A promise: until it expires, and once, these runs cost their user no more than this. Bears midnights, ends of tiers
 * and used-up free runs. Sets nothing aside.
 *
 * @param requestHash what was asked, see {@link RequestHash}; it binds for nothing else
 * @param lines what each run costs, at least one, in the order of the request
 * @param expiresAt from when on it binds no more; after {@code madeAt}
 * @param usedAt when it was used; empty if it wasn't yet
 */
public record Quote(
        QuoteId id,
        UserId user,
        String requestHash,
        List<Line> lines,
        Instant madeAt,
        Instant expiresAt,
        Optional<Instant> usedAt) {
    public Quote {
        lines = List.copyOf(lines);
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("a quote is for at least one run: " + id);
        }
        if (!expiresAt.isAfter(madeAt)) {
            throw new IllegalArgumentException("a quote expires after it was made: " + madeAt + ", " + expiresAt);
        }
    }

    /**
     * What one run costs.
     *
     * @param relaxed whether it is to wait in the relaxed lane
     */
    public record Line(Price price, boolean relaxed) {}

    /** What all of it costs. */
    public Amount net() {
        return Amount.sum(lines.stream().map(line -> line.price().net()).toList());
    }

    /** What all of it costs before perks and discounts. */
    public Amount list() {
        return Amount.sum(lines.stream().map(line -> line.price().list()).toList());
    }

    /** Whether it binds no more. */
    public boolean expiredAt(Instant now) {
        return !now.isBefore(expiresAt);
    }

    /** Whether it can still be used. */
    public boolean openAt(Instant now) {
        return usedAt.isEmpty() && !expiredAt(now);
    }

    /** This quote, used. */
    public Quote used(Instant now) {
        return new Quote(id, user, requestHash, lines, madeAt, expiresAt, Optional.of(now));
    }
}
