package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * A commit failed in a way that leaves open whether it became durable: after a restart the command may or may not have
 * happened. Ask again with the same idempotency key, or look.
 *
 * <p>Not a {@link io.tollgate.credits.ledger.StoreUnavailableException}, which promises that nothing was changed.
 */
public final class OutcomeUnknownException extends StoreException {
    private static final long serialVersionUID = 1L;

    OutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
