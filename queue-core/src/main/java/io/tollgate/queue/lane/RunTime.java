package io.tollgate.queue.lane;

import java.time.Duration;
import java.util.Arrays;

/**
 * How long runs take, without the time in the queue: the latest measurements of one kind, at most {@value #WINDOW}.
 *
 * <p>A window and not a formula, because run times have no common shape: the first run of a model loads it, a cached
 * one takes a second. Old runs leave the window, so a new server's speed is learned in a window's time; and of 20 and
 * more the longest and shortest twentieth count only as much as the next, so a run that hung does not spoil the mean.
 * Immutable.
 */
public final class RunTime {
    /** The most measurements that are kept. */
    public static final int WINDOW = 64;

    private static final double TAIL = 0.05;
    private static final int TAIL_FROM = 20;
    private static final int TAIL_SAMPLES = 4;
    private static final double MILLIS = 1_000;

    private final long[] latest; // milliseconds, oldest first; never written again
    private final long[] sorted;
    private final double mean; // seconds, as all below
    private final double deviation;

    private RunTime(long[] latest) {
        this.latest = latest;
        this.sorted = latest.clone();
        Arrays.sort(sorted);
        int count = sorted.length;
        int tail = count < TAIL_FROM ? 0 : (int) Math.round(count * TAIL);
        double sum = 0;
        double squares = 0;
        for (long each : sorted) {
            double run = Math.min(Math.max(each, sorted[tail]), sorted[count - 1 - tail]) / MILLIS;
            sum += run;
            squares += run * run;
        }
        this.mean = sum / count;
        double variance = Math.max(0, squares / count - mean * mean);
        // few measurements say little of the deviation: until there are more, half the mean counts as one of them
        this.deviation = Math.sqrt((variance * count + mean * mean / 4) / (count + 1));
    }

    /** What is known after one measurement. Less than a millisecond counts as one. */
    static RunTime of(Duration run) {
        return new RunTime(new long[] {Math.max(1, run.toMillis())});
    }

    /** What is known after {@code later} measurements too. */
    RunTime then(RunTime later) {
        long[] both = Arrays.copyOf(latest, latest.length + later.latest.length);
        System.arraycopy(later.latest, 0, both, latest.length, later.latest.length);
        return new RunTime(Arrays.copyOfRange(both, Math.max(0, both.length - WINDOW), both.length));
    }

    /** How many measurements it is made of, at least 1. */
    public int samples() {
        return sorted.length;
    }

    /** What a run takes on average. */
    public Duration mean() {
        return Duration.ofMillis(Math.round(mean * MILLIS));
    }

    /** How far runs are from the mean: the standard deviation. */
    public Duration deviation() {
        return Duration.ofMillis(Math.round(deviation * MILLIS));
    }

    /**
     * What a part of the runs does not exceed.
     *
     * @param part from 0 to 1: 0.5 for the median
     */
    public Duration quantile(double part) {
        if (!(part >= 0 && part <= 1)) {
            throw new IllegalArgumentException("part must be between 0 and 1: " + part);
        }
        return Duration.ofMillis(sorted[(int) Math.round(part * (sorted.length - 1))]);
    }

    double meanSeconds() {
        return mean;
    }

    double deviationSeconds() {
        return deviation;
    }

    /** What is left of a run that has taken {@code elapsed} seconds so far. */
    Rest after(double elapsed) {
        int from = countUpTo(elapsed);
        int longer = sorted.length - from;
        if (longer < TAIL_SAMPLES) {
            // longer than nearly all: it may end any moment, or hang
            double left = Math.max(longer == 0 ? 0 : meanRest(from, elapsed), Math.max(deviation / 2, mean / 10));
            return new Rest(this, elapsed, 0, left, left);
        }
        double left = meanRest(from, elapsed);
        double squares = 0;
        for (int i = from; i < sorted.length; i++) {
            double off = sorted[i] / MILLIS - elapsed - left;
            squares += off * off;
        }
        return new Rest(this, elapsed, longer, left, Math.sqrt(squares / longer));
    }

    private double meanRest(int from, double elapsed) {
        double sum = 0;
        for (int i = from; i < sorted.length; i++) {
            sum += sorted[i] / MILLIS - elapsed;
        }
        return sum / (sorted.length - from);
    }

    private int countUpTo(double seconds) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] / MILLIS <= seconds) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * What is left of a run.
     *
     * @param elapsed how long it has run, in seconds
     * @param longer how many measured runs took longer; 0 if too few to go by
     * @param mean in seconds
     * @param deviation in seconds
     */
    record Rest(RunTime runTime, double elapsed, int longer, double mean, double deviation) {
        /** How likely the run is over in {@code seconds}. */
        double overIn(double seconds) {
            if (longer == 0) {
                return 1 - Math.exp(-seconds / mean);
            }
            int left = runTime.sorted.length - runTime.countUpTo(elapsed + seconds);
            return (longer - left) / (double) longer;
        }
    }
}
