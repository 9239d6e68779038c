package io.tollgate.credits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.AdjustResult;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawResult;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantResult;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Trial;
import io.tollgate.credits.memory.MemoryLedgerStore;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class CreditServiceTest {
    private static final UserId EVA = new UserId("eva");

    private final MutableClock clock = new MutableClock();
    private final LedgerStore store = new MemoryLedgerStore(clock);
    private final CreditService credits = new CreditService(store, CreditPolicy.PLAIN, clock, new Random(1));

    @Test
    void balance_ofSomeoneNeverSeen_isNothingInTheStandardTier() {
        assertThat(credits.balance(EVA))
                .isEqualTo(new Balance(Account.fresh(EVA), Tiers.SHIPPED.standard(), List.of(), Optional.empty()));
    }

    @Test
    void balance_leavesOutWhatIsDue() {
        Instant end = clock.instant().plus(Duration.ofDays(1));
        grant("trial:1", 5, Optional.of(end));
        grant("bonus:1", 7, Optional.empty());
        clock.set(end);

        Balance balance = credits.balance(EVA);

        assertThat(balance.account().available()).isEqualTo(Amount.credits(7));
        assertThat(balance.grants()).extracting(Grant::sourceKey).containsExactly("bonus:1");
    }

    @Test
    void balance_showsWhatIsHeld() {
        Instant end = clock.instant().plus(Duration.ofDays(1));
        grant("trial:1", 5, Optional.of(end));
        HoldId id = new HoldId(new UUID(0, 1));
        done(store.execute(
                new LedgerCommand.OpenHold(id, EVA, Price.agreed(Amount.credits(2), Amount.credits(2)), "queue")));
        clock.set(end);

        Balance balance = credits.balance(EVA);

        assertThat(balance.account().available()).isEqualTo(Amount.ZERO);
        assertThat(balance.account().held()).isEqualTo(Amount.credits(2));
        assertThat(balance.grants()).hasSize(1);
    }

    @Test
    void balance_withATrialThatNobodyMadeYet_countsIt() {
        Trial trial = new Trial(Amount.credits(20), Duration.ofDays(2));
        CreditService generous = new CreditService(store, CreditPolicy.PLAIN.with(trial), clock, new Random(1));
        Instant end = clock.instant().plus(Duration.ofDays(2));

        Balance balance = generous.balance(EVA);

        assertThat(balance.account().available()).isEqualTo(Amount.credits(20));
        assertThat(balance.trial()).contains(new Balance.TrialPeriod(Amount.credits(20), end, true));
        assertThat(store.account(EVA)).isEmpty();
    }

    @Test
    void draw_onceADay_isKeptForTheDay() {
        CreditService lucky = new CreditService(
                store, CreditPolicy.PLAIN.with(LuckyDraw.SHIPPED, ZoneOffset.UTC), clock, new Random(7));

        DrawResult first = done(lucky.draw(EVA));
        DrawResult second = done(lucky.draw(EVA));

        assertThat(first.again()).isFalse();
        assertThat(second).isEqualTo(new DrawResult(first.draw(), true));
        assertThat(lucky.drawn(EVA)).contains(first.draw());
        clock.advance(Duration.ofDays(1));
        assertThat(lucky.drawn(EVA)).isEmpty();
        assertThat(done(lucky.draw(EVA)).again()).isFalse();
        assertThat(store.draws(EVA, 10)).hasSize(2);
    }

    @Test
    void draw_thatThereIsNot_isRefused() {
        assertThatThrownBy(() -> credits.draw(EVA)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void assignTier_thatIsInTheBook_lastsUntilItsEnd() {
        Instant end = clock.instant().plus(Duration.ofDays(30));

        done(credits.assignTier(EVA, "black_gold", Optional.of(end), "admin:test", "a friend"));

        assertThat(credits.balance(EVA).tier()).isEqualTo(Tiers.SHIPPED.tier("black_gold"));
        clock.set(end);
        assertThat(credits.tier(EVA)).isEqualTo(Tiers.SHIPPED.standard());
    }

    @Test
    void assignTier_thatMakesNoSense_isRefused() {
        assertThatThrownBy(() -> credits.assignTier(EVA, "bronze", Optional.empty(), "admin:test", "a friend"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bronze")
                .hasMessageContaining("black_gold");
        assertThatThrownBy(
                        () -> credits.assignTier(EVA, "gold", Optional.of(clock.instant()), "admin:test", "a friend"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> credits.assignTier(EVA, "gold", Optional.empty(), "admin:test", " x "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reason");
        assertThat(store.account(EVA)).isEmpty();
    }

    @Test
    void tier_thatLeftTheBook_isStandard() {
        done(store.execute(
                new LedgerCommand.AssignTier(EVA, "bronze", Optional.empty(), "admin:test", "in old times")));

        assertThat(credits.tier(EVA)).isEqualTo(Tiers.SHIPPED.standard());
    }

    @Test
    void adjust_withAKey_happensOnce() {
        done(credits.adjust(EVA, Amount.credits(5), "admin:test", "an outage", "k"));
        AdjustResult again = done(credits.adjust(EVA, Amount.credits(5), "admin:test", "an outage", "k"));

        assertThat(again).isInstanceOf(AdjustResult.Adjusted.class);
        assertThat(credits.balance(EVA).account().available()).isEqualTo(Amount.credits(5));
        assertThat(credits.history(EVA, Optional.empty(), 10).postings())
                .extracting(Posting::kind)
                .containsExactly(Posting.Kind.ADJUST);
    }

    @Test
    void drawProof_ofADay_showsTheSecretWhenItIsOverAndNeverBefore() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        CreditService provable = new CreditService(
                store, CreditPolicy.PLAIN.with(LuckyDraw.SHIPPED.withProof(), berlin), clock, new Random(1));
        clock.set(Instant.parse("2026-10-25T22:59:59.999Z")); // a day of 25 hours, its last moment
        LocalDate day = LocalDate.parse("2026-10-25");
        DrawProof prepared = done(provable.prepareDraw()).orElseThrow();
        Draw draw = done(provable.draw(EVA)).draw();

        assertThat(prepared.day()).isEqualTo(day);
        assertThat(prepared.secret()).isEmpty();
        assertThat(provable.drawProof(day)).contains(prepared);

        clock.advance(Duration.ofMillis(1));
        assertThat(provable.drawProof(day)).as("no later day has begun").contains(prepared);
        done(provable.prepareDraw());
        DrawProof shown = provable.drawProof(day).orElseThrow();
        assertThat(shown.hash()).isEqualTo(prepared.hash());
        DrawSecret.Secret secret = new DrawSecret.Secret(shown.secret().orElseThrow());
        assertThat(secret.hash()).isEqualTo(prepared.hash());
        assertThat(new DrawSecret(day, secret, Instant.EPOCH).roll(EVA)).isEqualTo(draw.roll());
        assertThat(provable.drawProof(day.plusDays(1)).orElseThrow().secret()).isEmpty();

        clock.set(Instant.parse("2026-10-20T12:00:00Z")); // gone back
        assertThat(provable.drawProof(day).orElseThrow().secret()).isEmpty();
        assertThat(provable.drawProof(day.plusDays(1)).orElseThrow().secret()).isEmpty();
        assertThat(done(provable.prepareDraw()).orElseThrow().day()).isEqualTo(day.plusDays(1));
    }

    @Test
    void prepareDraw_whenDrawsNeedNotBeProvable_makesNothing() {
        CreditService plain = new CreditService(
                store, CreditPolicy.PLAIN.with(LuckyDraw.SHIPPED, ZoneOffset.UTC), clock, new Random(1));

        assertThat(done(plain.prepareDraw())).isEmpty();
        assertThat(done(credits.prepareDraw())).isEmpty();
        done(plain.draw(EVA));
        assertThat(store.latestDrawSecret()).isEmpty();
        assertThat(plain.drawProof(plain.today())).isEmpty();
    }

    @Test
    void wishes_thatMakeNoSense_areRefusedBeforeTheStoreIsAsked() {
        assertThatThrownBy(() -> grant("bonus:1", 0, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
        assertThatThrownBy(() -> credits.adjust(EVA, Amount.credits(1), "admin:test", "no", "k"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reason");
        assertThat(store.account(EVA)).isEmpty();
    }

    private GrantResult grant(String key, long amount, Optional<Instant> end) {
        return done(
                credits.grant(EVA, GrantSource.BONUS, key, Amount.credits(amount), end, "admin:test", "for a test"));
    }

    private static <R> R done(CompletionStage<R> stage) {
        assertThat(stage).isCompleted();
        return stage.toCompletableFuture().join();
    }
}
