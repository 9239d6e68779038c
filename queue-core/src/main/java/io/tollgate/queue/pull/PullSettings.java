package io.tollgate.queue.pull;

import java.time.Duration;

/**
 * How a {@link PullBackend} works.
 *
 * @param slots how many of its runs may be with workers at once, at least 1
 * @param lease how long a worker may be silent before its run goes to another, at least a second. As long without any
 *     call of any worker, and nobody is there
 */
public record PullSettings(int slots, Duration lease) {
    /** How long a worker may be silent where nobody says otherwise. */
    public static final Duration USUAL_LEASE = Duration.ofSeconds(60);

    public PullSettings {
        if (slots < 1) {
            throw new IllegalArgumentException("slots must be at least 1: " + slots);
        }
        if (lease.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a lease must last a second at least: " + lease);
        }
    }
}
