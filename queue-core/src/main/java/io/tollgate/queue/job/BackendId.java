package io.tollgate.queue.job;

import java.util.regex.Pattern;

/**
 * Something that runs attempts, as the operator calls it, such as {@code gpu-1}.
 *
 * @param value 1 to 64 of a-z 0-9 . _ -, not starting with a mark
 */
public record BackendId(String value) implements Comparable<BackendId> {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    public BackendId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "not a valid backend id: '" + value + "' (1 to 64 of a-z 0-9 . _ -, not starting with a mark)");
        }
    }

    @Override
    public int compareTo(BackendId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
