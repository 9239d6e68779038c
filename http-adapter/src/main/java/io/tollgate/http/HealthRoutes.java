package io.tollgate.http;

import java.util.List;
import java.util.Map;

/** Whether it lives and is of use. */
final class HealthRoutes {
    private final Readiness readiness;

    HealthRoutes(Readiness readiness) {
        this.readiness = readiness;
    }

    private record Ready(String status, Map<String, String> checks) {}

    List<Route> routes() {
        return List.of(
                Route.of("GET", "/healthz", Route.Access.OPEN, call -> Answer.ok(Map.of("status", "ok"))),
                Route.of("GET", "/readyz", Route.Access.OPEN, call -> ready()));
    }

    private Answer ready() {
        Readiness.State state = readiness.state();
        return new Answer.Json(
                state.ready() ? 200 : 503, new Ready(state.ready() ? "ready" : "not_ready", state.checks()), Map.of());
    }
}
