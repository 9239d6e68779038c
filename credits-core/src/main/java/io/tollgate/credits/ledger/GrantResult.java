package io.tollgate.credits.ledger;

import java.time.Instant;

/** What became of a grant. */
public sealed interface GrantResult {
    /**
     * The credits are there.
     *
     * @param grant the grant, as it is now
     * @param replayed whether the same request had been carried out before
     */
    record Granted(Grant grant, boolean replayed) implements GrantResult {}

    /** The source key was used for another request. Nothing was changed. */
    record KeyReused(String sourceKey) implements GrantResult {}

    /** It would have expired before it began. Nothing was changed. */
    record AlreadyDue(Instant expiresAt) implements GrantResult {}
}
