package io.tollgate.queue.backend;

/** What a backend knows of a run. */
public enum RunLookup {
    /** It waits at the backend, runs, or has ended and its outcome can still be had: attach to it. */
    KNOWN,
    /** The backend answered and does not know it. One such answer is no proof: look again after a grace. */
    NOT_KNOWN,
    /** The backend could not be asked. */
    UNREACHABLE
}
