package io.tollgate.webhook;

import java.time.Duration;

/**
 * How webhooks are called.
 *
 * @param timeout how long one call may take, from looking the name up to the end of the answer
 * @param perTarget the most connections to one host at once
 * @param userAgent what is sent as {@code User-Agent}
 */
public record WebhookSettings(Duration timeout, int perTarget, String userAgent) {
    public WebhookSettings {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("webhooks.timeout must be positive: " + timeout);
        }
        if (perTarget < 1) {
            throw new IllegalArgumentException("perTarget must be at least 1: " + perTarget);
        }
    }
}
