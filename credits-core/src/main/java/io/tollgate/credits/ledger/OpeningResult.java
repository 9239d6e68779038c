package io.tollgate.credits.ledger;

/** What became of a wish to bring a user along from another system. */
public sealed interface OpeningResult {
    /**
     * The user has been brought along.
     *
     * @param replayed whether that was done before; nothing was changed then
     */
    record Opened(Account account, boolean replayed) implements OpeningResult {}

    /** The user was brought along from that origin with something else before; nothing was changed. */
    record KeyReused() implements OpeningResult {}
}
