package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.ledger.LuckyDraw.Prize;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LuckyDrawTest {
    @ParameterizedTest
    @CsvSource({
        "0, SSR, 50",
        "499, SSR, 50",
        "500, SR, 30",
        "1999, SR, 30",
        "2000, R, 15",
        "4999, R, 15",
        "5000, C, 5",
        "9999, C, 5"
    })
    void prize_ofARoll_isTheOneWhoseTurnItIs(int roll, String name, int percentOff) {
        Prize prize = LuckyDraw.SHIPPED.prize(roll);

        assertThat(prize.name()).isEqualTo(name);
        assertThat(prize.percentOff()).isEqualTo(percentOff);
    }

    @Test
    void shipped_takesFourteenPercentOffOnAverage() {
        assertThat(IntStream.range(0, LuckyDraw.OUTCOMES)
                        .map(roll -> LuckyDraw.SHIPPED.prize(roll).percentOff())
                        .average())
                .hasValue(14.0);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 10_000})
    void prize_ofNoRoll_isRefused(int roll) {
        assertThatThrownBy(() -> LuckyDraw.SHIPPED.prize(roll)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void draw_thatDoesNotAddUp_isRefused() {
        Prize half = new Prize("half", 5_000, 10);
        assertThatThrownBy(() -> new LuckyDraw(List.of(half)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not 5000");
        assertThatThrownBy(() -> new LuckyDraw(List.of(half, half))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Prize("no word", 1, 10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Prize("a", 0, 10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Prize("a", 1, 101)).isInstanceOf(IllegalArgumentException.class);
    }
}
