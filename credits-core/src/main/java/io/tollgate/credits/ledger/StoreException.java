package io.tollgate.credits.ledger;

import org.jspecify.annotations.Nullable;

/** A store could not do what it was asked to. The message says what is still true. */
public abstract class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
