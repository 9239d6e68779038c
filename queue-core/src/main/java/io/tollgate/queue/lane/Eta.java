package io.tollgate.queue.lane;

import java.time.Instant;

/**
 * When a job is expected to start and to end.
 *
 * @param start the likeliest start
 * @param end the likeliest end
 * @param startEarliest about one job in ten starts before
 * @param startLatest about one job in ten starts after
 */
public record Eta(Instant start, Instant end, Instant startEarliest, Instant startLatest) {
    public Eta {
        if (startEarliest.isAfter(start) || start.isAfter(startLatest) || start.isAfter(end)) {
            throw new IllegalArgumentException("need earliest <= start <= latest, end: " + startEarliest + ", " + start
                    + ", " + startLatest + ", " + end);
        }
    }
}
