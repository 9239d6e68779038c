package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreUnavailableException;
import org.jspecify.annotations.Nullable;

/** The database can't be used for now: full, unreadable, read-only, closed or never made. Nothing was changed. */
public final class DatabaseUnavailableException extends StoreUnavailableException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why a database can't be used. */
    public enum Reason {
        /** Its disk or its size limit is full. */
        FULL,
        /** Reading or writing failed. */
        IO,
        /** It may be read, not written. */
        READ_ONLY,
        /** This program has closed it. */
        CLOSED,
        /** It is not there, or may not be opened. */
        CANNOT_OPEN,
        /** Memory ran out. */
        OUT_OF_MEMORY,
        /** The statement was interrupted. */
        INTERRUPTED
    }

    DatabaseUnavailableException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
