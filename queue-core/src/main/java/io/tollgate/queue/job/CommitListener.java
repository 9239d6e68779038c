package io.tollgate.queue.job;

import java.util.List;

/** Hears what was committed. */
@FunctionalInterface
public interface CommitListener {
    /**
     * These changes are durable.
     *
     * @param changes what the commands of one commit changed, in their order, without those that changed nothing
     */
    void committed(List<JobChanges> changes);
}
