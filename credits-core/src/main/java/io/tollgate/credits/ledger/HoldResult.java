package io.tollgate.credits.ledger;

/** What became of a wish to hold credits. */
public sealed interface HoldResult {
    /**
     * The credits are set aside.
     *
     * @param replayed whether the same hold had been opened before; it may be settled by now
     */
    record Held(Hold hold, boolean replayed) implements HoldResult {}

    /** There are too few. Nothing was changed. */
    record Insufficient(Amount required, Amount available) implements HoldResult {}

    /**
     * The user owes something, and so can open no hold that costs anything. Nothing was changed.
     *
     * @param debt what is owed, positive
     */
    record Indebted(Amount debt) implements HoldResult {}

    /** The id is taken by a hold of another user or price. Nothing was changed. */
    record Conflict(HoldId id) implements HoldResult {}
}
