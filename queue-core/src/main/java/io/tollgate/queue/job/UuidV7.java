package io.tollgate.queue.job;

import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * Ids that grow with time: UUID version 7 of RFC 9562, section 5.7, with the 12 bits of {@code rand_a} as a counter
 * within a millisecond (section 6.2, method 1). Never goes back, even when the clock does. Safe for use by many
 * threads.
 */
public final class UuidV7 implements IdSource {
    private static final int COUNTER_BITS = 12;
    private static final long VERSION = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final long VARIANT_FREE = 0x3fff_ffff_ffff_ffffL;

    private final ReentrantLock lock = new ReentrantLock();
    private final InstantSource clock;
    private final RandomGenerator random;
    private long last;

    /** @param random gives the 62 random bits; as hard to guess as it is */
    public UuidV7(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    @Override
    public UUID next() {
        long tick;
        long low;
        lock.lock();
        try {
            // milliseconds and counter as one number, so that a full counter runs over into the next millisecond
            last = Math.max(last + 1, clock.millis() << COUNTER_BITS);
            tick = last;
            low = random.nextLong();
        } finally {
            lock.unlock();
        }
        long high = (tick >>> COUNTER_BITS << 16) | VERSION | (tick & ((1 << COUNTER_BITS) - 1));
        return new UUID(high, (low & VARIANT_FREE) | VARIANT);
    }
}
