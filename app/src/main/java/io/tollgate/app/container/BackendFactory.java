package io.tollgate.app.container;

import io.tollgate.app.config.TollgateConfig;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.QueueName;
import java.nio.file.Path;
import java.util.Set;

/** Makes the backends of one type. Bound by the type's name, so that a module can add types. */
@FunctionalInterface
public interface BackendFactory {
    /**
     * Makes a backend; whoever gets it closes it.
     *
     * @param queues the queues it serves; empty for all
     * @param folder a place for its files, used by no other; may not be there yet
     */
    GenerationBackend make(BackendId id, TollgateConfig.Backend config, Set<QueueName> queues, Path folder);
}
