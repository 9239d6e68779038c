package io.tollgate.queue.job;

import java.util.Optional;

/**
 * Which deliveries are wanted: those that meet all of it.
 *
 * @param target to whom; what it wants to be told of doesn't matter
 */
public record DeliveryFilter(Optional<Delivery.State> state, Optional<JobId> job, Optional<DeliveryTarget> target) {
    /** All there are. */
    public static final DeliveryFilter ALL = new DeliveryFilter(Optional.empty(), Optional.empty(), Optional.empty());

    public DeliveryFilter {
        target = target.map(DeliveryTarget::plain);
    }

    /** Those of a job. */
    public static DeliveryFilter of(JobId job) {
        return new DeliveryFilter(Optional.empty(), Optional.of(job), Optional.empty());
    }

    /** Those to a target. */
    public static DeliveryFilter to(DeliveryTarget target) {
        return new DeliveryFilter(Optional.empty(), Optional.empty(), Optional.of(target));
    }

    /** Those of them that are in this state. */
    public DeliveryFilter in(Delivery.State wanted) {
        return new DeliveryFilter(Optional.of(wanted), job, target);
    }

    /** Whether a delivery is wanted. */
    public boolean matches(Delivery delivery) {
        return state.map(wanted -> wanted == delivery.state()).orElse(true)
                && job.map(wanted -> wanted.equals(delivery.job())).orElse(true)
                && target.map(wanted -> wanted.equals(delivery.target())).orElse(true);
    }
}
