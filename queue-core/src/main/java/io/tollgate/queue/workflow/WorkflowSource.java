package io.tollgate.queue.workflow;

import java.util.List;

/**
 * Where the catalogue comes from: files, a class path, a program. It keeps nothing: each call looks anew. Safe for use
 * by many threads; may block, for files are read.
 */
@FunctionalInterface
public interface WorkflowSource {
    /**
     * All workflows as they are now.
     *
     * @return each name once, in the same order as long as nothing changes; unmodifiable
     * @throws InvalidWorkflowException if one can't be read or makes no sense, with its name; all or none are loaded
     */
    List<Workflow> load();
}
