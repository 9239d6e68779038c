package io.tollgate.queue.job;

import java.util.UUID;

/** The public name of a stored file. */
public record AssetId(UUID value) implements Comparable<AssetId> {
    /**
     * Reads the usual 36 characters.
     *
     * @throws IllegalArgumentException if they are no UUID
     */
    public static AssetId parse(String text) {
        return new AssetId(Ids.parse(text));
    }

    @Override
    public int compareTo(AssetId other) {
        return Ids.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
