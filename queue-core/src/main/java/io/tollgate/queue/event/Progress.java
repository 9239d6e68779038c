package io.tollgate.queue.event;

import java.util.Optional;

/**
 * How far a run is.
 *
 * @param fraction from 0 to 1
 * @param step the step it is at, from 0, or -1 if the backend doesn't count
 * @param steps how many steps there are, or -1
 * @param message what it is doing, if it says
 */
public record Progress(double fraction, int step, int steps, Optional<String> message) {
    public Progress {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("progress goes from 0 to 1: " + fraction);
        }
    }

    /** {@code step} of {@code steps} are done. */
    public static Progress of(int step, int steps, String message) {
        return new Progress(steps <= 0 ? 0 : Math.min(1, (double) step / steps), step, steps, Optional.of(message));
    }
}
