package io.tollgate.credits.ledger;

/** What became of a wish to open an invoice. */
public sealed interface InvoiceResult {
    /**
     * The invoice is there.
     *
     * @param invoice the invoice, as it is now
     * @param replayed whether the same one had been opened before; it may be paid by now
     */
    record Opened(Invoice invoice, boolean replayed) implements InvoiceResult {}

    /** The id or the payload is taken by another invoice. Nothing was changed. */
    record Conflict(InvoiceId id) implements InvoiceResult {}
}
