package io.tollgate.queue.job;

import java.util.UUID;

/** The public name of a job: a UUIDv7, made before the first try to store it. */
public record JobId(UUID value) implements Comparable<JobId> {
    /**
     * Reads the usual 36 characters.
     *
     * @throws IllegalArgumentException if they are no UUID
     */
    public static JobId parse(String text) {
        return new JobId(Ids.parse(text));
    }

    @Override
    public int compareTo(JobId other) {
        return Ids.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
