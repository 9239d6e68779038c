package io.tollgate.planted.queue.dispatch;

/** Knows a room further down, as it may. */
public final class Upstairs {
    public io.tollgate.planted.queue.job.AllowedJob job() {
        return new io.tollgate.planted.queue.job.AllowedJob();
    }
}
