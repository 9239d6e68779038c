package io.tollgate.http;

import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.JobId;
import java.time.Instant;
import java.util.Optional;

/** A message that is owed, as programs read it, over HTTP and on the command line alike. */
public record DeliveryDocument(
        DeliveryId id,
        JobId jobId,
        String channel,
        String address,
        DeliveryEvent event,
        Delivery.State state,
        int tries,
        Instant nextAt,
        Optional<String> lastError,
        Instant createdAt) {
    /** As it is shown. */
    public static DeliveryDocument of(Delivery delivery) {
        return new DeliveryDocument(
                delivery.id(),
                delivery.job(),
                delivery.target().channel(),
                delivery.target().address(),
                delivery.event(),
                delivery.state(),
                delivery.tries(),
                delivery.nextAt(),
                delivery.lastError(),
                delivery.createdAt());
    }
}
