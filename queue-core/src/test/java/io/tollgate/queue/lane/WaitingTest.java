package io.tollgate.queue.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class WaitingTest {
    @Test
    void micros_finerDigits_areDropped() {
        assertThat(Waiting.micros(Instant.ofEpochSecond(7, 123_456_999))).isEqualTo(7_123_456);
        assertThat(Waiting.micros(Instant.ofEpochSecond(-7, 123_456_999))).isEqualTo(-6_876_544);
    }

    @Test
    void micros_whatNoLongCanHold_isTheNearest() {
        assertThat(Waiting.micros(Instant.ofEpochSecond(9_223_372_036_853L))).isEqualTo(9_223_372_036_853_000_000L);
        assertThat(Waiting.micros(Instant.ofEpochSecond(9_223_372_036_854L))).isEqualTo(Long.MAX_VALUE);
        assertThat(Waiting.micros(Instant.MAX)).isEqualTo(Long.MAX_VALUE);
        assertThat(Waiting.micros(Instant.ofEpochSecond(-9_223_372_036_854L))).isEqualTo(-9_223_372_036_854_000_000L);
        assertThat(Waiting.micros(Instant.ofEpochSecond(-9_223_372_036_855L))).isEqualTo(Long.MIN_VALUE);
        assertThat(Waiting.micros(Instant.MIN)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void instant_ofMicros_isTheSameTime() {
        assertThat(Waiting.instant(7_123_456)).isEqualTo(Instant.ofEpochSecond(7, 123_456_000));
        assertThat(Waiting.instant(-6_876_544)).isEqualTo(Instant.ofEpochSecond(-7, 123_456_000));
        assertThat(Waiting.instant(Long.MAX_VALUE)).isEqualTo(Instant.MAX);
    }
}
