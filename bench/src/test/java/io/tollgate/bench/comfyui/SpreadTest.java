package io.tollgate.bench.comfyui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SpreadTest {
    @Test
    void at_hundredValues_isTheNearestRank() {
        Spread spread = Spread.of(IntStream.rangeClosed(1, 100)
                .mapToObj(value -> (double) (101 - value))
                .toList());

        assertThat(spread.at(0.5)).isEqualTo(50);
        assertThat(spread.at(0.9)).isEqualTo(90);
        assertThat(spread.at(0.99)).isEqualTo(99);
        assertThat(spread.at(1)).isEqualTo(100);
        assertThat(spread.most()).isEqualTo(100);
    }

    @Test
    void median_evenCount_liesBetweenTheMiddleOnes() {
        assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 9.0)).median()).isEqualTo(3);
        assertThat(Spread.of(List.of(4.0, 1.0, 9.0)).median()).isEqualTo(4);
    }

    @Test
    void told_severalValues_namesMedianLeastAndMost() {
        assertThat(Spread.of(List.of(3.0, 1.04, 2500.0)).told()).isEqualTo("3.0 (1.0 to 2,500)");
        assertThat(Spread.of(List.of(0.25)).told()).isEqualTo("0.3");
    }

    @Test
    void of_nothing_isRefused() {
        assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
