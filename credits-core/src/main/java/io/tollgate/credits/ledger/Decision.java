package io.tollgate.credits.ledger;

/**
 * What the rules say to a command.
 *
 * @param result the answer for whoever asked
 * @param changes what must be stored before the answer is given; nothing after a refusal or a replay
 */
public record Decision<R>(R result, LedgerChanges changes) {
    /** An answer that changes nothing. */
    public static <R> Decision<R> unchanged(R result) {
        return new Decision<>(result, LedgerChanges.NONE);
    }
}
