package io.tollgate.sql;

/** Hears how far a backup is. Called on the thread that backs up. */
@FunctionalInterface
public interface BackupProgress {
    BackupProgress NONE = (done, total) -> {};

    /**
     * A step was copied.
     *
     * @param done pages copied so far
     * @param total pages of the database, at least 1
     */
    void copied(int done, int total);
}
