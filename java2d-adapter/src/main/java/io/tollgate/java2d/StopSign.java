package io.tollgate.java2d;

import java.io.InterruptedIOException;

/** Tells a render to stop. Raised from any thread, looked at by the render's at least every few milliseconds. */
final class StopSign {
    private volatile boolean raised;

    void raise() {
        raised = true;
    }

    boolean isRaised() {
        return raised;
    }

    /**
     * Goes on, or doesn't.
     *
     * @throws StoppedException if the sign is up
     */
    void check() throws StoppedException {
        if (raised) {
            throw new StoppedException();
        }
    }

    /** The render was told to stop. An {@link java.io.IOException}, so that it passes through codecs. */
    static final class StoppedException extends InterruptedIOException {
        private static final long serialVersionUID = 1L;

        StoppedException() {
            super("stopped");
        }
    }
}
