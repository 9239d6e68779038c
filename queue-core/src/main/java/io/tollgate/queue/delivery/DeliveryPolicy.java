package io.tollgate.queue.delivery;

import java.time.Duration;
import java.util.Optional;

/**
 * How deliveries are tried.
 *
 * @param base the longest wait after the first failed try; doubles with each further one, with full jitter
 * @param cap the longest wait at all
 * @param giveUpAfter how long after it came to be owed a delivery that still fails is given up
 * @param timeout how long one try may take
 * @param perTarget how many tries to one channel and address may be under way at once
 * @param inAll how many tries may be under way at once
 */
public record DeliveryPolicy(
        Duration base, Duration cap, Duration giveUpAfter, Duration timeout, int perTarget, int inAll) {
    public static final DeliveryPolicy DEFAULT = new DeliveryPolicy(
            Duration.ofSeconds(2), Duration.ofHours(1), Duration.ofHours(24), Duration.ofSeconds(15), 2, 64);

    public DeliveryPolicy {
        if (perTarget < 1 || inAll < perTarget) {
            throw new IllegalArgumentException("need 1 <= perTarget <= inAll: " + perTarget + ", " + inAll);
        }
        if (base.isNegative() || base.isZero() || cap.compareTo(base) < 0) {
            throw new IllegalArgumentException("need 0 < base <= cap: " + base + ", " + cap);
        }
    }

    Duration backoff(int tries, double jitter) {
        long longest = Math.min(base.toMillis() << Math.min(Math.max(0, tries - 1), 30), cap.toMillis());
        return Duration.ofMillis(Math.max(1, (long) (longest * jitter)));
    }

    /** The backoff, or what the receiver asked for if that is longer; never more than the cap. */
    Duration wait(int tries, double jitter, Optional<Duration> asked) {
        Duration own = backoff(tries, jitter);
        Duration wanted = asked.filter(span -> span.compareTo(own) > 0).orElse(own);
        return wanted.compareTo(cap) > 0 ? cap : wanted;
    }
}
