package io.tollgate.queue.workflow;

import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.media.Asset;
import java.io.IOException;
import java.util.Optional;

/** Finds stored files by id, as {@code mediaStore::find} does. Safe for use by many threads. */
@FunctionalInterface
public interface AssetLookup {
    /**
     * The asset, whoever owns it, if it is there.
     *
     * @throws IOException if nobody can say now
     */
    Optional<Asset> find(AssetId id) throws IOException;
}
