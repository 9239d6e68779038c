package io.tollgate.queue.backend;

import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How a backend is.
 *
 * @param id which
 * @param type its kind
 * @param queues the queues it serves; empty for all
 * @param slots how many runs it takes at once
 * @param taken how many it has
 * @param others how many runs of other people wait or run there, as far as is known
 * @param warm the model that it has loaded, as far as is known
 * @param state whether it is given work
 * @param reason why it isn't, or an empty text
 */
public record BackendStatus(
        BackendId id,
        String type,
        Set<QueueName> queues,
        int slots,
        int taken,
        int others,
        Optional<ModelName> warm,
        State state,
        String reason) {
    /** Whether a backend is given work. */
    public enum State {
        /** It was not asked yet. */
        STARTING,
        /** It answers and takes work. */
        READY,
        /** It could not be reached; it is asked again until it answers. */
        UNREACHABLE,
        /** An operator paused it. */
        PAUSED;

        /** The word in APIs and logs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
