package io.tollgate.queue.pull;

import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.BackendId;
import java.time.Instant;
import java.util.Optional;

/**
 * A run that was handed to a worker.
 *
 * @param backend of which backend
 * @param request what to do
 * @param graph the same as a graph in JSON, if it is one
 * @param token what proves that the run is this worker's; a secret
 * @param leaseExpiresAt when it goes to another worker, unless this one is heard of before
 */
public record Assignment(
        BackendId backend, RunRequest request, Optional<String> graph, String token, Instant leaseExpiresAt) {
    @Override
    public String toString() {
        return "Assignment[" + request.runId() + " of " + backend + "]";
    }
}
