package io.tollgate.queue.dispatch;

import io.tollgate.queue.event.Timers;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes on the latest of many values, at most one in a span: the first at once, and of those that come too soon after
 * it the last. Safe for use by many threads.
 */
final class Latest<T> {
    private final Duration span;
    private final Timers timers;
    private final String what;
    private final Consumer<T> to;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable T held;
    private boolean quiet;
    private boolean closed;

    /** @param what is passed on, for people */
    Latest(Duration span, Timers timers, String what, Consumer<T> to) {
        this.span = span;
        this.timers = timers;
        this.what = what;
        this.to = to;
    }

    void offer(T value) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (quiet) {
                held = value;
                return;
            }
            quiet = true;
        } finally {
            lock.unlock();
        }
        pass(value);
    }

    private void pass(T value) {
        Timers.Timer unused = timers.after(span, what, this::again);
        to.accept(value);
    }

    private void again() {
        T next;
        lock.lock();
        try {
            next = closed ? null : held;
            held = null;
            quiet = next != null;
        } finally {
            lock.unlock();
        }
        if (next != null) {
            pass(next);
        }
    }

    /** Passes on nothing any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            held = null;
        } finally {
            lock.unlock();
        }
    }
}
