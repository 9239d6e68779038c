package io.tollgate.queue.pull;

import io.tollgate.queue.job.ModelName;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What a worker asks for.
 *
 * @param key whose claims are counted together, such as those of one API key
 * @param worker who asks, the same at each call
 * @param models the only models that it can run; empty for any
 * @param most the most runs that it takes, at least 1
 * @param patience how long it waits for the first of them
 * @param present whether it is still there to be answered; asked by any thread, and soon over
 */
public record Claim(
        String key, String worker, Set<ModelName> models, int most, Duration patience, BooleanSupplier present) {
    /** The most runs of one claim. */
    public static final int MOST = 16;

    /** The longest wait. */
    public static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    public Claim {
        models = Set.copyOf(models);
        if (most < 1 || most > MOST) {
            throw new IllegalArgumentException("a claim is for 1 to " + MOST + " runs: " + most);
        }
        if (patience.isNegative() || patience.compareTo(LONGEST_WAIT) > 0) {
            throw new IllegalArgumentException("a claim waits for 0 to 60 seconds: " + patience);
        }
    }
}
