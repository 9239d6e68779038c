package io.tollgate.credits.ledger;

import org.jspecify.annotations.Nullable;

/** A store is locked, full or gone for now. Nothing was changed; the same may succeed later. */
public class StoreUnavailableException extends StoreException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
