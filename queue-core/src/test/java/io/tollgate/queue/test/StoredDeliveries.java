package io.tollgate.queue.test;

import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.LoggedDelivery;
import java.util.List;
import java.util.Optional;

/** What a store keeps of deliveries, without the tries at them. */
public final class StoredDeliveries {
    private StoredDeliveries() {}

    /** Those in a state, or all of them, newest first. */
    public static List<Delivery> of(JobStore store, Optional<Delivery.State> state, int limit) {
        DeliveryFilter filter = state.map(DeliveryFilter.ALL::in).orElse(DeliveryFilter.ALL);
        return store.deliveries(filter, Optional.empty(), limit).stream()
                .map(LoggedDelivery::delivery)
                .toList();
    }
}
