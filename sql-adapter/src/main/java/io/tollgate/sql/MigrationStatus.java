package io.tollgate.sql;

import java.time.Instant;
import java.util.Optional;

/**
 * Where one step of the schema stands.
 *
 * @param script its file name, or its description if this program doesn't have it
 * @param appliedAt when it was applied, if it is
 */
public record MigrationStatus(int version, String script, State state, Optional<Instant> appliedAt) {
    /** Applied or not, and whether the database and this program agree on it. */
    public enum State {
        PENDING,
        APPLIED,
        /** Applied, and changed since in this program. */
        CHANGED,
        /** Applied, and not in this program: the database is newer. */
        UNKNOWN
    }
}
