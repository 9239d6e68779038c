package io.tollgate.credits.ledger;

import org.jspecify.annotations.Nullable;

/** The store can't be reached or can't write now. Nothing was changed; the same request may succeed later. */
public class StoreUnavailableException extends StoreException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message) {
        super(message, null);
    }

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
