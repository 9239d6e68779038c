package io.tollgate.queue.backend;

import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;

/**
 * Hears of one run. Calls come one after the other, from any thread, and must return soon. {@link #ended} comes exactly
 * once and last, unless the backend is closed first: then no more calls come.
 */
public interface RunListener {
    /** The backend began to work on it. At most once. */
    void started();

    /** How far it is; may be called often, and never after {@link #ended}. */
    void progress(Progress progress);

    /** What it looks like so far; may be called often, and never after {@link #ended}. */
    default void preview(Preview preview) {}

    /** It is over. */
    void ended(RunOutcome outcome);
}
