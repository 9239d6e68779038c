package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * Others keep the store busy: its queue is full or the database stayed locked. Nothing was changed; try again later.
 */
public final class StoreBusyException extends StoreUnavailableException {
    private static final long serialVersionUID = 1L;

    StoreBusyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
