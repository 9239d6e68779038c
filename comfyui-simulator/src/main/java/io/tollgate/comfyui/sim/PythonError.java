package io.tollgate.comfyui.sim;

/** An exception that the real server would have raised: a 500 in a request, an {@code execution_error} in a node. */
final class PythonError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String type;

    PythonError(String type, String message) {
        super(message);
        this.type = type;
    }

    PythonError(String type, String message, Throwable cause) {
        super(message, cause);
        this.type = type;
    }

    /** The class of the exception, such as {@code RuntimeError}. */
    String type() {
        return type;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
