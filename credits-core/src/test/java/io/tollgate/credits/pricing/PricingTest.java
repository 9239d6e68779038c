package io.tollgate.credits.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.FreeRun;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.QuotaDay;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PricingTest {
    private static final Amount TEN = Amount.credits(10);
    private static final UserId EVA = new UserId("eva");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 22);
    private static final String FRAME = "image-frame";

    @Test
    void relaxed_isKnownByItsStep() {
        Tariff tariff = Tariff.of(TEN);

        assertThat(tariff.relaxed()).isFalse();
        assertThat(tariff.orRelaxed()).isEqualTo(new Tariff(TEN, false, Optional.empty(), true));
        assertThat(Pricing.isRelaxed(Pricing.relaxed(tariff).price())).isTrue();
        assertThat(Pricing.isRelaxed(price(tariff, Perks.NONE, 30))).isFalse();
        assertThat(Pricing.isRelaxed(Price.plain(Amount.ZERO))).isFalse();
    }

    @Test
    void dailyQuota_ofNothingOrMoreThanTheMost_isRefused() {
        assertThat(new DailyQuota(1, AfterQuota.CHARGE).perDay()).isEqualTo(1);
        assertThat(new DailyQuota(1_000_000, AfterQuota.CHARGE).perDay()).isEqualTo(1_000_000);
        assertThatThrownBy(() -> new DailyQuota(0, AfterQuota.CHARGE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DailyQuota(1_000_001, AfterQuota.CHARGE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void toll_withoutPerks_isTheListPrice() {
        assertThat(price(Tariff.of(TEN), Perks.NONE, 0)).isEqualTo(Price.plain(TEN));
    }

    @Test
    void toll_ofAFreeWorkflow_isNothingForAnybody() {
        for (String tier : Tiers.SHIPPED.names()) {
            Price price = price(Tariff.free(TEN), Tiers.SHIPPED.tier(tier).perks(), 30);

            assertThat(price.net()).isEqualTo(Amount.ZERO);
            assertThat(price.subsidy()).isEqualTo(TEN);
            assertThat(price.steps()).containsExactly(new Price.Step(Pricing.FREE_WORKFLOW, TEN, Amount.ZERO));
        }
    }

    @Test
    void toll_forATierFreeOfCharge_isNothing() {
        Price price = price(Tariff.of(TEN), Tiers.SHIPPED.tier("gold").perks(), 0);

        assertThat(price)
                .isEqualTo(new Price(TEN, Amount.ZERO, List.of(new Price.Step(Pricing.TIER_WAIVER, TEN, Amount.ZERO))));
    }

    @ParameterizedTest
    @CsvSource({"120, 30, 84", "0.99, 50, 0.5", "0.01, 99, 0.01", "1, 5, 0.95", "1, 100, 0", "0, 50, 0"})
    void toll_withADiscount_roundsTheDiscountDown(String list, int percent, String net) {
        Price price = price(Tariff.of(Amount.parse(list)), discount(percent), 0);

        assertThat(price.net()).isEqualTo(Amount.parse(net));
        assertThat(price.steps())
                .containsExactly(new Price.Step(Pricing.TIER_DISCOUNT, Amount.parse(list), Amount.parse(net)));
    }

    @Test
    void toll_ofTheLargestAmount_doesNotOverflow() {
        Amount most = new Amount(Long.MAX_VALUE);

        assertThat(price(Tariff.of(most), discount(50), 0).net()).isEqualTo(new Amount(Long.MAX_VALUE / 2 + 1));
    }

    @Test
    void toll_withADraw_isLessTheTiersDiscountFirst() {
        Price price = price(Tariff.of(Amount.credits(120)), discount(10), 30);

        assertThat(price.steps())
                .containsExactly(
                        new Price.Step(Pricing.TIER_DISCOUNT, Amount.credits(120), Amount.credits(108)),
                        new Price.Step(Pricing.LUCKY_DRAW, Amount.credits(108), Amount.parse("75.6")));
    }

    @ParameterizedTest
    @CsvSource({"SSR, 15", "SR, 21", "R, 25.5", "C, 28.5"})
    void toll_ofAVideoWithADraw_isAsTheTableSays(String prize, String net) {
        int percentOff = LuckyDraw.SHIPPED.prizes().stream()
                .filter(one -> one.name().equals(prize))
                .findFirst()
                .orElseThrow()
                .percentOff();

        assertThat(price(Tariff.of(Amount.credits(30)), Perks.NONE, percentOff).net())
                .isEqualTo(Amount.parse(net));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "4, 0", "3, 1", "0, 4"})
    void toll_whileFreeRunsAreLeft_takesOne(int used, int held) {
        Toll toll = toll(quota(AfterQuota.CHARGE), Perks.NONE, TODAY, day(TODAY, used, held));

        Price.Step step = new Price.Step(Pricing.FREE_QUOTA, TEN, Amount.ZERO);
        assertThat(toll)
                .isEqualTo(new Toll.Due(
                        new Price(TEN, Amount.ZERO, List.of(step)),
                        Optional.of(new FreeRun(FRAME, TODAY, BERLIN, 5)),
                        false));
    }

    @ParameterizedTest
    @CsvSource({"5, 0", "4, 1", "0, 5"})
    void toll_whenFreeRunsAreUsedUp_isWhatFollows(int used, int held) {
        QuotaDay full = day(TODAY, used, held);

        assertThat(toll(quota(AfterQuota.CHARGE), discount(10), TODAY, full))
                .isEqualTo(new Toll.Due(price(Tariff.of(TEN), discount(10), 0), Optional.empty(), false));
        assertThat(toll(quota(AfterQuota.REFUSE), Perks.NONE, TODAY, full))
                .isEqualTo(new Toll.UsedUp(
                        new DailyQuota(5, AfterQuota.REFUSE),
                        TODAY.plusDays(1).atStartOfDay(BERLIN).toInstant()));
        Toll relaxed = toll(quota(AfterQuota.RELAXED), Perks.NONE, TODAY, full);
        Price.Step step = new Price.Step(Pricing.RELAXED, TEN, Amount.ZERO);
        assertThat(relaxed).isEqualTo(new Toll.Due(new Price(TEN, Amount.ZERO, List.of(step)), Optional.empty(), true));
    }

    @Test
    void toll_whenTheQuotaWasLowered_hasNoRunsLeft() {
        QuotaDay day = new QuotaDay(EVA, FRAME, TODAY, BERLIN, 9, 7, 0, true);

        assertThat(toll(quota(AfterQuota.REFUSE), Perks.NONE, TODAY, day)).isInstanceOf(Toll.UsedUp.class);
    }

    @Test
    void toll_onANewDay_hasAllRunsAgain() {
        Toll toll = toll(quota(AfterQuota.REFUSE), Perks.NONE, TODAY.plusDays(1), day(TODAY, 5, 0));

        assertThat(((Toll.Due) toll).freeRun()).contains(new FreeRun(FRAME, TODAY.plusDays(1), BERLIN, 5));
    }

    @Test
    void toll_whenTheClockWentBackADay_countsForTheDayThatWasBegun() {
        Toll toll = toll(quota(AfterQuota.REFUSE), Perks.NONE, TODAY.minusDays(1), day(TODAY, 4, 0));
        Toll none = toll(quota(AfterQuota.REFUSE), Perks.NONE, TODAY.minusDays(1), day(TODAY, 5, 0));

        assertThat(((Toll.Due) toll).freeRun().orElseThrow().day()).isEqualTo(TODAY);
        assertThat(((Toll.UsedUp) none).until())
                .isEqualTo(TODAY.plusDays(1).atStartOfDay(BERLIN).toInstant());
    }

    @Test
    void toll_ofAnotherProductsRuns_isNotMixedUp() {
        QuotaDay other = new QuotaDay(EVA, "image-else", TODAY, BERLIN, 5, 5, 0, true);

        assertThat(toll(quota(AfterQuota.REFUSE), Perks.NONE, TODAY, other)).isInstanceOf(Toll.Due.class);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-28, Europe/Berlin, 2026-03-28T23:00:00Z", // the next day has 23 hours
        "2026-03-29, Europe/Berlin, 2026-03-29T22:00:00Z",
        "2026-10-25, Europe/Berlin, 2026-10-25T23:00:00Z", // this one has 25
        "2026-09-05, America/Santiago, 2026-09-06T04:00:00Z" // the next day has no midnight
    })
    void toll_whenUsedUp_saysWhenTheNextDayBegins(String today, String zone, String until) {
        LocalDate date = LocalDate.parse(today);
        ZoneId place = ZoneId.of(zone);
        QuotaDay full = new QuotaDay(EVA, FRAME, date, place, 5, 5, 0, true);

        Toll toll = Pricing.toll(quota(AfterQuota.REFUSE), FRAME, new Buyer(Perks.NONE, 0, date, place), List.of(full));

        assertThat(((Toll.UsedUp) toll).until()).isEqualTo(Instant.parse(until));
    }

    @Test
    void toll_forATierWithoutQuotas_takesNoRun() {
        QuotaDay full = day(TODAY, 5, 0);
        Perks unlimited = new Perks(Optional.empty(), false, true, 0, true, OptionalInt.empty());

        Toll blackGold =
                toll(quota(AfterQuota.REFUSE), Tiers.SHIPPED.tier("black_gold").perks(), TODAY, full);
        Toll others = toll(quota(AfterQuota.REFUSE), unlimited, TODAY, full);

        assertThat(((Toll.Due) blackGold).price().steps())
                .extracting(Price.Step::rule)
                .containsExactly(Pricing.TIER_WAIVER);
        assertThat(((Toll.Due) others).price().steps())
                .extracting(Price.Step::rule)
                .containsExactly(Pricing.FREE_QUOTA);
        assertThat(((Toll.Due) others).freeRun()).isEmpty();
    }

    @Test
    void toll_forATierFreeOfChargeWithQuotas_isCountedToo() {
        Perks gold = Tiers.SHIPPED.tier("gold").perks();

        assertThat(((Toll.Due) toll(quota(AfterQuota.CHARGE), gold, TODAY, day(TODAY, 4, 0))).freeRun())
                .isPresent();
        assertThat(((Toll.Due) toll(quota(AfterQuota.CHARGE), gold, TODAY, day(TODAY, 5, 0)))
                        .price()
                        .steps())
                .extracting(Price.Step::rule)
                .containsExactly(Pricing.TIER_WAIVER);
    }

    @Test
    void atMost_ofADearerPrice_isWhatWasPromised() {
        Price dear = price(Tariff.of(TEN), discount(10), 0);

        assertThat(Pricing.atMost(dear, Amount.credits(7)).steps())
                .containsExactly(
                        new Price.Step(Pricing.TIER_DISCOUNT, TEN, Amount.credits(9)),
                        new Price.Step(Pricing.QUOTE, Amount.credits(9), Amount.credits(7)));
        assertThat(Pricing.atMost(dear, Amount.credits(9))).isEqualTo(dear);
        assertThat(Pricing.atMost(dear, TEN)).isEqualTo(dear);
    }

    @Test
    void values_thatMakeNoSense_areRefused() {
        Price.Step step = new Price.Step("any", TEN, Amount.ZERO);

        refused(() -> new Price(TEN, Amount.credits(5), List.of()));
        refused(() -> new Price(TEN, Amount.credits(5), List.of(step)));
        refused(() -> new Price(TEN, Amount.credits(11), List.of()));
        refused(() -> Tariff.of(new Amount(-1)));
        refused(() -> Tariff.free(TEN).with(new DailyQuota(5, AfterQuota.REFUSE)));
        refused(() -> new DailyQuota(0, AfterQuota.REFUSE));
        refused(() -> new DailyQuota(DailyQuota.MOST + 1, AfterQuota.REFUSE));
        refused(() -> day(TODAY, 3, 3));
        refused(() -> day(TODAY, -1, 0));
        refused(() -> day(TODAY, 0, -1));
        refused(() -> new QuotaDay(EVA, "", TODAY, BERLIN, 5, 0, 0, true));
        refused(() -> new FreeRun(FRAME, TODAY, BERLIN, 0));
        refused(() -> AfterQuota.ofWord("later"));
    }

    @Test
    void words_ofWhatFollowsAQuota_areReadBack() {
        for (AfterQuota then : AfterQuota.values()) {
            assertThat(AfterQuota.ofWord(then.word())).isEqualTo(then);
        }
    }

    private static void refused(ThrowableAssert.ThrowingCallable wrong) {
        assertThatThrownBy(wrong).isInstanceOf(IllegalArgumentException.class);
    }

    private static Tariff quota(AfterQuota then) {
        return Tariff.of(TEN).with(new DailyQuota(5, then));
    }

    private static QuotaDay day(LocalDate date, int used, int held) {
        return new QuotaDay(EVA, FRAME, date, BERLIN, 5, used, held, true);
    }

    private static Toll toll(Tariff tariff, Perks perks, LocalDate today, QuotaDay... quotas) {
        return Pricing.toll(tariff, FRAME, new Buyer(perks, 0, today, BERLIN), List.of(quotas));
    }

    private static Price price(Tariff tariff, Perks perks, int percentOff) {
        Buyer buyer = new Buyer(perks, percentOff, TODAY, BERLIN);
        return ((Toll.Due) Pricing.toll(tariff, "any", buyer, List.of())).price();
    }

    private static Perks discount(int percent) {
        return new Perks(Optional.empty(), false, false, percent, true, OptionalInt.empty());
    }
}
