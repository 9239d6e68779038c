package io.tollgate.queue.backend;

/** A backend could not be reached; whether it is well is not known. Nothing was changed. */
public final class BackendUnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackendUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
