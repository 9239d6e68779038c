package io.tollgate.queue.test;

import io.tollgate.queue.job.IdSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Ids that count up from 1, in the shape of a UUIDv7. Safe for use by many threads. */
public final class CountingIds implements IdSource {
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final AtomicLong last = new AtomicLong();

    /** The id with this number, as {@link #next} gives it at the {@code number}th time. */
    public static UUID id(long number) {
        return new UUID(number << 16 | VERSION_7, VARIANT | number);
    }

    @Override
    public UUID next() {
        return id(last.incrementAndGet());
    }
}
