package io.tollgate.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One timer for all who want to be woken again and again; none while nobody does. Safe for use by many threads. */
final class Ticker {
    private final ScheduledExecutorService timers;
    private final Duration every;
    private final Set<Runnable> woken = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ScheduledFuture<?> ticking; // under lock: not null while somebody is woken

    Ticker(ScheduledExecutorService timers, Duration every) {
        this.timers = timers;
        this.every = every;
    }

    /**
     * Runs {@code wake} at every tick from now on. It must be quick; what it throws hurts nobody.
     *
     * @return stops that; twice is fine
     */
    Runnable add(Runnable wake) {
        lock.lock();
        try {
            if (ticking == null) {
                ticking = timers.scheduleWithFixedDelay(
                        this::tick, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
            }
            woken.add(wake);
        } finally {
            lock.unlock();
        }
        return () -> remove(wake);
    }

    private void remove(Runnable wake) {
        lock.lock();
        try {
            woken.remove(wake);
            ScheduledFuture<?> running = ticking;
            if (woken.isEmpty() && running != null) {
                running.cancel(false);
                ticking = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        for (Runnable wake : woken) {
            try {
                wake.run();
            } catch (RuntimeException problem) {
                // the others are woken, and so is this one at the next tick
            }
        }
    }
}
