package io.tollgate.queue.backend;

/** Hears what changes at a backend without being asked. Calls come from any thread and must return soon. */
public interface BackendWatcher {
    /** What it can be given has changed, or how much of others it has to do. */
    void changed();

    /** It may be well again: it is probed at once, whenever the next probe is due. */
    default void reachable() {}

    /** It can't be reached any more; it is to be probed until it answers. */
    void unreachable(String reason);
}
