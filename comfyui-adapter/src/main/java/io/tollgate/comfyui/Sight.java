package io.tollgate.comfyui;

import java.util.Optional;

/**
 * Where a run was seen at its server.
 *
 * @param place where it is
 * @param serverId what the server knows it by
 * @param entry how it ended, if it did
 */
record Sight(Place place, String serverId, Optional<HistoryEntry> entry) {
    /** Where a run can be. */
    enum Place {
        WAITING,
        RUNNING,
        ENDED,
        /** The server knows it, but the place is gone before we could look there. */
        SOMEWHERE,
        NOWHERE
    }

    boolean isKnown() {
        return place != Place.NOWHERE;
    }
}
