package io.tollgate.queue.test;

import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler whose time a test moves. Nothing runs by itself: {@link #advance} moves the clock from one due task to
 * the next and runs each on the caller's thread, {@link #runReady} runs what is due now. Tasks of one time run in the
 * order in which they were handed in. Once shut down it runs nothing any more and forgets what waited.
 *
 * <p>Tasks may be handed in from any thread; only one thread at a time may run them.
 */
public final class ManualScheduler extends AbstractExecutorService implements ScheduledExecutorService {
    /** How many tasks may run without the clock moving; more is taken for a loop that never ends. */
    public static final int MOST_AT_ONCE = 100_000;

    private final MutableClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Task<?>> waiting =
            new PriorityQueue<>(Comparator.comparing(Task<?>::due).thenComparingLong(task -> task.number));
    private long lastNumber;
    private boolean shutdown;

    public ManualScheduler(MutableClock clock) {
        this.clock = clock;
    }

    /**
     * Moves the clock, stopping at each due task to run it.
     *
     * @return how many ran
     */
    public int advance(Duration by) {
        Instant until = clock.instant().plus(by);
        int ran = runReady();
        for (Optional<Instant> next = nextAt(); next.isPresent() && !next.get().isAfter(until); next = nextAt()) {
            moveTo(next.get());
            ran += runReady();
        }
        moveTo(until);
        return ran;
    }

    private void moveTo(Instant time) {
        if (time.isAfter(clock.instant())) { // a task may have moved it further
            clock.set(time);
        }
    }

    /**
     * Runs what is due now, and what that hands in for now, without moving the clock.
     *
     * @return how many ran
     */
    public int runReady() {
        int ran = 0;
        for (Task<?> task = due(); task != null; task = due()) {
            task.run();
            if (++ran > MOST_AT_ONCE) {
                throw new AssertionError("more than " + MOST_AT_ONCE + " tasks without the clock moving");
            }
        }
        return ran;
    }

    /** Rings all timers that are set now, too early: no time passes. Then runs what comes of it. */
    public void ringEarly() {
        List<Task<?>> early = new ArrayList<>();
        lock.lock();
        try {
            for (Task<?> task = waiting.poll(); task != null; task = waiting.poll()) {
                early.add(task);
            }
        } finally {
            lock.unlock();
        }
        early.forEach(Task::run);
        runReady();
    }

    private @Nullable Task<?> due() {
        lock.lock();
        try {
            Task<?> first = waiting.peek();
            return first != null && !first.due.isAfter(clock.instant()) ? waiting.poll() : null;
        } finally {
            lock.unlock();
        }
    }

    /** When the next task is due; in the past if the clock was moved without this. */
    public Optional<Instant> nextAt() {
        lock.lock();
        try {
            return Optional.ofNullable(waiting.peek()).map(Task::due);
        } finally {
            lock.unlock();
        }
    }

    /** How many tasks wait. */
    public int pending() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void execute(Runnable command) {
        put(new Task<Void>(command, clock.instant(), Duration.ZERO, false));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return add(new Task<Void>(command, after(delay, unit), Duration.ZERO, false));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return add(new Task<>(callable, after(delay, unit)));
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        return add(new Task<Void>(command, after(initialDelay, unit), span(period, unit), true));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        return add(new Task<Void>(command, after(initialDelay, unit), span(delay, unit), false));
    }

    private Instant after(long delay, TimeUnit unit) {
        return clock.instant().plus(Duration.of(Math.max(0, delay), unit.toChronoUnit()));
    }

    private static Duration span(long period, TimeUnit unit) {
        if (period <= 0) {
            throw new IllegalArgumentException("a period is more than 0: " + period);
        }
        return Duration.of(period, unit.toChronoUnit());
    }

    private <V> Task<V> add(Task<V> task) {
        put(task);
        return task;
    }

    private void put(Task<?> task) {
        lock.lock();
        try {
            if (shutdown) {
                throw new RejectedExecutionException("it is shut down");
            }
            task.number = ++lastNumber;
            waiting.add(task);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void shutdown() {
        shutdownNow();
    }

    @Override
    public List<Runnable> shutdownNow() {
        lock.lock();
        try {
            shutdown = true;
            List<Runnable> left = new ArrayList<>(waiting);
            waiting.clear();
            return left;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isShutdown() {
        lock.lock();
        try {
            return shutdown;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isTerminated() {
        return isShutdown();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isShutdown();
    }

    private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
        private final Duration period;
        private final boolean atRate;
        private Instant due;
        private long number;

        @SuppressWarnings("NullAway") // the result of a Runnable is null, whatever V is
        Task(Runnable body, Instant due, Duration period, boolean atRate) {
            super(body, null);
            this.due = due;
            this.period = period;
            this.atRate = atRate;
        }

        Task(Callable<V> body, Instant due) {
            super(body);
            this.due = due;
            this.period = Duration.ZERO;
            this.atRate = false;
        }

        Instant due() {
            return due;
        }

        @Override
        public void run() {
            if (!isPeriodic()) {
                super.run();
            } else if (runAndReset()) {
                due = (atRate ? due : clock.instant()).plus(period);
                lock.lock();
                try {
                    if (!shutdown && !isCancelled()) {
                        number = ++lastNumber;
                        waiting.add(this);
                    }
                } finally {
                    lock.unlock();
                }
            }
        }

        @Override
        protected void done() {
            if (isCancelled()) {
                lock.lock();
                try {
                    waiting.remove(this);
                } finally {
                    lock.unlock();
                }
            }
        }

        @Override
        public boolean isPeriodic() {
            return !period.isZero();
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(Duration.between(clock.instant(), due));
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
