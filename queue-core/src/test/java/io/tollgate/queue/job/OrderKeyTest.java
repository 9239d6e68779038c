package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OrderKeyTest {
    @Test
    void compareTo_shuffledKeys_goByRankPriorityOrderAndSequence() {
        List<OrderKey> inOrder = List.of(
                OrderKey.of(Lane.REGULAR, true, -5, 900, 7),
                OrderKey.of(Lane.VIP, true, 99, 1, 8),
                OrderKey.of(Lane.VIP, false, 1, 50, 50),
                OrderKey.of(Lane.VIP, false, 0, 2, 60),
                OrderKey.of(Lane.VIP, false, -1, 1, 1),
                OrderKey.of(Lane.REGULAR, false, Integer.MAX_VALUE, 9, 9),
                OrderKey.of(Lane.REGULAR, false, 0, 3, 40),
                OrderKey.of(Lane.REGULAR, false, 0, 4, 20),
                OrderKey.of(Lane.REGULAR, false, 0, 4, 21),
                OrderKey.of(Lane.REGULAR, false, Integer.MIN_VALUE, 0, 0),
                OrderKey.of(Lane.RELAXED, false, 100, 0, 2));
        List<OrderKey> shuffled = new ArrayList<>(inOrder);
        Collections.shuffle(shuffled, new Random(1));

        Collections.sort(shuffled);

        assertThat(shuffled).isEqualTo(inOrder);
    }

    @Test
    void of_promoted_goesBySequenceAlone() {
        OrderKey key = OrderKey.of(Lane.REGULAR, true, 9, 1234, 56);

        assertThat(key).isEqualTo(new OrderKey(OrderKey.PROMOTED, 0, 56, 56));
        assertThat(key.isPromoted()).isTrue();
        assertThat(OrderKey.of(Lane.VIP, false, 9, 56, 56).isPromoted()).isFalse();
    }

    @Test
    void of_promotedFromAnUnpaidLane_isRefused() {
        assertThatThrownBy(() -> OrderKey.of(Lane.RELAXED, true, 0, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RELAXED");
    }

    @Test
    void orderKey_outOfRange_isRefused() {
        assertThatThrownBy(() -> new OrderKey(4, 0, 1, 1)).hasMessageContaining("rank");
        assertThatThrownBy(() -> new OrderKey(1, 0, 1, -1)).hasMessageContaining("seq");
        assertThatThrownBy(() -> new OrderKey(0, 1, 1, 1)).hasMessageContaining("promoted");
        assertThatThrownBy(() -> new OrderKey(0, 0, 2, 1)).hasMessageContaining("promoted");
    }
}
