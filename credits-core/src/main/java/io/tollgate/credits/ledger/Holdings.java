package io.tollgate.credits.ledger;

import java.time.Instant;
import java.util.List;

/**
 * An account and what it is made of.
 *
 * @param grants those of which something remains or is held, oldest first
 */
public record Holdings(Account account, List<Grant> grants) {
    public Holdings {
        grants = List.copyOf(grants);
    }

    /** What can be spent at a time, without what is due. */
    public Amount spendableAt(Instant now) {
        return Amount.sum(grants.stream()
                .filter(grant -> grant.spendableAt(now))
                .map(Grant::remaining)
                .toList());
    }
}
