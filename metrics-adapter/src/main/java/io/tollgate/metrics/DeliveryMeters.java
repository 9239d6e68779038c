package io.tollgate.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts deliveries and their tries. A try that failed is told as a pending delivery with the number of the try before,
 * so those that wait are remembered, up to a bound. Told of one delivery at a time.
 */
final class DeliveryMeters {
    /** The most deliveries that are remembered; more are counted when they are done, but not by their failed tries. */
    static final int REMEMBERED = 10_000;

    private final Labels labels;
    private final MeterProvider<Counter> outcomes;
    private final Map<DeliveryId, Integer> tries = new ConcurrentHashMap<>();

    DeliveryMeters(MeterRegistry registry, Labels labels) {
        this.labels = labels;
        outcomes = Counter.builder("tollgate.deliveries")
                .description("Deliveries that were made or given up, and tries that failed.")
                .withRegistry(registry);
        Gauge.builder("tollgate.deliveries.waiting", tries, Map::size)
                .description("Deliveries that this node knows to wait for a try, at most " + REMEMBERED + ".")
                .strongReference(true)
                .register(registry);
    }

    void changed(Delivery delivery) {
        switch (delivery.state()) {
            case PENDING, WAITING -> pending(delivery);
            case DELIVERED, DEAD -> {
                tries.remove(delivery.id());
                count(delivery, delivery.state().word());
            }
        }
    }

    private void pending(Delivery delivery) {
        Integer before = tries.get(delivery.id());
        if (before != null || tries.size() < REMEMBERED) {
            tries.put(delivery.id(), delivery.tries());
        }
        boolean tried = before != null && before == delivery.tries() && delivery.tries() > 0;
        if (tried && delivery.lastError().isPresent()) {
            count(delivery, "failed");
        }
    }

    private void count(Delivery delivery, String outcome) {
        String channel = labels.bounded("channel", delivery.target().channel());
        outcomes.withTags("channel", channel, "event", delivery.event().word(), "outcome", outcome)
                .increment();
    }
}
