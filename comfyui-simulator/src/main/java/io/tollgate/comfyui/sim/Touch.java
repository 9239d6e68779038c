package io.tollgate.comfyui.sim;

import java.util.Optional;

/**
 * Something a client did that reached, or could have reached, prompts of others.
 *
 * @param kind what was done
 * @param promptId the foreign prompt that was named or running, if any
 * @param atNanos when, by {@link System#nanoTime}
 */
public record Touch(Kind kind, Optional<String> promptId, long atNanos) {

    /** What was done. */
    public enum Kind {
        /** A foreign prompt was deleted from the queue by its id. */
        DELETED,
        /** A foreign prompt was canceled by its id, or interrupted by its id. */
        CANCELED,
        /** An interrupt without an id, or one whose id this version ignores; named if a foreign prompt was running. */
        GLOBAL_INTERRUPT,
        /** The whole queue was cleared. */
        QUEUE_CLEARED,
        /** The whole history was cleared. */
        HISTORY_CLEARED,
        /** The history of a foreign prompt was deleted. */
        HISTORY_DELETED
    }
}
