package io.tollgate.sql;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;

/**
 * How to open a SQLite database.
 *
 * @param command what this process is, for the message that a second writer gets; no secrets
 * @param scripts the schema that this program knows
 * @param readers the most reading connections at once, 1 to 64
 * @param busyTimeout how long a statement or a reader waits for its turn, 1 ms to 1 min
 * @param threads makes the reader pool's housekeeping threads
 */
public record SqliteOptions(
        String command, MigrationScripts scripts, int readers, Duration busyTimeout, ThreadFactory threads) {
    public static final int DEFAULT_READERS = 4;
    public static final Duration DEFAULT_BUSY_TIMEOUT = Duration.ofSeconds(5);

    public SqliteOptions {
        if (readers < 1 || readers > 64) {
            throw new IllegalArgumentException("readers must be 1 to 64: " + readers);
        }
        if (busyTimeout.toMillis() < 1 || busyTimeout.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("busyTimeout must be 1 ms to 1 min: " + busyTimeout);
        }
    }

    /** The defaults, with the schema that the program is shipped with. */
    public static SqliteOptions of(String command, ThreadFactory threads) {
        return new SqliteOptions(
                command, MigrationScripts.shipped(Dialect.SQLITE), DEFAULT_READERS, DEFAULT_BUSY_TIMEOUT, threads);
    }
}
