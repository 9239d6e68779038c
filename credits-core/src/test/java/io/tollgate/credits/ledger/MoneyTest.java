package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MoneyTest {
    @ParameterizedTest
    @CsvSource({
        "4.99 EUR, 499, EUR, 4.99 EUR",
        "5 EUR, 500, EUR, 5.00 EUR",
        "  4.9   eur , 490, EUR, 4.90 EUR",
        "250 XTR, 250, XTR, 250 XTR",
        "700 JPY, 700, JPY, 700 JPY",
        "1.234 KWD, 1234, KWD, 1.234 KWD",
        "0 USD, 0, USD, 0.00 USD",
        "92233720368547758.07 USD, 9223372036854775807, USD, 92233720368547758.07 USD",
    })
    void parse_ofAmountAndCurrency_countsTheSmallestCoin(String text, long minorUnits, String currency, String shown) {
        Money money = Money.parse(text);

        assertThat(money).isEqualTo(new Money(minorUnits, currency));
        assertThat(money).hasToString(shown);
        assertThat(Money.parse(money.toString())).isEqualTo(money);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "4.99",
                "EUR",
                "4.99EUR",
                "4,99 EUR",
                "4.999 EUR",
                "1.5 XTR",
                "1.5 JPY",
                "-1 EUR",
                "1e3 EUR",
                "4.99 EURO",
                "4.99 XXX",
                "4.99 ABC",
                "4.99 E1R",
                "92233720368547758.08 USD",
                "9223372036854775807 USD",
            })
    void parse_ofAnythingElse_isRefused(String text) {
        assertThatThrownBy(() -> Money.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void money_belowZeroOrInNoCurrency_isRefused() {
        assertThatThrownBy(() -> new Money(-1, "EUR")).hasMessageContaining("negative");
        assertThatThrownBy(() -> new Money(1, "eur")).hasMessageContaining("three upper-case letters");
        assertThatThrownBy(() -> new Money(1, "XAU")).hasMessageContaining("nobody pays in");
    }
}
