package io.tollgate.comfyui;

import java.util.Map;
import java.util.Optional;

/**
 * Where a run was seen at its server.
 *
 * @param place where it is
 * @param serverId what the server knows it by
 * @param entry how it ended, if it did
 * @param classes the class of each node of its graph; empty if that isn't seen there
 */
record Sight(Place place, String serverId, Optional<HistoryEntry> entry, Map<String, String> classes) {
    /** Where a run can be. */
    enum Place {
        WAITING,
        RUNNING,
        ENDED,
        /** The server knows it, but the place is gone before we could look there. */
        SOMEWHERE,
        NOWHERE
    }

    boolean isInQueue() {
        return place == Place.WAITING || place == Place.RUNNING;
    }

    boolean isKnown() {
        return place != Place.NOWHERE;
    }
}
