package io.tollgate.comfyui;

import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * What is to be told stands in fields under `state`, which is never held during a call; of progress and previews only
 * the newest is kept, so a slow listener costs nothing. One task at a time tells, holding `calling`, which nobody else
 * waits for but close().
 */
/** Brings the news of one run to its listener, one after the other, on the executor. Safe for use by many threads. */
final class Mailbox {
    private static final long LONGEST_CALL_SECONDS = 5;

    private final ReentrantLock state = new ReentrantLock();
    private final ReentrantLock calling = new ReentrantLock();
    private final Executor executor;
    private RunListener listener;
    private boolean started;
    private boolean startedTold;
    private @Nullable Progress progress;
    private @Nullable Preview preview;
    private @Nullable RunOutcome outcome;
    private boolean outcomeTold;
    private boolean delivering;
    private boolean closed;

    Mailbox(RunListener listener, Executor executor) {
        this.listener = listener;
        this.executor = executor;
    }

    void started() {
        tell(() -> started = true);
    }

    void progress(Progress now) {
        tell(() -> {
            if (outcome == null) {
                progress = now;
            }
        });
    }

    void preview(Preview now) {
        tell(() -> {
            if (outcome == null) {
                preview = now;
            }
        });
    }

    void ended(RunOutcome ended) {
        tell(() -> {
            if (outcome == null) {
                outcome = ended;
            }
        });
    }

    /** Another listener from now on. It is told what stands: that it started, how it ended. */
    void attach(RunListener other) {
        tell(() -> {
            listener = other;
            startedTold = false;
            progress = null;
            preview = null;
            outcomeTold = false;
        });
    }

    /** No call begins after this. */
    void silence() {
        state.lock();
        try {
            closed = true;
        } finally {
            state.unlock();
        }
    }

    /** No call begins after this, and none is going on unless it takes very long or is this very one. */
    void close() {
        silence();
        try {
            if (calling.tryLock(LONGEST_CALL_SECONDS, TimeUnit.SECONDS)) {
                calling.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(Runnable change) {
        state.lock();
        try {
            if (closed) {
                return;
            }
            change.run();
            if (delivering) {
                return;
            }
            delivering = true;
        } finally {
            state.unlock();
        }
        try {
            executor.execute(this::deliver);
        } catch (RejectedExecutionException e) {
            deliver(); // the executor is closing: better here than never
        }
    }

    private void deliver() {
        while (true) {
            Consumer<RunListener> call;
            RunListener to;
            state.lock();
            try {
                Consumer<RunListener> next = closed ? null : next();
                if (next == null) {
                    delivering = false;
                    return;
                }
                call = next;
                to = listener;
                calling.lock(); // free: only close() takes it otherwise, for an instant
            } finally {
                state.unlock();
            }
            boolean alive = false;
            try {
                call.accept(to);
                alive = true;
            } catch (RuntimeException | LinkageError | AssertionError e) {
                // the listener's defect: the run and its other news go on
                Thread thread = Thread.currentThread();
                Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
                if (handler != null) {
                    handler.uncaughtException(thread, e);
                }
                alive = true;
            } finally {
                calling.unlock();
                if (!alive) {
                    rest(); // this thread is lost to an error, and another one may go on
                }
            }
        }
    }

    private void rest() {
        state.lock();
        try {
            delivering = false;
        } finally {
            state.unlock();
        }
    }

    private @Nullable Consumer<RunListener> next() {
        if (started && !startedTold) {
            startedTold = true;
            return RunListener::started;
        }
        Preview picture = preview;
        if (picture != null) {
            preview = null;
            return to -> to.preview(picture);
        }
        Progress now = progress;
        if (now != null) {
            progress = null;
            return to -> to.progress(now);
        }
        RunOutcome end = outcome;
        if (end != null && !outcomeTold) {
            outcomeTold = true;
            return to -> to.ended(end);
        }
        return null;
    }
}
