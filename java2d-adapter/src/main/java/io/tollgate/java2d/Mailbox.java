package io.tollgate.java2d;

import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.event.Progress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * News go into a queue under `state`, which is never held during a call. Whoever finds nobody delivering delivers until
 * the queue is empty, holding `calling`, which nobody else ever waits for but close(): so calls come one after the other
 * without a thread of their own, and a listener may call back into the backend.
 */
/** Brings the news of one run to its listener, one after the other. Safe for use by many threads. */
final class Mailbox {
    private static final long LONGEST_CALL_SECONDS = 5;

    private final ReentrantLock state = new ReentrantLock();
    private final ReentrantLock calling = new ReentrantLock();
    private final Queue<Consumer<RunListener>> news = new ArrayDeque<>();
    private RunListener listener;
    private boolean delivering;
    private boolean started;
    private boolean closed;
    private @Nullable RunOutcome outcome;

    Mailbox(RunListener listener) {
        this.listener = listener;
    }

    void started() {
        state.lock();
        try {
            started = true;
            news.add(RunListener::started);
        } finally {
            state.unlock();
        }
        deliver();
    }

    void progress(Progress progress) {
        state.lock();
        try {
            news.add(to -> to.progress(progress));
        } finally {
            state.unlock();
        }
        deliver();
    }

    void ended(RunOutcome ended) {
        state.lock();
        try {
            outcome = ended;
            news.add(to -> to.ended(ended));
        } finally {
            state.unlock();
        }
        deliver();
    }

    /** Another listener from now on. It is told what stands: that it started, how it ended. */
    void attach(RunListener other) {
        state.lock();
        try {
            listener = other;
            news.clear(); // what the old one wasn't told; the new one needs only what stands
            RunOutcome known = outcome;
            if (started) {
                news.add(RunListener::started);
            }
            if (known != null) {
                news.add(to -> to.ended(known));
            }
        } finally {
            state.unlock();
        }
        deliver();
    }

    /** No call begins after this, and none is going on unless it takes very long or is this very one. */
    void close() {
        state.lock();
        try {
            closed = true;
            news.clear();
        } finally {
            state.unlock();
        }
        try {
            if (calling.tryLock(LONGEST_CALL_SECONDS, TimeUnit.SECONDS)) {
                calling.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver() {
        while (true) {
            state.lock();
            try {
                if (delivering || closed || news.isEmpty()) {
                    return;
                }
                delivering = true;
                calling.lock(); // free: only close() takes it otherwise, for an instant
            } finally {
                state.unlock();
            }
            try {
                deliverAll();
            } finally {
                calling.unlock();
            }
        }
    }

    private void deliverAll() {
        while (true) {
            Consumer<RunListener> call;
            RunListener to;
            state.lock();
            try {
                Consumer<RunListener> next = closed ? null : news.poll();
                if (next == null) {
                    delivering = false;
                    return;
                }
                call = next;
                to = listener;
            } finally {
                state.unlock();
            }
            tell(call, to);
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace")
    private static void tell(Consumer<RunListener> call, RunListener to) {
        try {
            call.accept(to);
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // the listener's defect, and nothing that could be done about it here: the run and its other news go on
            Thread thread = Thread.currentThread();
            Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
            if (handler != null) {
                handler.uncaughtException(thread, e);
            }
        }
    }
}
