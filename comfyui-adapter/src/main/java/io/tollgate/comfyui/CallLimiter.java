package io.tollgate.comfyui;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets so many calls go on at once and makes a bounded number of others wait their turn, without blocking anybody: the
 * JDK's client has no limit for one server. Safe for use by many threads.
 */
final class CallLimiter {
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<CompletableFuture<Permit>> waiting = new ArrayDeque<>();
    private final int mostWaiting;
    private int free;

    CallLimiter(int atOnce, int mostWaiting) {
        this.free = atOnce;
        this.mostWaiting = mostWaiting;
    }

    /** The right to make one call. Closing it twice is fine. */
    final class Permit implements AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                release();
            }
        }
    }

    /**
     * Asks for a permit.
     *
     * @return completes when there is one; cancel it to give up the place in the line. Completes exceptionally with
     *     {@link ComfyError.Congested} if too many wait already
     */
    CompletableFuture<Permit> acquire() {
        lock.lock();
        try {
            if (free > 0) {
                free--;
                return CompletableFuture.completedFuture(new Permit());
            }
            if (waiting.size() >= mostWaiting) {
                waiting.removeIf(CompletableFuture::isDone);
            }
            if (waiting.size() >= mostWaiting) {
                return CompletableFuture.failedFuture(new ComfyException(
                        new ComfyError.Congested("more than " + mostWaiting + " calls wait for a connection")));
            }
            CompletableFuture<Permit> place = new CompletableFuture<>();
            waiting.add(place);
            return place;
        } finally {
            lock.unlock();
        }
    }

    private void release() {
        while (true) {
            CompletableFuture<Permit> next;
            lock.lock();
            try {
                next = waiting.poll();
                if (next == null) {
                    free++;
                    return;
                }
            } finally {
                lock.unlock();
            }
            if (next.complete(new Permit())) { // not under the lock: what waits for it goes on in here
                return;
            }
        }
    }
}
