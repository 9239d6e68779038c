package io.tollgate.queue.job;

import java.util.regex.Pattern;

/**
 * What the limits count: jobs of one model share its limit, cluster-wide.
 *
 * @param value 1 to 64 of A-Z a-z 0-9 . _ -, not starting with a mark
 */
public record ModelName(String value) implements Comparable<ModelName> {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    public ModelName {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "not a valid model name: '" + value + "' (1 to 64 of A-Z a-z 0-9 . _ -, not starting with a mark)");
        }
    }

    @Override
    public int compareTo(ModelName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
