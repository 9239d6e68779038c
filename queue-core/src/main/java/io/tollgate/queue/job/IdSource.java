package io.tollgate.queue.job;

import java.util.UUID;

/** Where new ids come from. Real ones are UUIDv7 and grow; a test's count up. Safe for use by many threads. */
@FunctionalInterface
public interface IdSource {
    /** An id that nobody has yet. */
    UUID next();
}
