package io.tollgate.app.container;

import java.time.Duration;

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
}
