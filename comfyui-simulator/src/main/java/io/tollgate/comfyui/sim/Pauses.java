package io.tollgate.comfyui.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * All waiting of the worker, and what wakes it: time, a release, the interrupt flag, the server's death. Safe for use
 * by many threads.
 */
final class Pauses {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Integer> reached = new HashMap<>();
    private boolean interrupted;
    private boolean dead;

    /** Thrown out of a wait when the server has died under it. */
    static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;

        Died() {
            super("the server has died");
        }
    }

    /** Thrown out of a node that has seen the interrupt flag. */
    static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1;

        Interrupted() {
            super("interrupted");
        }
    }

    /** Waits so long, whatever the interrupt flag says, as Python's {@code time.sleep} does. */
    void sleep(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (left > 0 && !dead) {
                left = changed.awaitNanos(left);
            }
            checkAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Died();
        } finally {
            lock.unlock();
        }
    }

    /** Waits at a point that a test holds, until it is released or the run is interrupted. */
    void waitWhile(String point, BooleanSupplier held) {
        lock.lock();
        try {
            if (held.getAsBoolean()) {
                reached.merge(point, 1, Integer::sum);
                changed.signalAll();
            }
            while (held.getAsBoolean() && !interrupted && !dead) {
                changed.await();
            }
            checkAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Died();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the worker has come to a held point so many times. False if it took too long. */
    boolean awaitReached(String point, int times, long timeoutNanos) throws InterruptedException {
        lock.lock();
        try {
            long left = timeoutNanos;
            while (reached.getOrDefault(point, 0) < times && left > 0) {
                left = changed.awaitNanos(left);
            }
            return reached.getOrDefault(point, 0) >= times;
        } finally {
            lock.unlock();
        }
    }

    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void interrupt(boolean value) {
        lock.lock();
        try {
            interrupted = value;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Throws if the flag is set, and takes it down. */
    void checkInterrupt() {
        lock.lock();
        try {
            checkAlive();
            if (interrupted) {
                interrupted = false;
                throw new Interrupted();
            }
        } finally {
            lock.unlock();
        }
    }

    void die() {
        lock.lock();
        try {
            dead = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isDead() {
        lock.lock();
        try {
            return dead;
        } finally {
            lock.unlock();
        }
    }

    static long nanos(double seconds) {
        return Math.round(seconds * TimeUnit.SECONDS.toNanos(1));
    }

    private void checkAlive() {
        if (dead) {
            throw new Died();
        }
    }
}
