package io.tollgate.queue.workflow;

import io.tollgate.queue.job.WorkflowName;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The workflows as they were when it was made. Immutable; safe for use by many threads. */
public final class Catalogue {
    private final NavigableMap<WorkflowName, Workflow> workflows;

    private Catalogue(NavigableMap<WorkflowName, Workflow> workflows) {
        this.workflows = workflows;
    }

    /**
     * A catalogue of these.
     *
     * @throws InvalidWorkflowException if two have the same name
     */
    public static Catalogue of(Collection<Workflow> workflows) {
        NavigableMap<WorkflowName, Workflow> byName = new TreeMap<>();
        for (Workflow workflow : workflows) {
            if (byName.put(workflow.name(), workflow) != null) {
                throw new InvalidWorkflowException("workflow " + workflow.name() + ": the name must be used once");
            }
        }
        return new Catalogue(Collections.unmodifiableNavigableMap(byName));
    }

    /** The workflow of that name. */
    public Optional<Workflow> find(WorkflowName name) {
        return Optional.ofNullable(workflows.get(name));
    }

    /** All of them, by name. */
    public List<Workflow> all() {
        return List.copyOf(workflows.values());
    }

    /** The workflow that a mistyped name may have meant, for "did you mean"; takes any text. */
    public Optional<WorkflowName> nearest(String name) {
        return Nearest.of(
                        name,
                        workflows.keySet().stream().map(WorkflowName::value).toList())
                .map(WorkflowName::new);
    }
}
