package io.tollgate.queue.workflow;

import io.tollgate.queue.job.InputProblem;
import io.tollgate.queue.job.InputValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What became of checking a request's inputs. Both are ordinary; a caller must face both. */
public sealed interface Validation {
    /**
     * All is well.
     *
     * @param inputs checked values by input name, in the workflow's order, defaults filled in and seeds drawn; inputs
     *     that were left out and have no default are missing
     * @param graph what was read of the graph among them, if there is one
     */
    record Valid(Map<String, InputValue> inputs, Optional<GraphReading.Fit> graph) implements Validation {
        public Valid {
            inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        }
    }

    /** The graph among the inputs can't be run; the others count for nothing then. */
    record UnfitGraph(GraphReading.Unfit reading) implements Validation {}

    /** Something is wrong. Has every problem, at least one: the workflow's inputs in their order, then unknown ones. */
    record Invalid(List<InputProblem> problems) implements Validation {
        public Invalid {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("need at least one problem");
            }
        }
    }
}
