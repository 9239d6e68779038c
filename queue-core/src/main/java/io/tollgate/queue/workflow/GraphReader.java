package io.tollgate.queue.workflow;

/**
 * Reads graphs that users bring to be run as they are, in the format of one kind of backend. Safe for use by many
 * threads, whatever the bytes.
 */
@FunctionalInterface
public interface GraphReader {
    /** Knows no format at all. */
    GraphReader NONE =
            graph -> new GraphReading.Unfit("invalid_workflow", "no backend here takes graphs", java.util.Map.of());

    /** Checks a graph, as far as that can be done without a backend. */
    GraphReading read(String graph);
}
