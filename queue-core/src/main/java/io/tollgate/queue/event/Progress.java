package io.tollgate.queue.event;

import java.util.Optional;

/**
 * How far a run is.
 *
 * @param fraction from 0 to 1
 * @param step the step it is at, from 0, or -1 if the backend doesn't count
 * @param steps how many steps there are, or -1
 * @param message what it is doing, if it says
 * @param nodes the parts of the workflow, if it has such
 */
public record Progress(double fraction, int step, int steps, Optional<String> message, Optional<Nodes> nodes) {
    /**
     * The parts of a workflow, such as the nodes of a graph.
     *
     * @param done how many are done
     * @param total how many there are
     * @param current the one that is worked on
     * @param currentClass what kind it is
     */
    public record Nodes(int done, int total, Optional<String> current, Optional<String> currentClass) {}

    public Progress {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("progress goes from 0 to 1: " + fraction);
        }
    }

    /** {@code step} of {@code steps} are done. */
    public static Progress of(int step, int steps, String message) {
        return new Progress(
                steps <= 0 ? 0 : Math.min(1, (double) step / steps),
                step,
                steps,
                Optional.of(message),
                Optional.empty());
    }
}
