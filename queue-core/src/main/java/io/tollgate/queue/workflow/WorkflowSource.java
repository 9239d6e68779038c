package io.tollgate.queue.workflow;

import java.util.List;

/** Where the catalogue comes from: files, a class path, a program. Safe for use by many threads. */
@FunctionalInterface
public interface WorkflowSource {
    /**
     * All workflows as they are now.
     *
     * @throws InvalidWorkflowException if one can't be read or makes no sense; nothing was changed
     */
    List<Workflow> load();
}
