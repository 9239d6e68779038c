package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AmountTest {
    @ParameterizedTest
    @CsvSource({"9.5, 950", "0, 0", "-0.01, -1", "12.00, 1200", "1e2, 10000", "' 7 ', 700"})
    void parse_decimal_givesHundredths(String text, long hundredths) {
        assertThat(Amount.parse(text)).isEqualTo(new Amount(hundredths));
        assertThat(Amount.parse(Amount.parse(text).toString())).isEqualTo(new Amount(hundredths));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1.001", "NaN", "92233720368547758.08", "1e999999999"})
    void parse_whatIsNoAmount_isRefused(String text) {
        assertThatThrownBy(() -> Amount.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"950, 9.5", "900, 9", "905, 9.05", "0, 0", "-10, -0.1"})
    void toCredits_showsNoIdleDigits(long hundredths, String text) {
        assertThat(new Amount(hundredths).toCredits()).isEqualTo(new BigDecimal(text));
    }

    @Test
    void arithmetic_beyondTheRange_throws() {
        Amount most = new Amount(Long.MAX_VALUE);

        assertThatThrownBy(() -> most.plus(new Amount(1))).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> new Amount(-2).minus(most)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> new Amount(Long.MIN_VALUE).negated()).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> Amount.credits(Long.MAX_VALUE / 10)).isInstanceOf(ArithmeticException.class);
    }

    static LongStream seeds() {
        return LongStream.of(1, 2, new Random().nextLong());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void portion_ofAnyAmount_isTheExactShareRoundedDown(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            long amount = random.nextLong() >> random.nextInt(64);
            int of = 1 + (random.nextInt(Integer.MAX_VALUE) >> random.nextInt(31));
            int parts = (int) random.nextLong(of + 1L);
            BigDecimal product = new BigDecimal(BigInteger.valueOf(amount).multiply(BigInteger.valueOf(parts)));
            BigDecimal share = product.divide(BigDecimal.valueOf(of), 0, RoundingMode.FLOOR);

            assertThat(new Amount(amount).portion(parts, of))
                    .as("%d * %d / %d", amount, parts, of)
                    .isEqualTo(new Amount(share.longValueExact()));
        }
    }

    @Test
    void portion_ofMoreThanAll_isRefused() {
        assertThatThrownBy(() -> Amount.ZERO.portion(3, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Amount.ZERO.portion(-1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Amount.ZERO.portion(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
