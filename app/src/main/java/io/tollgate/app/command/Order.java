package io.tollgate.app.command;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One job that is asked for.
 *
 * @param workflow a name in the catalogue; not looked at with a graph
 * @param inputs what is typed, without files
 * @param files what files bring; all of them were looked at
 * @param graph a graph of the user's own, in place of a workflow
 */
record Order(
        String workflow,
        Map<String, String> inputs,
        Map<String, List<Path>> files,
        Optional<String> graph,
        Optional<String> idempotencyKey,
        Optional<String> quote,
        int priority,
        List<String> tags) {
    Order {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
        tags = List.copyOf(tags);
    }
}
