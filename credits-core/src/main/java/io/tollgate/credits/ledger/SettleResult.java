package io.tollgate.credits.ledger;

/** What became of a capture or a release. */
public sealed interface SettleResult {
    /** The hold is settled now. */
    record Settled(Hold hold) implements SettleResult {}

    /** The hold was settled before, this way or the other; its state says how. Nothing was changed. */
    record AlreadySettled(Hold hold) implements SettleResult {}

    /** There is no such hold. Nothing was changed. */
    record NoSuchHold(HoldId id) implements SettleResult {}
}
