package io.tollgate.credits.ledger;

/** What became of an adjustment. */
public sealed interface AdjustResult {
    /**
     * The balance is corrected.
     *
     * @param replayed whether the same request had been carried out before
     */
    record Adjusted(Posting posting, boolean replayed) implements AdjustResult {}

    /** There is less than was to be taken. Nothing was changed. */
    record Insufficient(Amount required, Amount available) implements AdjustResult {}

    /** The key was used for another request. Nothing was changed. */
    record KeyReused(String key) implements AdjustResult {}
}
