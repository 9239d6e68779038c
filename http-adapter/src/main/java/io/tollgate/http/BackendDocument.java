package io.tollgate.http;

import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import java.util.List;
import java.util.Optional;

/**
 * How a backend is, as programs read it, over HTTP and on the command line alike.
 *
 * @param reason why it isn't ready, or an empty text
 * @param taken how many runs of ours it has
 * @param others how many of other people's, as far as is known
 * @param warm the model that it has loaded, as far as is known
 * @param workers how many workers were heard of lately, if workers fetch its runs
 */
public record BackendDocument(
        BackendId id,
        String type,
        String state,
        String reason,
        List<QueueName> queues,
        int slots,
        int taken,
        int others,
        Optional<ModelName> warm,
        Optional<Integer> workers) {
    /** As it is shown. */
    static BackendDocument of(BackendStatus status, Optional<Integer> workers) {
        return new BackendDocument(
                status.id(),
                status.type(),
                status.state().word(),
                status.reason(),
                status.queues().stream().sorted().toList(),
                status.slots(),
                status.taken(),
                status.others(),
                status.warm(),
                workers);
    }
}
