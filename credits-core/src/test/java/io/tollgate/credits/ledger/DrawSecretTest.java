package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DrawSecretTest {
    private static final DrawSecret.Secret SECRET =
            new DrawSecret.Secret("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    /** As the guide says: openssl made these. */
    @Test
    void roll_ofAKnownSecret_isWhatOthersCalculate() {
        DrawSecret day = new DrawSecret(LocalDate.parse("2026-11-22"), SECRET, Instant.EPOCH);

        assertThat(SECRET.hash()).isEqualTo("630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd");
        assertThat(day.roll(new UserId("eva"))).isEqualTo(3948);
        assertThat(day.roll(new UserId("tg:42"))).isEqualTo(2071);
    }

    @Test
    void roll_ofManyUsers_isSpreadEvenly() {
        DrawSecret day =
                new DrawSecret(LocalDate.parse("2026-11-22"), DrawSecret.Secret.from(new Random(7)), Instant.EPOCH);
        int[] counts = new int[10];
        for (int i = 0; i < 10_000; i++) {
            counts[day.roll(new UserId("u" + i)) / 1_000]++;
        }

        assertThat(Arrays.stream(counts)).allSatisfy(count -> assertThat(count).isBetween(880, 1_120));
    }

    @Test
    void toString_never_showsTheSecret() {
        assertThat(new DrawSecret(LocalDate.EPOCH, SECRET, Instant.EPOCH).toString())
                .doesNotContain(SECRET.hex())
                .contains(SECRET.hash());
        assertThatThrownBy(() -> new DrawSecret.Secret("0F".repeat(32)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("0F");
    }
}
