package io.tollgate.queue.job;

import java.util.Optional;

/**
 * Room for one running attempt on a backend.
 *
 * @param backend whose
 * @param index from 0
 * @param job who is in it
 */
public record Slot(BackendId backend, int index, Optional<JobId> job) {
    public boolean isFree() {
        return job.isEmpty();
    }
}
