package io.tollgate.app.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class SteadyClockTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private Instant wall = START;
    private long nanos = -5;
    private final SteadyClock clock = new SteadyClock(() -> wall, () -> nanos);

    @Test
    void instant_ofWallClockThatGoesOn_isItsTime() {
        pass(Duration.ofMinutes(1));

        assertThat(clock.instant()).isEqualTo(START.plusSeconds(60));
    }

    @Test
    void instant_afterStepForth_isTheWallClocks() {
        pass(Duration.ofMinutes(1));
        wall = wall.plusSeconds(3_600);

        assertThat(clock.instant()).isEqualTo(START.plusSeconds(3_660));
    }

    @Test
    void instant_afterStepBack_goesOnFromWhereItWas() {
        pass(Duration.ofMinutes(1));
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(60));
        wall = wall.minusSeconds(3_600);

        pass(Duration.ofSeconds(30));
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(90));
        pass(Duration.ofSeconds(30));
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(120));
    }

    @Test
    void instant_onceTheWallClockCaughtUp_isItsTimeAgain() {
        wall = wall.minusSeconds(60);
        pass(Duration.ofSeconds(1));
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(1));

        wall = START.plusSeconds(300);

        assertThat(clock.instant()).isEqualTo(START.plusSeconds(300));
    }

    private void pass(Duration time) {
        wall = wall.plus(time);
        nanos += time.toNanos();
    }
}
