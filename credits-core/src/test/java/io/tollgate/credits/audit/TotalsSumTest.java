package io.tollgate.credits.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Books;
import io.tollgate.credits.ledger.Price;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TotalsSumTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 22);
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void split_ofAnyPartOfAnyPrice_addsUpExactly(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            Amount list = new Amount(random.nextLong(seed == 8 ? Long.MAX_VALUE : 1_000));
            Amount net = list;
            List<Price.Step> steps = new ArrayList<>();
            for (int step = random.nextInt(5); step > 0; step--) {
                Amount after = new Amount(random.nextLong(net.hundredths() + 1));
                steps.add(new Price.Step("rule-" + step, net, after));
                net = after;
            }
            Price price = new Price(list, net, steps);
            Amount part = new Amount(random.nextLong(list.hundredths() + 1));

            Map<String, Amount> parts = TotalsSum.split(part, Optional.of(price));

            assertThat(Amount.sum(parts.values())).as("%s of %s", part, price).isEqualTo(part);
            assertThat(parts.values()).as("%s of %s", part, price).allMatch(Amount::isPositive);
            for (Price.Step step : steps) {
                assertThat(parts.getOrDefault(step.rule(), Amount.ZERO))
                        .as("no rule pays more than it took off")
                        .isLessThanOrEqualTo(step.before().minus(step.after()));
            }
        }
    }

    @Test
    void split_ofTheWhole_isWhatEachRuleTookOff() {
        Price price = new Price(
                new Amount(1_000),
                new Amount(600),
                List.of(
                        new Price.Step("free-quota", new Amount(1_000), new Amount(999)),
                        new Price.Step("our-loss", new Amount(999), new Amount(600))));

        assertThat(TotalsSum.split(new Amount(400), Optional.of(price)))
                .isEqualTo(Map.of("free-quota", new Amount(1), "our-loss", new Amount(399)));
        assertThat(TotalsSum.split(new Amount(450), Optional.of(price))).containsEntry(Price.AGREED, new Amount(50));
        assertThat(TotalsSum.split(new Amount(7), Optional.empty())).isEqualTo(Map.of(Price.AGREED, new Amount(7)));
    }

    @Test
    void totals_ofAPostingThatIsNotBalanced_sayWhichDay() {
        TotalsSum sum = new TotalsSum(DAY, DAY.plusDays(1), ZoneOffset.UTC);
        sum.add(NOON, Map.of(Book.AVAILABLE, new Amount(500), Book.ISSUED_PAID, new Amount(-400)), Optional.empty());

        assertThat(sum.totals(new Books(new Amount(500), Amount.ZERO, Amount.ZERO))
                        .problems())
                .containsExactly("on 2026-11-22 what users have changed by 5, but what happened makes 4");
    }

    @Test
    void totals_whenAccountsHaveAnother_saySo() {
        TotalsSum sum = new TotalsSum(DAY, DAY, ZoneOffset.UTC);
        sum.addOutside(Instant.MIN, Book.AVAILABLE, new Amount(500));

        assertThat(sum.totals(Books.NONE).problems())
                .hasSize(1)
                .first()
                .asString()
                .contains("accounts");
    }
}
