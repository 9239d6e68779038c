package io.tollgate.bench.comfyui;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.tollgate.comfyui.sim.Arrival;
import io.tollgate.comfyui.sim.Execution;
import io.tollgate.comfyui.sim.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GapsTest {
    private static final List<Execution> RAN =
            List.of(execution("a", 100, 200), execution("b", 215, 300), execution("c", 340, 400));

    private static Execution execution(String id, long startMillis, long endMillis) {
        return new Execution(
                id,
                Optional.empty(),
                MissingNode.getInstance(),
                0,
                1,
                false,
                startMillis * 1_000_000,
                endMillis * 1_000_000,
                Execution.Ending.SUCCEEDED);
    }

    private static Arrival arrival(Route route, String subject, long millis) {
        return new Arrival(route, Optional.of(subject), millis * 1_000_000);
    }

    @Test
    void between_neighbors_isFromEndToStart() {
        assertThat(Gaps.between(RAN)).containsExactly(15.0, 40.0);
    }

    @Test
    void parts_allSeen_addUpToTheGap() {
        List<Arrival> arrivals = List.of(
                arrival(Route.HISTORY, "a", 201),
                arrival(Route.HISTORY, "a", 203),
                arrival(Route.SUBMIT, "b", 210),
                arrival(Route.VIEW, "a_1.png", 212));

        List<Gaps.Parts> parts = Gaps.parts(RAN, arrivals, Map.of("b", 207_000_000L, "c", 320_000_000L));

        assertThat(parts).containsExactly(new Gaps.Parts(1, 6, 3, 5)); // of b to c nobody saw the look
        assertThat(parts.get(0).millis().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isEqualTo(15);
    }

    @Test
    void fetchedEarly_oneBeforeTheNextPost_isCounted() {
        Map<String, String> files = Map.of("a", "a_", "b", "b_");
        List<Arrival> arrivals = List.of(
                arrival(Route.SUBMIT, "b", 210),
                arrival(Route.VIEW, "a_1.png", 212),
                arrival(Route.VIEW, "b_1.png", 305),
                arrival(Route.SUBMIT, "c", 310));

        assertThat(Gaps.fetchedEarly(RAN, arrivals, files)).isEqualTo(1);
    }
}
