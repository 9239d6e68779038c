package io.tollgate.credits;

import io.tollgate.credits.account.Tier;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Grant;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a user has at a moment.
 *
 * @param account the account; what is available is what can be spent at that moment, without grants that are due, with
 *     a trial that is still to be made
 * @param tier the tier in force, with its perks
 * @param grants what can still move, in the order in which it is spent
 * @param trial the period of the trial; empty if the user has none
 */
public record Balance(Account account, Tier tier, List<Grant> grants, Optional<TrialPeriod> trial) {
    public Balance {
        grants = List.copyOf(grants);
    }

    /**
     * A period of the trial.
     *
     * @param left what of it can be spent
     * @param until when it ends and the next begins
     * @param unmade whether its grant is still to be made, by the user's next job
     */
    public record TrialPeriod(Amount left, Instant until, boolean unmade) {}
}
