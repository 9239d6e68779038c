package io.tollgate.queue.job;

import java.util.regex.Pattern;

/**
 * One process that claims and drives attempts.
 *
 * @param value 1 to 64 of A-Z a-z 0-9 . _ -, not starting with a mark
 */
public record NodeId(String value) implements Comparable<NodeId> {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    public NodeId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "not a valid node id: '" + value + "' (1 to 64 of A-Z a-z 0-9 . _ -, not starting with a mark)");
        }
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
