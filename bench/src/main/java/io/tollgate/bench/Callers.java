package io.tollgate.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Threads that submit one job after the other, each when the one before is durable. Used by one thread. */
final class Callers {
    /** What lets a caller go on, or ends it. */
    interface Gate {
        /** Waits until one more job may be submitted; false if none may any more. */
        boolean pass() throws InterruptedException;
    }

    private final AtomicLong done = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final CountDownLatch go = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong deadline = new AtomicLong();

    /**
     * Makes them; they wait for {@link #go}.
     *
     * @param first the number of the first job
     * @param most how many they submit at most
     */
    Callers(Session session, int count, long first, long most, Gate gate) {
        AtomicLong next = new AtomicLong(first);
        for (int i = 0; i < count; i++) {
            Thread caller = new Thread(
                    () -> {
                        try {
                            go.await();
                            while (failure.get() == null && System.nanoTime() - deadline.get() < 0 && gate.pass()) {
                                long number = next.getAndIncrement();
                                if (number >= first + most) {
                                    return;
                                }
                                session.submit(number);
                                done.incrementAndGet();
                            }
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        } catch (Exception e) {
                            failure.compareAndSet(null, e);
                        }
                    },
                    "caller-" + i);
            caller.setDaemon(true); // a benchmark that fails must end
            caller.start();
            threads.add(caller);
        }
    }

    /** Lets them go, until then or until they have submitted all. */
    void go(long until) {
        deadline.set(until);
        go.countDown();
    }

    /**
     * Waits for all of them.
     *
     * @return how many jobs they submitted
     * @throws IllegalStateException if one failed
     */
    long join(Contender contender) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        Exception problem = failure.get();
        if (problem != null) {
            throw new IllegalStateException(contender.name() + ": " + problem.getMessage(), problem);
        }
        return done.get();
    }
}
