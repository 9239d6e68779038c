package io.tollgate.queue.workflow;

import java.util.random.RandomGenerator;

/** Where seeds come from that a request didn't bring. Safe for use by many threads. */
@FunctionalInterface
public interface SeedSource {
    /** The next seed, from 0 to {@link InputSpec.Seed#MAX}. */
    long next();

    /** Draws every seed with the same chance; as safe for threads as {@code random} is. */
    static SeedSource random(RandomGenerator random) {
        return () -> random.nextLong(InputSpec.Seed.MAX + 1);
    }
}
