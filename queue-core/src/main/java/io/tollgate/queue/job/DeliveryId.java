package io.tollgate.queue.job;

import java.util.UUID;

/** The name of a delivery, the same at every try, so that receivers can tell a repetition. */
public record DeliveryId(UUID value) implements Comparable<DeliveryId> {
    /**
     * Reads the usual 36 characters.
     *
     * @throws IllegalArgumentException if they are no UUID
     */
    public static DeliveryId parse(String text) {
        return new DeliveryId(Ids.parse(text));
    }

    @Override
    public int compareTo(DeliveryId other) {
        return Ids.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
