package io.tollgate.credits.test;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until a test moves it. Safe for use by many threads. */
public final class MutableClock implements InstantSource {
    /** Where a clock stands that was not told otherwise. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private volatile Instant now;

    /** A clock that stands at {@link #START}. */
    public MutableClock() {
        this(START);
    }

    public MutableClock(Instant start) {
        now = start;
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** Moves it, back if negative, and returns where it stands then. */
    public synchronized Instant advance(Duration by) {
        Instant moved = now.plus(by);
        now = moved;
        return moved;
    }

    /** Sets it. */
    public synchronized void set(Instant to) {
        now = to;
    }

    @Override
    public String toString() {
        return "MutableClock[" + instant() + "]";
    }
}
