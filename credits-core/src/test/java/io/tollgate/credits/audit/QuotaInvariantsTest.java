package io.tollgate.credits.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.FreeRun;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.QuotaDay;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class QuotaInvariantsTest {
    private static final UserId EVA = new UserId("eva");
    private static final LocalDate DAY = LocalDate.of(2026, 11, 22);
    private static final String SUBJECT = "quota of eva for frame on ";

    private final List<Hold> holds = new ArrayList<>(List.of(
            hold(1, DAY.minusDays(1), Hold.State.OPEN),
            hold(2, DAY.minusDays(1), Hold.State.CAPTURED),
            hold(3, DAY.minusDays(1), Hold.State.RELEASED),
            hold(4, DAY, Hold.State.CAPTURED)));
    private final List<QuotaDay> days =
            new ArrayList<>(List.of(day(DAY.minusDays(1), 1, 1, false), day(DAY, 1, 0, true)));

    @Test
    void check_soundRows_findsNothing() {
        assertThat(found()).isEmpty();
        assertThat(QuotaInvariants.check(holds, days).counts()).containsEntry("quotas", 2L);
    }

    @Test
    void check_daysThatCountOtherwise_findsThem() {
        days.set(1, day(DAY, 2, 0, true));
        assertThat(found()).containsExactly("quota-agrees-with-holds " + SUBJECT + DAY);

        days.set(1, day(DAY, 1, 1, true));
        assertThat(found()).containsExactly("quota-agrees-with-holds " + SUBJECT + DAY);

        days.remove(1);
        days.set(0, day(DAY.minusDays(1), 1, 1, true));
        assertThat(found()).containsExactly("quota-agrees-with-holds " + SUBJECT + DAY);
    }

    @Test
    void check_aDayOfWhichNothingIsTaken_needNotBeThere() {
        holds.add(hold(5, DAY.plusDays(1), Hold.State.RELEASED));

        assertThat(found()).isEmpty();
    }

    @Test
    void check_twoLatestDaysOrNone_findsThem() {
        days.set(0, day(DAY.minusDays(1), 1, 1, true));
        assertThat(found()).containsExactly("quota-latest-is-last " + SUBJECT + DAY.minusDays(1));

        days.set(0, day(DAY.minusDays(1), 1, 1, false));
        days.set(1, day(DAY, 1, 0, false));
        assertThat(found()).containsExactly("quota-latest-is-last " + SUBJECT + DAY);
    }

    private List<String> found() {
        return QuotaInvariants.check(holds, days).findings().stream()
                .map((Finding finding) -> finding.rule() + " " + finding.subject())
                .toList();
    }

    private static QuotaDay day(LocalDate date, int used, int held, boolean latest) {
        return new QuotaDay(EVA, "frame", date, ZoneOffset.UTC, 5, used, held, latest);
    }

    private static Hold hold(long number, LocalDate day, Hold.State state) {
        Amount none = Amount.ZERO;
        return new Hold(
                new HoldId(new UUID(7, number)),
                EVA,
                Price.agreed(Amount.credits(5), none),
                Optional.of(new FreeRun("frame", day, ZoneOffset.UTC, 5)),
                List.of(),
                state,
                none,
                Instant.EPOCH,
                state == Hold.State.OPEN ? Optional.empty() : Optional.of(Instant.EPOCH));
    }
}
