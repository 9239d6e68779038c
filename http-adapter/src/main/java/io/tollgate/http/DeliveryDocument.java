package io.tollgate.http;

import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTry;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.LoggedDelivery;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A message that is owed, as programs read it, over HTTP and on the command line alike.
 *
 * @param log what became of the tries, oldest first
 */
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
        Instant createdAt,
        List<Tried> log) {
    /** A page of them. */
    public record Page(List<DeliveryDocument> deliveries, Optional<String> nextCursor) {
        /**
         * The first of what was found.
         *
         * @param found one more than the limit if there are more
         */
        public static Page of(List<LoggedDelivery> found, int limit) {
            List<LoggedDelivery> shown = found.subList(0, Math.min(limit, found.size()));
            return new Page(
                    shown.stream().map(DeliveryDocument::of).toList(),
                    found.size() > limit
                            ? Optional.of(shown.get(limit - 1).delivery().id().toString())
                            : Optional.empty());
        }
    }

    /** One try. */
    public record Tried(
            int number,
            Instant at,
            long durationMs,
            Optional<Integer> status,
            Optional<String> error,
            Optional<String> answer) {
        static Tried of(DeliveryTry one) {
            return new Tried(
                    one.number(),
                    one.at(),
                    one.took().toMillis(),
                    one.status().isPresent() ? Optional.of(one.status().getAsInt()) : Optional.empty(),
                    one.error(),
                    one.answer());
        }
    }

    /** As it is shown. */
    public static DeliveryDocument of(LoggedDelivery logged) {
        Delivery delivery = logged.delivery();
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
                delivery.createdAt(),
                logged.log().stream().map(Tried::of).toList());
    }
}
