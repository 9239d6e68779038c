package io.tollgate.queue.pull;

import io.tollgate.queue.job.BackendId;

/** Hears what becomes of the calls of workers, to be measured. Calls come from any thread and must return soon. */
public interface PullWatcher {
    /** Hears nothing. */
    PullWatcher NONE = new PullWatcher() {
        @Override
        public void answered(BackendId backend, int runs) {}

        @Override
        public void lost(BackendId backend, Loss loss) {}
    };

    /** Why a run left a worker, or the desk, without having been done. */
    enum Loss {
        /** Its worker was silent for longer than its lease. */
        LEASE_RAN_OUT,
        /** The connection broke over which it was handed out. */
        CONNECTION_BROKE,
        /** Nobody came for it. */
        UNCLAIMED;

        /** The word in metrics. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** A worker's claim was answered with so many runs; 0 if there was nothing for it. */
    void answered(BackendId backend, int runs);

    /** A run ended without a word of a worker. */
    void lost(BackendId backend, Loss loss);
}
