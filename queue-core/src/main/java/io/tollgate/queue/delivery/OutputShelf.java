package io.tollgate.queue.delivery;

import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueuedJob;
import java.io.IOException;
import java.util.List;

/** Where the files go that a run made, before its job counts as done. Safe for use by many threads; blocks. */
@FunctionalInterface
public interface OutputShelf {
    /**
     * Finishes and stores what a run made.
     *
     * @throws IOException if one could not be read or stored; what was stored by then is collected by retention
     */
    List<Output> store(QueuedJob job, List<Produced> produced) throws IOException;
}
