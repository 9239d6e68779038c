package io.tollgate.bench.comfyui;

import io.tollgate.comfyui.sim.Arrival;
import io.tollgate.comfyui.sim.Execution;
import io.tollgate.comfyui.sim.Route;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How long a server had nothing to do between two jobs, and why, by what the server saw. */
final class Gaps {
    private Gaps() {}

    /** One wait of the server, from the end of a job to the start of the next, and what happened between. */
    record Parts(double look, double claim, double post, double start) {
        static final List<String> WORDS =
                List.of("end to look at history", "to durable claim", "to POST /prompt", "to start");

        List<Double> millis() {
            return List.of(look, claim, post, start);
        }
    }

    /**
     * The waits between neighbors, in ms.
     *
     * @param executions in the order of their starts, all ended
     */
    static List<Double> between(List<Execution> executions) {
        List<Double> gaps = new ArrayList<>();
        for (int i = 1; i < executions.size(); i++) {
            gaps.add(
                    millis(executions.get(i - 1).endedNanos(), executions.get(i).startedNanos()));
        }
        return gaps;
    }

    /**
     * What the waits consist of, where all steps of one were seen.
     *
     * @param claimedAt when the claim of a run was durable, by run id
     */
    static List<Parts> parts(List<Execution> executions, List<Arrival> arrivals, Map<String, Long> claimedAt) {
        Map<String, Long> looks = first(arrivals, Route.HISTORY);
        Map<String, Long> posts = first(arrivals, Route.SUBMIT);
        List<Parts> parts = new ArrayList<>();
        for (int i = 1; i < executions.size(); i++) {
            Execution before = executions.get(i - 1);
            Execution next = executions.get(i);
            Long look = looks.get(before.promptId());
            Long claim = claimedAt.get(next.promptId());
            Long post = posts.get(next.promptId());
            if (look != null && claim != null && post != null) {
                parts.add(new Parts(
                        millis(before.endedNanos(), look),
                        millis(look, claim),
                        millis(claim, post),
                        millis(post, next.startedNanos())));
            }
        }
        return parts;
    }

    /**
     * How many outputs were fetched before the next prompt was posted.
     *
     * @param fileOf how the name of a run's output begins
     */
    static int fetchedEarly(List<Execution> executions, List<Arrival> arrivals, Map<String, String> fileOf) {
        Map<String, Long> posts = first(arrivals, Route.SUBMIT);
        int early = 0;
        for (int i = 1; i < executions.size(); i++) {
            String file = fileOf.get(executions.get(i - 1).promptId());
            Long post = posts.get(executions.get(i).promptId());
            Optional<Arrival> view = arrivals.stream()
                    .filter(arrival -> arrival.route() == Route.VIEW)
                    .filter(arrival -> arrival.subject().filter(begins(file)).isPresent())
                    .findFirst();
            if (post != null && view.isPresent() && view.get().atNanos() - post < 0) {
                early++;
            }
        }
        return early;
    }

    private static Predicate<String> begins(@Nullable String prefix) {
        return name -> prefix != null && name.startsWith(prefix);
    }

    private static Map<String, Long> first(List<Arrival> arrivals, Route route) {
        Map<String, Long> first = new LinkedHashMap<>();
        arrivals.stream()
                .filter(arrival -> arrival.route() == route)
                .forEach(arrival -> arrival.subject().ifPresent(id -> first.putIfAbsent(id, arrival.atNanos())));
        return first;
    }

    private static double millis(long from, long to) {
        return (to - from) / 1e6;
    }
}
