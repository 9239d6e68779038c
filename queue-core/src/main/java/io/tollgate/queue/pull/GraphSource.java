package io.tollgate.queue.pull;

import io.tollgate.queue.backend.RunRequest;
import java.util.Optional;

/** Writes a run as a graph, for workers that feed one to a ComfyUI of their own. Safe for use by many threads. */
@FunctionalInterface
public interface GraphSource {
    /** Knows no graphs. */
    GraphSource NONE = request -> Optional.empty();

    /**
     * The graph of a run as JSON, in API format, with files named by the ids of their assets; empty for a recipe that
     * is none of a graph.
     *
     * @throws io.tollgate.queue.workflow.InvalidWorkflowException if its recipe, or the graph it brings, is wrong
     */
    Optional<String> graph(RunRequest request);
}
