package io.tollgate.queue.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.job.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class QueueMeterTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final QueueMeter meter = new QueueMeter();

    @Test
    void flow_countsWhatSucceeded_byMinuteAndHour() {
        meter.succeeded(NOON.minus(Duration.ofMinutes(61)));
        meter.succeeded(NOON.minus(Duration.ofMinutes(59)));
        meter.succeeded(NOON.minusSeconds(61));
        meter.succeeded(NOON.minusSeconds(40));
        meter.succeeded(NOON);

        assertThat(meter.flow(NOON)).isEqualTo(new QueueFlow(2, 4, Map.of()));
        assertThat(meter.flow(NOON.plus(Duration.ofHours(2)))).isEqualTo(QueueFlow.NONE);
    }

    @Test
    void succeeded_anHourLaterInTheSamePlace_forgetsTheOldCount() {
        for (int i = 0; i < 5; i++) {
            meter.succeeded(NOON);
        }
        meter.succeeded(NOON.plus(Duration.ofHours(1)));
        meter.succeeded(NOON); // a clock that went back

        assertThat(meter.flow(NOON.plus(Duration.ofHours(1))).lastHour()).isEqualTo(1);
    }

    @Test
    void waits_areRanked_byLaneAndWithinTheHour() {
        for (int i = 1; i <= 20; i++) {
            meter.began(Lane.REGULAR, NOON, Duration.ofSeconds(i));
        }
        meter.began(Lane.VIP, NOON.minus(Duration.ofHours(1)), Duration.ofSeconds(1));
        meter.began(Lane.RELAXED, NOON, Duration.ofSeconds(-1));

        assertThat(meter.flow(NOON).waits())
                .isEqualTo(Map.of(
                        Lane.REGULAR,
                        new QueueFlow.Waits(Duration.ofSeconds(10), Duration.ofSeconds(19)),
                        Lane.RELAXED,
                        new QueueFlow.Waits(Duration.ZERO, Duration.ZERO)));
    }

    @Test
    void waits_moreThanAreKept_leavesTheLatest() {
        for (int i = 0; i < QueueMeter.WAITS; i++) {
            meter.began(Lane.VIP, NOON, Duration.ofHours(5));
        }
        for (int i = 0; i < QueueMeter.WAITS; i++) {
            meter.began(Lane.VIP, NOON, Duration.ofSeconds(2));
        }

        assertThat(meter.flow(NOON).waits().get(Lane.VIP))
                .isEqualTo(new QueueFlow.Waits(Duration.ofSeconds(2), Duration.ofSeconds(2)));
    }
}
