package io.tollgate.credits.ledger;

/**
 * What became of a change of tier.
 *
 * @param account the account with the tier that was asked for
 * @param changed whether it had another one before
 */
public record TierResult(Account account, boolean changed) {}
