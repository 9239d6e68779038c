package io.tollgate.queue.job;

import java.util.UUID;

/** The name of a standing endpoint for messages. */
public record EndpointId(UUID value) implements Comparable<EndpointId> {
    /**
     * Reads the usual 36 characters.
     *
     * @throws IllegalArgumentException if they are no UUID
     */
    public static EndpointId parse(String text) {
        return new EndpointId(Ids.parse(text));
    }

    @Override
    public int compareTo(EndpointId other) {
        return Ids.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
