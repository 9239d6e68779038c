package io.tollgate.app.container;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The time of a wall clock that somebody may set back: then this one goes on at its own pace from where it was, until
 * the other has caught up or the program ends. It follows a step forth. Without it a job that was just queued, by a
 * store whose time never goes back, would look as if it had to wait until the wall clock is there again. Safe for use
 * by many threads.
 */
final class SteadyClock implements InstantSource {
    private final InstantSource wall;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private Instant last;
    private long lastNanos;

    /** @param nanos counts nanoseconds from anywhere and is never set, such as {@link System#nanoTime} */
    SteadyClock(InstantSource wall, LongSupplier nanos) {
        this.wall = wall;
        this.nanos = nanos;
        this.last = wall.instant();
        this.lastNanos = nanos.getAsLong();
    }

    @Override
    public Instant instant() {
        lock.lock();
        try {
            long elapsed = nanos.getAsLong();
            Instant steady = last.plusNanos(elapsed - lastNanos);
            Instant shown = wall.instant();
            Instant now = shown.isBefore(steady) ? steady : shown;
            last = now;
            lastNanos = elapsed;
            return now;
        } finally {
            lock.unlock();
        }
    }
}
