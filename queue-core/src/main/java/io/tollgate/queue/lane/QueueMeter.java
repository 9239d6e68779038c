package io.tollgate.queue.lane;

import io.tollgate.queue.job.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Measures what goes through a queue: counts by ten seconds for an hour, and the latest waits of each lane, at most
 * {@value #WAITS}. Its size doesn't depend on how much goes through. Safe for use by many threads.
 */
public final class QueueMeter {
    /** The most waits that are kept of a lane. */
    public static final int WAITS = 512;

    private static final long BUCKET_MS = 10_000;
    private static final int MINUTE = 6;
    private static final int HOUR = 360;
    private static final double MEDIAN = 0.5;
    private static final double HIGH = 0.95;

    private final ReentrantLock lock = new ReentrantLock();
    private final int[] ended = new int[HOUR];
    private final long[] buckets = new long[HOUR];
    private final Map<Lane, Latest> waits = new EnumMap<>(Lane.class);

    /** The latest waits of a lane, in a ring. */
    private static final class Latest {
        private final long[] at = new long[WAITS];
        private final long[] millis = new long[WAITS];
        private int next;
        private int count;

        void add(long when, long took) {
            at[next] = when;
            millis[next] = took;
            next = (next + 1) % WAITS;
            count = Math.min(count + 1, WAITS);
        }

        Optional<QueueFlow.Waits> since(long from) {
            long[] sorted = new long[count];
            int kept = 0;
            for (int i = 0; i < count; i++) {
                if (at[i] > from) {
                    sorted[kept++] = millis[i];
                }
            }
            if (kept == 0) {
                return Optional.empty();
            }
            Arrays.sort(sorted, 0, kept);
            return Optional.of(new QueueFlow.Waits(rank(sorted, kept, MEDIAN), rank(sorted, kept, HIGH)));
        }

        /** The nearest rank: the least of them that so many are not above. */
        private static Duration rank(long[] sorted, int count, double part) {
            return Duration.ofMillis(sorted[(int) Math.ceil(part * count) - 1]);
        }
    }

    /** A job succeeded. */
    public void succeeded(Instant at) {
        long bucket = Math.floorDiv(at.toEpochMilli(), BUCKET_MS);
        int place = Math.floorMod(bucket, HOUR);
        lock.lock();
        try {
            if (buckets[place] < bucket) { // an hour old
                buckets[place] = bucket;
                ended[place] = 0;
            }
            if (buckets[place] == bucket) {
                ended[place]++;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A job was claimed for the first time. */
    public void began(Lane lane, Instant at, Duration waited) {
        lock.lock();
        try {
            waits.computeIfAbsent(lane, any -> new Latest()).add(at.toEpochMilli(), Math.max(0, waited.toMillis()));
        } finally {
            lock.unlock();
        }
    }

    /** What went through by {@code now}. */
    public QueueFlow flow(Instant now) {
        long bucket = Math.floorDiv(now.toEpochMilli(), BUCKET_MS);
        long anHourAgo = now.toEpochMilli() - HOUR * BUCKET_MS;
        int minute = 0;
        int hour = 0;
        Map<Lane, QueueFlow.Waits> byLane = new EnumMap<>(Lane.class);
        lock.lock();
        try {
            for (int i = 0; i < HOUR; i++) {
                long age = bucket - buckets[i];
                if (age >= 0 && age < HOUR) {
                    hour += ended[i];
                    minute += age < MINUTE ? ended[i] : 0;
                }
            }
            waits.forEach((lane, latest) -> latest.since(anHourAgo).ifPresent(some -> byLane.put(lane, some)));
        } finally {
            lock.unlock();
        }
        return new QueueFlow(minute, hour, byLane);
    }
}
