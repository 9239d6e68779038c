package io.tollgate.sql;

import org.jspecify.annotations.Nullable;

/**
 * The database refused a statement that it can never accept, such as one with a typo. That is a mistake in this
 * program, not an outage: nobody should catch it to try again.
 */
public final class StatementBugException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StatementBugException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
