package io.tollgate.queue.backend;

import io.tollgate.queue.event.Progress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * News wait in `news` under `state`, which is never held during a call. Whoever finds nobody delivering delivers until
 * nothing waits, holding `calling`, which nobody else ever waits for but close(): so calls come one after the other
 * without a thread of their own, and a listener may call back into the backend.
 */
/**
 * Brings the news of one run to its listener as {@link RunListener} wants them, one after the other and on the threads
 * that have them, as soon as it has one: for a backend whose runs have few. Safe for use by many threads.
 */
public final class Mailbox {
    private static final long LONGEST_CALL_SECONDS = 5;

    private final ReentrantLock state = new ReentrantLock();
    private final ReentrantLock calling = new ReentrantLock();
    private final Queue<Consumer<RunListener>> news = new ArrayDeque<>();
    private @Nullable RunListener listener;
    private boolean delivering;
    private boolean started;
    private Progress furthest = new Progress(0, -1, -1, Optional.empty(), Optional.empty());
    private boolean closed;
    private @Nullable RunOutcome outcome;

    /** Of a run that has no listener yet. */
    public Mailbox() {}

    /** Of a run with a listener. */
    public Mailbox(RunListener listener) {
        this.listener = listener;
    }

    /** It began, which is told once. */
    public void started() {
        add(() -> {
            if (!started && outcome == null) {
                started = true;
                news.add(RunListener::started);
            }
        });
    }

    /** How far it is; what would be a step back is not told. */
    public void progress(Progress progress) {
        add(() -> {
            if (outcome == null && progress.fraction() >= furthest.fraction()) {
                furthest = progress;
                news.add(to -> to.progress(progress));
            }
        });
    }

    /** What it is doing, as far as it was told to be last. */
    public void message(String message) {
        add(() -> {
            if (outcome == null) {
                Progress now = new Progress(
                        furthest.fraction(), furthest.step(), furthest.steps(), Optional.of(message), furthest.nodes());
                furthest = now;
                news.add(to -> to.progress(now));
            }
        });
    }

    /** It is over, which is told once. */
    public void ended(RunOutcome ended) {
        add(() -> {
            if (outcome == null) {
                outcome = ended;
                news.add(to -> to.ended(ended));
            }
        });
    }

    /** Another listener from now on. It is told what stands: that it started, how it ended. */
    public void attach(RunListener other) {
        add(() -> {
            listener = other;
            news.clear(); // what the old one wasn't told; the new one needs only what stands
            RunOutcome known = outcome;
            if (started) {
                news.add(RunListener::started);
            }
            if (known != null) {
                news.add(to -> to.ended(known));
            }
        });
    }

    private void add(Runnable change) {
        state.lock();
        try {
            change.run();
        } finally {
            state.unlock();
        }
        deliver();
    }

    /** No call begins after this, and none is going on unless it takes very long or is this very one. */
    public void close() {
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
                if (delivering || closed || news.isEmpty() || listener == null) {
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
                to = listener;
                if (next == null || to == null) {
                    delivering = false;
                    return;
                }
                call = next;
            } finally {
                state.unlock();
            }
            tell(call, to);
        }
    }

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
