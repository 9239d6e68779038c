package io.tollgate.credits.ledger;

import java.time.Instant;

/**
 * That the credits of a grant are taken back, as its money is or is to be. Nothing remains of the grant, and what its
 * open holds release is taken back too.
 *
 * @param last whether the money is gone: then what was used of the grant is owed; else it may all be undone
 * @param at since when
 * @param before what had been taken back of the grant by then, by corrections: an undoing leaves that
 */
public record Revocation(boolean last, Instant at, Amount before) {
    public Revocation {
        if (before.isNegative()) {
            throw new IllegalArgumentException("nothing can have been taken back less than nothing: " + before);
        }
    }
}
