package io.tollgate.credits.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Price;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PricingTest {
    private static final Amount TEN = Amount.credits(10);

    @Test
    void price_withoutPerks_isTheListPrice() {
        assertThat(Pricing.price(TEN, false, Perks.NONE, 0)).isEqualTo(new Price(TEN, TEN, List.of()));
    }

    @Test
    void price_ofAFreeWorkflow_isNothingForAnybody() {
        for (String tier : Tiers.SHIPPED.names()) {
            Price price = Pricing.price(TEN, true, Tiers.SHIPPED.tier(tier).perks(), 0);

            assertThat(price.net()).isEqualTo(Amount.ZERO);
            assertThat(price.subsidy()).isEqualTo(TEN);
            assertThat(price.steps()).containsExactly(new Price.Step(Pricing.FREE_WORKFLOW, TEN, Amount.ZERO));
        }
    }

    @Test
    void price_forATierFreeOfCharge_isNothing() {
        Price price = Pricing.price(TEN, false, Tiers.SHIPPED.tier("gold").perks(), 0);

        assertThat(price)
                .isEqualTo(new Price(TEN, Amount.ZERO, List.of(new Price.Step(Pricing.TIER_WAIVER, TEN, Amount.ZERO))));
    }

    @ParameterizedTest
    @CsvSource({"120, 30, 84", "0.99, 50, 0.5", "0.01, 99, 0.01", "1, 5, 0.95", "1, 100, 0", "0, 50, 0"})
    void price_withADiscount_roundsTheDiscountDown(String list, int percent, String net) {
        Price price = Pricing.price(Amount.parse(list), false, discount(percent), 0);

        assertThat(price.net()).isEqualTo(Amount.parse(net));
        assertThat(price.steps())
                .containsExactly(new Price.Step(Pricing.TIER_DISCOUNT, Amount.parse(list), Amount.parse(net)));
    }

    @Test
    void price_ofTheLargestAmount_doesNotOverflow() {
        Amount most = new Amount(Long.MAX_VALUE);

        assertThat(Pricing.price(most, false, discount(50), 0).net()).isEqualTo(new Amount(Long.MAX_VALUE / 2 + 1));
    }

    @Test
    void price_withADraw_isLessTheTiersDiscountFirst() {
        Price price = Pricing.price(Amount.credits(120), false, discount(10), 30);

        assertThat(price.steps())
                .containsExactly(
                        new Price.Step(Pricing.TIER_DISCOUNT, Amount.credits(120), Amount.credits(108)),
                        new Price.Step(Pricing.LUCKY_DRAW, Amount.credits(108), Amount.parse("75.6")));
        assertThat(Pricing.price(Amount.credits(120), false, Perks.NONE, 30).net())
                .isEqualTo(Amount.credits(84));
        assertThat(Pricing.price(Amount.credits(5), true, Perks.NONE, 30).steps())
                .extracting(Price.Step::rule)
                .containsExactly(Pricing.FREE_WORKFLOW);
    }

    @Test
    void price_whoseStepsDoNotLeadToIt_isRefused() {
        Price.Step step = new Price.Step("any", TEN, Amount.ZERO);

        assertThatThrownBy(() -> new Price(TEN, Amount.credits(5), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Price(TEN, Amount.credits(5), List.of(step)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Price(TEN, Amount.credits(11), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Pricing.price(new Amount(-1), false, Perks.NONE, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Perks discount(int percent) {
        return new Perks(Optional.empty(), false, false, percent, true, OptionalInt.empty());
    }
}
