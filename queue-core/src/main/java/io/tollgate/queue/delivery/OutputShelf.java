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
     * @throws IOException if one could not be read, finished or taken; what was stored by then is collected by
     *     retention
     * @throws io.tollgate.credits.ledger.StoreUnavailableException if one can't be stored now, as on a full disk: it is
     *     still where it was, and the same call may succeed later
     */
    List<Output> store(QueuedJob job, List<Produced> produced) throws IOException;
}
