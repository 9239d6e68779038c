package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;
import org.jspecify.annotations.Nullable;

/** The database is damaged. Nothing more was written; restore it from a backup. */
public final class DatabaseCorruptException extends StoreException {
    private static final long serialVersionUID = 1L;

    DatabaseCorruptException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
