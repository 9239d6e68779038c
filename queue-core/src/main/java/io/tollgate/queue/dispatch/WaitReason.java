package io.tollgate.queue.dispatch;

import java.util.Locale;

/** Why a waiting job does not run yet. */
public enum WaitReason {
    /** Others go first. */
    AHEAD_IN_QUEUE,
    /** As many jobs of its model run as may. */
    MODEL_AT_LIMIT,
    /** No backend that could run it is well and free of pauses. */
    NO_BACKEND_AVAILABLE,
    /** An operator paused its queue. */
    QUEUE_PAUSED,
    /** It failed and waits for its next attempt. */
    RETRY_BACKOFF;

    /** The word in APIs and docs. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
