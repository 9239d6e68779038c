package io.tollgate.app.cli;

/** A command was refused or failed. The message is the one line that the user sees; the exit code is 1. */
public final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandFailed(String message) {
        super(message);
    }

    public CommandFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
