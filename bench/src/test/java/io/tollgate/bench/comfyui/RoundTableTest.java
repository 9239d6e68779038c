package io.tollgate.bench.comfyui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class RoundTableTest {
    private final RoundTable table = new RoundTable("gap (ms)", "p50", "p90");

    @Test
    void text_severalRounds_hasRowsInTheirOrderAndEmptyCells() {
        table.add("websocket", "p50", 1.5);
        table.add("Tollgate", "p50", 4);
        table.add("Tollgate", "p50", 6);
        table.add("Tollgate", "p90", 9);
        table.add("Tollgate", "p50", 5);

        assertThat(table.text()).isEqualTo("""
                | gap (ms) | p50 | p90 |
                |---|---:|---:|
                | websocket | 1.5 |  |
                | Tollgate | 5.0 (4.0 to 6.0) | 9.0 |
                """);
    }

    @Test
    void add_unknownColumn_isRefused() {
        assertThatThrownBy(() -> table.add("Tollgate", "p99", 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
