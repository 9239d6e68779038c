package io.tollgate.app.comfy;

import io.tollgate.comfyui.sim.Execution;
import io.tollgate.queue.job.Attempt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the servers really ran for Tollgate, by the run it was for: that is what Tollgate wrote into the prompt, since
 * old servers give ids of their own. Immutable.
 */
final class Runs {
    /**
     * A run that a server's worker really began.
     *
     * @param label the run id that Tollgate chose
     */
    record Ran(Servers.Server server, Execution execution, String label) {}

    private final List<Ran> all = new ArrayList<>();
    private final Map<String, List<Ran>> byLabel = new HashMap<>();
    private final Map<String, String> labels = new HashMap<>();

    Runs(Servers servers) {
        for (Servers.Server server : servers.all().values()) {
            for (Execution execution : server.simulator().executions()) {
                if (!execution.foreign()) {
                    Ran ran = new Ran(
                            server,
                            execution,
                            execution.extraData().path("tollgate").path("run").asText(execution.promptId()));
                    all.add(ran);
                    byLabel.computeIfAbsent(ran.label(), first -> new ArrayList<>())
                            .add(ran);
                    labels.put(execution.promptId(), ran.label());
                }
            }
        }
    }

    List<Ran> all() {
        return all;
    }

    /** What was run for an attempt, whichever id it is known by now. */
    List<Ran> of(Attempt attempt) {
        String id = attempt.runId().toString();
        return byLabel.getOrDefault(labels.getOrDefault(id, id), List.of());
    }

    /** All ids by which its server may have known an attempt. */
    Set<String> idsOf(Attempt attempt) {
        Set<String> ids = new HashSet<>(Set.of(attempt.runId().toString()));
        of(attempt).forEach(ran -> {
            ids.add(ran.label());
            ids.add(ran.execution().promptId());
        });
        return ids;
    }

    /** Runs that were begun more than once, by label. */
    Map<String, List<Ran>> repeated() {
        Map<String, List<Ran>> repeated = new HashMap<>(byLabel);
        repeated.values().removeIf(runs -> runs.size() < 2);
        return repeated;
    }
}
