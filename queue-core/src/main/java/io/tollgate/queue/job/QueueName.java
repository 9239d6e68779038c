package io.tollgate.queue.job;

import java.util.regex.Pattern;

/**
 * An independent line with its own manager, such as {@code image} or {@code video}.
 *
 * @param value 1 to 64 of a-z 0-9 . _ -, not starting with a mark
 */
public record QueueName(String value) implements Comparable<QueueName> {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    public QueueName {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "not a valid queue name: '" + value + "' (1 to 64 of a-z 0-9 . _ -, not starting with a mark)");
        }
    }

    @Override
    public int compareTo(QueueName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
