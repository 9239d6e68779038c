package io.tollgate.comfyui;

/** A call to a server did not bring what was asked for; {@link #error} says what went wrong. */
final class ComfyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ComfyError error;

    ComfyException(ComfyError error) {
        super(error.message());
        this.error = error;
    }

    ComfyException(ComfyError error, Throwable cause) {
        super(error.message(), cause);
        this.error = error;
    }

    ComfyError error() {
        return error;
    }

    /** What an exceptional end of a stage says: the error of a call, or a defect as one. */
    static ComfyError errorOf(Throwable problem) {
        Throwable cause = problem;
        while (cause.getCause() != null && cause instanceof java.util.concurrent.CompletionException) {
            cause = cause.getCause();
        }
        return cause instanceof ComfyException known
                ? known.error()
                : new ComfyError.Broken("a defect of ours: " + cause.getClass().getSimpleName());
    }
}
