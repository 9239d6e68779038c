package io.tollgate.metrics;

import java.time.Duration;
import java.util.stream.LongStream;

/** The upper bounds of histograms, by what they measure: fine where a promise may lie, and never many. */
final class Buckets {
    /** From a moment to hours, as jobs wait. */
    static final Duration[] WAIT = seconds(1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600);

    /** From a second to half an hour, as jobs run. */
    static final Duration[] RUN = seconds(1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600, 1_800);

    /** From a millisecond to seconds, as programs take. */
    static final Duration[] CALL = millis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000);

    /** How many commands share a commit. */
    static final double[] BATCH = {1, 2, 4, 8, 16, 32, 64, 128, 256};

    private Buckets() {}

    private static Duration[] seconds(long... seconds) {
        return LongStream.of(seconds).mapToObj(Duration::ofSeconds).toArray(Duration[]::new);
    }

    private static Duration[] millis(long... millis) {
        return LongStream.of(millis).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
