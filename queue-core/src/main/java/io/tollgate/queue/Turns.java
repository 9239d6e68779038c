package io.tollgate.queue;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs what it is given one after the other, in the order in which it was given, on the threads that give it: whoever
 * finds nobody at it does all there is. No lock is held meanwhile. What throws is reported, and the next has its turn.
 * Thread-safe.
 */
final class Turns {
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Consumer<Throwable> report;

    Turns(Consumer<Throwable> report) {
        this.report = report;
    }

    void take(Runnable turn) {
        waiting.add(turn);
        if (count.getAndIncrement() == 0) {
            do {
                try {
                    Objects.requireNonNull(waiting.poll()).run();
                } catch (Throwable problem) { // whatever it throws, the others have their turn
                    report.accept(problem);
                }
            } while (count.decrementAndGet() > 0);
        }
    }
}
