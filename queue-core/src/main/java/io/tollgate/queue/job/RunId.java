package io.tollgate.queue.job;

import java.util.UUID;

/** The name of one attempt at a backend: chosen and stored before the backend is called. */
public record RunId(UUID value) implements Comparable<RunId> {
    /**
     * Reads the usual 36 characters.
     *
     * @throws IllegalArgumentException if they are no UUID
     */
    public static RunId parse(String text) {
        return new RunId(Ids.parse(text));
    }

    @Override
    public int compareTo(RunId other) {
        return Ids.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
