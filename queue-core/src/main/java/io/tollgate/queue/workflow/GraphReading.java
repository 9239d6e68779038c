package io.tollgate.queue.workflow;

import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.NodeProblem;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What became of reading a graph. Both are ordinary; a caller must face both. */
public sealed interface GraphReading {
    /**
     * It is one.
     *
     * @param type the kind of backend that runs it
     * @param requires tags that a backend must have to run it
     * @param assets the stored files that it names
     * @param texts what a content policy should read, by their place in the graph
     */
    record Fit(String type, Set<String> requires, List<AssetId> assets, Map<String, String> texts)
            implements GraphReading {
        public Fit {
            requires = Set.copyOf(requires);
            assets = List.copyOf(assets);
            texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
        }
    }

    /**
     * It can't be run.
     *
     * @param code the word in APIs: {@code invalid_workflow} or {@code workflow_format_ui}
     * @param message one line for people: what is wrong and what to do next
     * @param nodes what is wrong, by node, as far as it can be said
     */
    record Unfit(String code, String message, Map<String, List<NodeProblem>> nodes) implements GraphReading {
        public Unfit {
            nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        }
    }
}
