package io.tollgate.queue.job;

import java.util.List;

/**
 * A delivery, and what became of the tries at it.
 *
 * @param log the tries, oldest first, at most {@value DeliveryTry#KEPT}: the latest
 */
public record LoggedDelivery(Delivery delivery, List<DeliveryTry> log) {
    public LoggedDelivery {
        log = List.copyOf(log);
    }
}
