package io.tollgate.bench.simulation;

import java.util.Arrays;

/** Waits of one group of jobs. */
final class Waits {
    private float[] seconds = new float[1024];
    private int count;

    void add(double wait) {
        if (count == seconds.length) {
            seconds = Arrays.copyOf(seconds, count * 2);
        }
        seconds[count++] = (float) wait;
    }

    int count() {
        return count;
    }

    /** By nearest rank, in seconds; 0 of none. */
    double quantile(double part) {
        if (count == 0) {
            return 0;
        }
        float[] sorted = Arrays.copyOf(seconds, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(part * count) - 1)];
    }
}
