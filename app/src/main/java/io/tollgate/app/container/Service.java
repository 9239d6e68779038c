package io.tollgate.app.container;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A part of the program that is started and stopped. Used by one thread at a time. */
public interface Service {
    /** What it is, in logs. */
    String name();

    /** How long {@link #close} may take; then the program goes on without it. */
    Duration stopWithin();

    /** Starts to work: it works on return, or throws and leaves nothing. */
    void start();

    /** Stops and waits for what is under way. Also called if {@link #start} never was; twice is fine. */
    void close();

    /** A part that works as soon as it is made. */
    static Service of(String name, Duration stopWithin, Runnable close) {
        return of(name, stopWithin, () -> {}, close);
    }

    /** A part made of two deeds. */
    static Service of(String name, Duration stopWithin, Runnable start, Runnable close) {
        return new Service() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Duration stopWithin() {
                return stopWithin;
            }

            @Override
            public void start() {
                start.run();
            }

            @Override
            public void close() {
                close.run();
            }
        };
    }

    /**
     * A part that does the same again and again, with a pause after each time, until it is stopped.
     *
     * @param body must not throw, and hands on what blocks
     * @param after done when it is stopped, if it was ever started
     */
    static Service repeating(
            String name,
            Duration stopWithin,
            ScheduledExecutorService timers,
            Duration first,
            Duration every,
            Runnable body,
            Runnable after) {
        AtomicReference<@Nullable ScheduledFuture<?>> rounds = new AtomicReference<>();
        return of(
                name,
                stopWithin,
                () -> rounds.set(
                        timers.scheduleWithFixedDelay(body, first.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS)),
                () -> {
                    ScheduledFuture<?> running = rounds.getAndSet(null);
                    if (running != null) {
                        running.cancel(false);
                        after.run();
                    }
                });
    }
}
