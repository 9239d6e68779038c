package io.tollgate.app.client;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;

/**
 * How often and after which waits something is tried again. Waits double, with jitter, up to a bound.
 *
 * @param tries the most in a row that get no further, at least 1
 * @param first the wait behind the first
 * @param longest the longest wait
 */
public record Backoff(int tries, Duration first, Duration longest) {
    private static final double JITTER = 0.3;

    /** For a call that somebody waits for. */
    public static final Backoff CALL = new Backoff(4, Duration.ofMillis(400), Duration.ofSeconds(4));

    /** For what goes on for long: several minutes without the server. */
    public static final Backoff LONG = new Backoff(30, Duration.ofMillis(400), Duration.ofSeconds(15));

    public Backoff {
        if (tries < 1 || first.toMillis() < 1 || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("no backoff: " + tries + ", " + first + ", " + longest);
        }
    }

    /** @param failures how many in a row there were, at least 1 */
    Duration afterFailure(int failures) {
        return Duration.ofMillis(
                IntervalFunction.ofExponentialRandomBackoff(first.toMillis(), 2, JITTER, longest.toMillis())
                        .apply(failures));
    }

    /** Waits. An interrupt ends that, and what waits. */
    static void pause(Duration wait) {
        try {
            Thread.sleep(wait.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CallFailedException.hopeless("interrupted", e);
        }
    }
}
