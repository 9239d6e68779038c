package io.tollgate.http;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What an operator asks of the machine that the server runs on. Safe for use by many threads; its methods block. */
public interface Housekeeping {
    /**
     * What takes room.
     *
     * @param kinds stored files, by media type
     * @param databaseBytes the database with its log
     * @param freeBytes what is left on its disk
     * @param keptFor how long files are kept
     */
    record Storage(List<Kind> kinds, long databaseBytes, long freeBytes, Duration keptFor) {
        /** Files of one media type. */
        public record Kind(String kind, long files, long bytes) {}

        public Storage {
            kinds = List.copyOf(kinds);
        }
    }

    /** A copy of the database. */
    record Backup(Path file, long bytes) {}

    /** Looks what is stored. */
    Storage storage() throws IOException;

    /** Copies the database into the data directory, while it is used, and checks the copy. */
    Backup backup() throws IOException;
}
