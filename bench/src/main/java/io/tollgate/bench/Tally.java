package io.tollgate.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts jobs that start and finish, and notes when. Safe for use by many threads. */
final class Tally implements Session.Work {
    final CountDownLatch first = new CountDownLatch(1);
    final CountDownLatch all = new CountDownLatch(1);
    final AtomicLong finished = new AtomicLong();
    final AtomicLong firstStart = new AtomicLong();
    /** When the last of those that are counted ended; of no meaning before. */
    final AtomicLong allFinishedAt = new AtomicLong();

    private final long firstNumber;
    private final AtomicLongArray startedAt;
    private final AtomicIntegerArray starts;
    private final long wanted;

    /**
     * @param firstNumber the least number of a job that may run
     * @param jobs how many may run
     * @param wanted how many are counted until it is all over; more may run
     */
    Tally(long firstNumber, int jobs, long wanted) {
        this.firstNumber = firstNumber;
        this.wanted = wanted;
        this.startedAt = new AtomicLongArray(jobs);
        this.starts = new AtomicIntegerArray(jobs);
    }

    @Override
    public void started(long number) {
        long now = System.nanoTime();
        int index = (int) (number - firstNumber);
        startedAt.set(index, now);
        starts.incrementAndGet(index);
        if (first.getCount() > 0) {
            firstStart.compareAndSet(0, now);
            first.countDown();
        }
    }

    @Override
    public void finished(long number) {
        if (finished.incrementAndGet() == wanted) {
            allFinishedAt.set(System.nanoTime());
            all.countDown();
        }
    }

    /** The rate of what ended since the first start, until all were over or until {@code now}. */
    double rate(long now) {
        long done = counted();
        boolean over = all.getCount() == 0;
        return done / (((over ? allFinishedAt.get() : now) - firstStart.get()) / 1e9);
    }

    /** How many ended, of those that are counted. */
    long counted() {
        return Math.min(wanted, finished.get());
    }

    long startedAt(long number) {
        return startedAt.get((int) (number - firstNumber));
    }

    /** Throws {@link IllegalStateException} if a job ran twice. */
    void checkOnce(Contender contender) {
        for (int i = 0; i < starts.length(); i++) {
            if (starts.get(i) > 1) {
                throw new IllegalStateException(contender.name() + ": job " + (firstNumber + i) + " ran twice");
            }
        }
    }
}
