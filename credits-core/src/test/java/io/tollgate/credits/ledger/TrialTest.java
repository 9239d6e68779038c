package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrialTest {
    private static final Trial TRIAL = new Trial(Amount.credits(20), Duration.ofDays(2));
    private static final Instant FIRST = Instant.parse("2026-03-28T18:30:00Z");
    private static final Optional<Instant> END = Optional.of(FIRST.plus(Duration.ofDays(2)));

    @Test
    void endOfPeriod_ofTheFirst_isOnePeriodFromNow() {
        assertThat(TRIAL.due(Optional.empty(), FIRST)).isTrue();
        assertThat(TRIAL.endOfPeriod(Optional.empty(), FIRST)).isEqualTo(END.orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-28T18:30:00Z, 2026-03-30T18:30:00Z, false",
        "2026-03-30T18:29:59.999Z, 2026-03-30T18:30:00Z, false",
        "2026-03-30T18:30:00Z, 2026-04-01T18:30:00Z, true",
        "2026-04-01T18:29:59.999Z, 2026-04-01T18:30:00Z, true",
        "2026-04-01T18:30:00Z, 2026-04-03T18:30:00Z, true",
        "2027-03-28T18:30:00Z, 2027-03-29T18:30:00Z, true",
        "2026-03-01T00:00:00Z, 2026-03-30T18:30:00Z, false", // a clock that went back
    })
    void endOfPeriod_ofLaterOnes_isAWholeNumberOfPeriodsAfterTheFirst(Instant now, Instant end, boolean due) {
        assertThat(TRIAL.due(END, now)).isEqualTo(due);
        assertThat(TRIAL.endOfPeriod(END, now)).isEqualTo(end);
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-03-28T12:00, 13",
        "Europe/Berlin, 2026-10-24T12:00, 11",
        "UTC, 2026-03-28T12:00, 12"
    })
    void endOfPeriod_overADayOf23Or25Hours_is48HoursLater(ZoneId zone, LocalDateTime begin, int hour) {
        Instant now = begin.atZone(zone).toInstant();

        Instant end = TRIAL.endOfPeriod(Optional.empty(), now);

        assertThat(Duration.between(now, end)).isEqualTo(TRIAL.every());
        assertThat(end.atZone(zone).getHour()).isEqualTo(hour);
    }

    @Test
    void trial_ofNothingOrOfNoTime_isRefused() {
        assertThatThrownBy(() -> new Trial(Amount.ZERO, Duration.ofDays(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than 0");
        assertThatThrownBy(() -> new Trial(Amount.credits(1), Duration.ofSeconds(59)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT1M");
    }
}
