package io.tollgate.queue.job;

import java.util.regex.Pattern;

/**
 * The name of a recipe in the catalogue.
 *
 * @param value 1 to 64 of a-z 0-9 . _ -, not starting with a mark
 */
public record WorkflowName(String value) implements Comparable<WorkflowName> {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    public WorkflowName {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "not a valid workflow name: '" + value + "' (1 to 64 of a-z 0-9 . _ -, not starting with a mark)");
        }
    }

    @Override
    public int compareTo(WorkflowName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
