package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.memory.LedgerTables;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Free runs and late deliveries, as the queue takes and books them: decided on rows, then written. */
final class QuotaRulesTest {
    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final Instant NOW = MutableClock.START;
    private static final LocalDate DAY = LocalDate.of(2026, 1, 1);
    private static final Amount TEN = Amount.credits(10);
    private static final HoldId ONE = new HoldId(new UUID(0, 1));
    private static final HoldId TWO = new HoldId(new UUID(0, 2));

    private final LedgerTables tables = new LedgerTables();

    private static FreeRun run(String product, LocalDate day, int limit) {
        return new FreeRun(product, day, ZoneOffset.UTC, limit);
    }

    private static QuotaDay day(String product, LocalDate day, int limit, int used, int held, boolean latest) {
        return new QuotaDay(EVA, product, day, ZoneOffset.UTC, limit, used, held, latest);
    }

    private void open(HoldId id, FreeRun run) {
        Price free = new Price(TEN, Amount.ZERO, List.of(new Price.Step("free-quota", TEN, Amount.ZERO)));
        tables.apply(LedgerRules.hold(tables, id, EVA, free, Optional.of(run), NOW, "queue")
                .changes());
    }

    @Test
    void take_moreOfADay_addsUpUnderTheLatestLimitAndLeavesOthersAlone() {
        tables.apply(LedgerRules.take(tables, EVA, run("upscale", DAY, 1)));
        tables.apply(LedgerRules.take(tables, EVA, run("enhance", DAY, 3)));
        tables.apply(LedgerRules.take(tables, EVA, run("enhance", DAY, 2)));

        assertThat(tables.quotas(EVA))
                .containsExactlyInAnyOrder(day("upscale", DAY, 1, 0, 1, true), day("enhance", DAY, 2, 0, 2, true));
        assertThatThrownBy(() -> LedgerRules.take(tables, EVA, run("upscale", DAY, 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void take_ofTheNextDay_putsTheDayBeforeIntoThePast() {
        open(ONE, run("enhance", DAY, 1));
        tables.apply(LedgerRules.take(tables, EVA, run("upscale", DAY, 1)));

        tables.apply(LedgerRules.take(tables, EVA, run("enhance", DAY.plusDays(1), 1)));

        assertThat(tables.quotas(EVA))
                .containsExactlyInAnyOrder(
                        day("enhance", DAY, 1, 0, 1, false),
                        day("upscale", DAY, 1, 0, 1, true),
                        day("enhance", DAY.plusDays(1), 1, 0, 1, true));
        assertThatThrownBy(() -> LedgerRules.take(tables, EVA, run("enhance", DAY, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a later day");
    }

    @Test
    void settle_ofAHold_givesTheRunOfItsOwnDayBackOrCountsIt() {
        open(ONE, run("enhance", DAY, 2));
        open(TWO, run("enhance", DAY.plusDays(1), 2));
        tables.apply(LedgerRules.take(tables, EVA, run("upscale", DAY, 1)));

        tables.apply(LedgerRules.capture(tables, ONE, 1, 1, NOW, "queue").changes());
        tables.apply(LedgerRules.release(tables, TWO, true, "queue", "gone wrong", NOW)
                .changes());

        assertThat(tables.quotas(EVA, 10))
                .containsExactly(
                        day("enhance", DAY.plusDays(1), 2, 0, 0, true),
                        day("enhance", DAY, 2, 1, 0, false),
                        day("upscale", DAY, 1, 0, 1, true));
        assertThat(tables.audit().findings())
                .extracting(Finding::subject)
                .as("only the run that no hold has")
                .allSatisfy(subject -> assertThat(subject).contains("upscale"));
    }

    @Test
    void settle_ofADayThatIsNotThere_isADefect() {
        tables.apply(LedgerRules.take(tables, EVA, run("enhance", DAY, 2)));

        assertThatThrownBy(() -> QuotaRules.settle(tables, EVA, run("upscale", DAY, 2), true))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> QuotaRules.settle(tables, EVA, run("enhance", DAY.plusDays(1), 2), true))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void quotaDay_isLiveWhileAnythingCanMove() {
        assertThat(day("enhance", DAY, 2, 1, 0, true).live()).isTrue();
        assertThat(day("enhance", DAY, 2, 1, 1, false).live()).isTrue();
        assertThat(day("enhance", DAY, 2, 2, 0, false).live()).isFalse();
        assertThat(day("x".repeat(64), DAY, 1, 1, 0, true).of(ADAM).key())
                .isEqualTo(new QuotaDay.Key(ADAM, "x".repeat(64), DAY));
        assertThat(day("enhance", DAY, 3, 1, 2, true).taken()).isEqualTo(3);
        assertThatThrownBy(() -> day("x".repeat(65), DAY, 1, 0, 0, true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> day("enhance", DAY, 0, 0, 0, true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> day("enhance", DAY, 1, 1, 1, true)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Quote quote(Instant expiresAt, Quote.Line... lines) {
        return new Quote(new QuoteId(new UUID(7, 1)), EVA, "hash", List.of(lines), NOW, expiresAt, Optional.empty());
    }

    @Test
    void quote_isOpenUntilItExpiresOrIsUsed() {
        Quote.Line half = new Quote.Line(Price.agreed(TEN, Amount.credits(5)), false);
        Instant end = NOW.plusMillis(1);
        Quote quote = quote(end, half, half);

        assertThat(List.of(quote.list(), quote.net())).containsExactly(Amount.credits(20), TEN);
        assertThat(List.of(quote.openAt(NOW), quote.expiredAt(NOW))).containsExactly(true, false);
        assertThat(List.of(quote.openAt(end), quote.expiredAt(end))).containsExactly(false, true);
        assertThat(quote.used(NOW).openAt(NOW)).isFalse();
        assertThat(quote.used(NOW).usedAt()).contains(NOW);
        assertThatThrownBy(() -> quote(NOW, half)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> quote(end)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void deliver_ofAHoldThatWasGivenBack_booksAPartOfTheListPriceAsALoss() {
        open(ONE, run("enhance", DAY, 2));
        assertThatThrownBy(() -> LateRules.deliver(tables, ONE, 1, 3, NOW, "queue"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was not given back");
        assertThatThrownBy(() -> LateRules.deliver(tables, TWO, 1, 3, NOW, "queue"))
                .isInstanceOf(IllegalStateException.class);
        tables.apply(LedgerRules.release(tables, ONE, true, "queue", "gone wrong", NOW)
                .changes());

        LedgerChanges changes = LateRules.deliver(tables, ONE, 1, 3, NOW, "queue");

        tables.apply(changes);
        assertThat(changes.postings())
                .extracting(Posting::kind, Posting::listPrice)
                .containsExactly(tuple(Posting.Kind.LATE, Amount.parse("3.33")));
        assertThat(tables.audit().findings()).isEmpty();
        assertThatThrownBy(() -> tables.apply(LateRules.deliver(tables, ONE, 1, 3, NOW, "queue")))
                .as("a second time")
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void spendable_leavesOutWhatIsDueAndWhatIsHeld() {
        tables.apply(new LedgerCommand.GrantCredits(
                        EVA, GrantSource.BONUS, "one", TEN, Optional.of(NOW.plusMillis(1)), "admin", "for a test")
                .decide(tables, NOW)
                .changes());
        tables.apply(new LedgerCommand.GrantCredits(
                        EVA, GrantSource.BONUS, "two", TEN, Optional.empty(), "admin", "for a test")
                .decide(tables, NOW)
                .changes());

        assertThat(LedgerRules.spendable(tables, EVA, NOW)).isEqualTo(Amount.credits(20));
        assertThat(LedgerRules.spendable(tables, EVA, NOW.plusMillis(1))).isEqualTo(TEN);
        assertThat(LedgerRules.spendable(tables, ADAM, NOW)).isEqualTo(Amount.ZERO);
    }

    @Test
    void adjust_downToNothing_isPossibleAndNoFurther() {
        tables.apply(new LedgerCommand.GrantCredits(
                        EVA, GrantSource.BONUS, "one", TEN, Optional.empty(), "admin", "for a test")
                .decide(tables, NOW)
                .changes());

        assertThat(adjust(new Amount(-1_001))).isInstanceOf(AdjustResult.Insufficient.class);
        assertThat(adjust(TEN.negated())).isInstanceOf(AdjustResult.Adjusted.class);
        assertThat(tables.account(EVA).orElseThrow().available()).isEqualTo(Amount.ZERO);
    }

    private AdjustResult adjust(Amount amount) {
        Decision<AdjustResult> decision =
                new LedgerCommand.Adjust(EVA, amount, "admin", "for a test", "key").decide(tables, NOW);
        tables.apply(decision.changes());
        return decision.result();
    }

    @Test
    void trial_ofAMinute_isTheShortest() {
        assertThat(new Trial(TEN, Duration.ofMinutes(1)).endOfPeriod(Optional.empty(), NOW))
                .isEqualTo(NOW.plusSeconds(60));
        assertThatThrownBy(() -> new Trial(TEN, Duration.ofMillis(59_999)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
