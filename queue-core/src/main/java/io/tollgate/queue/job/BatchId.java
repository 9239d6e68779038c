package io.tollgate.queue.job;

import java.util.UUID;

/** The public name of several jobs that were submitted together. */
public record BatchId(UUID value) implements Comparable<BatchId> {
    /**
     * Reads the usual 36 characters.
     *
     * @throws IllegalArgumentException if they are no UUID
     */
    public static BatchId parse(String text) {
        return new BatchId(Ids.parse(text));
    }

    @Override
    public int compareTo(BatchId other) {
        return Ids.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
