package io.tollgate.java2d;

import java.io.InterruptedIOException;

/**
 * Tells a render to stop. Raised from any thread and looked at by the render's: at least once a row of a picture or a
 * row of blocks of a film, wherever all of one is worked on. {@code CancelTest} counts the looks.
 */
class StopSign {
    private volatile boolean raised;

    final void raise() {
        raised = true;
    }

    /** Looks. */
    boolean isRaised() {
        return raised;
    }

    /**
     * Goes on, or doesn't.
     *
     * @throws StoppedException if the sign is up
     */
    final void check() throws StoppedException {
        if (isRaised()) {
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
