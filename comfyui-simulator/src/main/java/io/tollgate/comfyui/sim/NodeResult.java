package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node gives.
 *
 * @param slots one value for each of its outputs; a list where the output is declared as one
 * @param ui what it shows to users, which is also what the history keeps; null if it shows nothing
 */
record NodeResult(List<Object> slots, @Nullable ObjectNode ui) {

    NodeResult {
        slots = List.copyOf(slots);
    }

    static NodeResult of(Object... slots) {
        return new NodeResult(List.of(slots), null);
    }

    static NodeResult shown(ObjectNode ui, Object... slots) {
        return new NodeResult(List.of(slots), ui);
    }
}
