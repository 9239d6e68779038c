package io.tollgate.credits;

import io.tollgate.credits.account.Tier;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Grant;
import java.util.List;

/**
 * What a user has at a moment.
 *
 * @param account the account; what is available is what can be spent at that moment, without grants that are due
 * @param tier the tier in force, with its perks
 * @param grants what can still move, in the order in which it is spent
 */
public record Balance(Account account, Tier tier, List<Grant> grants) {
    public Balance {
        grants = List.copyOf(grants);
    }
}
