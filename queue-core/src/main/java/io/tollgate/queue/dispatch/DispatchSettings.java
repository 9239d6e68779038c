package io.tollgate.queue.dispatch;

import java.time.Duration;

/**
 * The spans of dispatch.
 *
 * @param leaseTtl how long this node may be silent before its attempts go to another
 * @param submitTimeout how long a backend may take to answer a submission; shorter than the lease
 * @param lookGrace how long to wait before a run that its backend doesn't know is looked for again
 * @param lookAgain how long to wait before a silent backend is asked about a run again
 * @param promoteAfter how long a paid job waits before it goes before all others
 * @param sweep how often the safety net looks for what nobody told
 * @param stopGrace how long running attempts may take to end when the node stops
 */
public record DispatchSettings(
        Duration leaseTtl,
        Duration submitTimeout,
        Duration lookGrace,
        Duration lookAgain,
        Duration promoteAfter,
        Duration sweep,
        Duration stopGrace) {
    public static final DispatchSettings DEFAULT = new DispatchSettings(
            Duration.ofMinutes(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofHours(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(20));

    public DispatchSettings {
        if (submitTimeout.multipliedBy(2).compareTo(leaseTtl) > 0) {
            throw new IllegalArgumentException(
                    "a submission must be over in half a lease: " + submitTimeout + " against " + leaseTtl);
        }
        if (leaseTtl.isNegative() || leaseTtl.isZero() || sweep.isNegative() || sweep.isZero()) {
            throw new IllegalArgumentException("lease and sweep take some time: " + leaseTtl + ", " + sweep);
        }
    }
}
