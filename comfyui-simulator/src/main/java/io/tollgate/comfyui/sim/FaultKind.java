package io.tollgate.comfyui.sim;

/** What can go wrong on order. */
public enum FaultKind {
    /** The connection is closed and the call is not handled. */
    DROP_BEFORE,
    /** The call is handled, then the connection is closed without an answer. */
    DROP_AFTER,
    /** The call is handled; half of the answer's body comes, then the connection is closed. */
    HALF_BODY,
    /** The call is handled after a pause, see {@link Faults#delay}. */
    DELAY,
    /** 500 with the real server's text; the call is not handled. */
    ERROR_500,
    /** 503 as a proxy before the server gives it; the call is not handled. */
    BUSY_503,
    /** The call is handled, and the answer is 200 with JSON of the wrong shape. */
    WRONG_JSON,
    /** 400 with a body in the form of a refused prompt; the call is not handled. */
    REFUSE,
    /** The node runs out of memory. */
    NODE_OOM,
    /** The node raises a RuntimeError. */
    NODE_ERROR,
    /**
     * The server dies and is started again: on a call after it was handled and before the answer, on a node within it.
     */
    DIE,
    /** The socket is cut without a close frame, instead of getting the frame. */
    WS_CLOSE,
    /** The socket gets neither this frame nor any later one, and stays open. */
    WS_SILENT;

    boolean fits(Route route) {
        return switch (this) {
            case NODE_OOM, NODE_ERROR -> route == Route.NODE;
            case WS_CLOSE, WS_SILENT -> route == Route.FRAME;
            case DIE -> route != Route.FRAME;
            default -> route.isHttp();
        };
    }
}
