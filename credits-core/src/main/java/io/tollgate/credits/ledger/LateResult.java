package io.tollgate.credits.ledger;

/** What became of a wish to book a late delivery. */
public sealed interface LateResult {
    /**
     * It is in the books.
     *
     * @param replayed whether it was before
     */
    record Booked(Posting posting, boolean replayed) implements LateResult {}

    /** It was booked before with another list price. Nothing was changed. */
    record Conflict(Posting posting) implements LateResult {}

    /** The hold is open or captured: what it is for is paid. Nothing was changed. */
    record NotReleased(Hold hold) implements LateResult {}

    /** There is no such hold. */
    record NoSuchHold(HoldId hold) implements LateResult {}
}
