package io.tollgate.queue.job;

import java.util.OptionalInt;

/**
 * How many jobs of a model run, and how many may.
 *
 * @param model which
 * @param set the limit an operator set, from 1 to {@value #MAX}; empty for the configured one
 * @param running how many run now
 */
public record ModelLimit(ModelName model, OptionalInt set, int running) {
    /** The largest limit. */
    public static final int MAX = 50;

    public ModelLimit {
        if (set.isPresent() && (set.getAsInt() < 1 || set.getAsInt() > MAX)) {
            throw new IllegalArgumentException(
                    "the limit of " + model + " must be between 1 and " + MAX + ": " + set.getAsInt());
        }
    }

    ModelLimit running(int change) {
        return new ModelLimit(model, set, running + change);
    }
}
