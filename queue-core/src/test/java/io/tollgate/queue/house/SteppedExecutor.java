package io.tollgate.queue.house;

import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs what it is given when a test says so, on the test's thread, and moves the clock to the time of each task. Tasks
 * may be given from any thread.
 */
public final class SteppedExecutor extends AbstractExecutorService implements ScheduledExecutorService {
    private static final int TASKS_AT_MOST = 1_000_000;

    private final MutableClock clock;
    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>(
            Comparator.<Task<?>, Instant>comparing(task -> task.at).thenComparing(task -> task.number));
    private long last;

    public SteppedExecutor(MutableClock clock) {
        this.clock = clock;
    }

    private final class Task<T> extends FutureTask<T> implements ScheduledFuture<T> {
        private final long every;
        private Instant at;
        private long number;

        Task(Callable<T> body, Duration wait, long everyMillis) {
            super(body);
            this.at = clock.instant().plus(wait);
            this.every = everyMillis;
            add(this);
        }

        @Override
        public void run() {
            if (every == 0) {
                super.run();
            } else if (runAndReset()) {
                at = clock.instant().plusMillis(every);
                add(this);
            }
        }

        @Override
        public boolean cancel(boolean interrupt) {
            synchronized (tasks) {
                tasks.remove(this);
            }
            return super.cancel(interrupt);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(Duration.between(clock.instant(), at));
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }

    private void add(Task<?> task) {
        synchronized (tasks) {
            task.number = ++last;
            tasks.add(task);
        }
    }

    /** How many tasks wait for their time. */
    public int pending() {
        synchronized (tasks) {
            return tasks.size();
        }
    }

    /** Runs all that is due now, and what comes of it. */
    public void settle() {
        runUntil(clock.instant());
    }

    /** Lets time pass, and runs what falls due, each at its time. */
    public void advance(Duration span) {
        Instant end = clock.instant().plus(span);
        runUntil(end);
        clock.set(end);
    }

    /** Rings all timers that are set now, too early: no time passes. */
    public void ringEarly() {
        List<Task<?>> early;
        synchronized (tasks) {
            early = new ArrayList<>(tasks);
            tasks.clear();
        }
        early.forEach(Task::run);
        settle();
    }

    private void runUntil(Instant end) {
        for (int i = 0; i < TASKS_AT_MOST; i++) {
            Task<?> next = due(end);
            if (next == null) {
                return;
            }
            if (next.at.isAfter(clock.instant())) {
                clock.set(next.at);
            }
            next.run();
        }
        throw new AssertionError("it never comes to rest");
    }

    private @Nullable Task<?> due(Instant end) {
        synchronized (tasks) {
            Task<?> head = tasks.peek();
            return head == null || head.at.isAfter(end) ? null : tasks.poll();
        }
    }

    @Override
    public void execute(Runnable body) {
        ScheduledFuture<?> unused = schedule(body, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable body, long wait, TimeUnit unit) {
        return schedule(
                () -> {
                    body.run();
                    return true;
                },
                wait,
                unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> body, long wait, TimeUnit unit) {
        return new Task<>(body, Duration.of(wait, unit.toChronoUnit()), 0);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable body, long first, long every, TimeUnit unit) {
        return scheduleWithFixedDelay(body, first, every, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable body, long first, long every, TimeUnit unit) {
        return new Task<>(
                () -> {
                    body.run();
                    return true;
                },
                Duration.of(first, unit.toChronoUnit()),
                unit.toMillis(every));
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
        return new ArrayList<>();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long wait, TimeUnit unit) {
        return true;
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> bodies) {
        throw new UnsupportedOperationException();
    }
}
