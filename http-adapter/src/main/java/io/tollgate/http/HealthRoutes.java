package io.tollgate.http;

import io.tollgate.queue.access.Scope;
import java.util.List;
import java.util.Map;

/** Whether it lives and is of use. */
final class HealthRoutes {
    private final Readiness readiness;
    private final Services services;

    HealthRoutes(Readiness readiness, Services services) {
        this.readiness = readiness;
        this.services = services;
    }

    private record Ready(String status, Map<String, String> checks) {}

    List<Route> routes() {
        return List.of(
                Route.of("GET", "/healthz", Route.Access.OPEN, call -> Answer.ok(Map.of("status", "ok"))),
                Route.of("GET", "/readyz", Route.Access.OPEN, call -> ready()),
                Route.of("GET", "/metrics", Route.Access.OPEN, this::metrics));
    }

    /** Open, or for operators: where a server listens to a network, its numbers are not everybody's. */
    private Answer metrics(Call call) {
        Measurements measured = services.measurements()
                .orElseThrow(() -> new ProblemException(Problem.notFound("nothing is measured here")));
        boolean allowed = measured.open() || services.keyOf(call, Scope.ADMIN).isPresent();
        if (!allowed) {
            throw new ProblemException(
                    Problem.of(401, "unauthorized", "this needs a key with the scope '" + Scope.ADMIN.word() + "'"));
        }
        return new Answer.Bytes(measured.contentType(), measured.page().get());
    }

    private Answer ready() {
        Readiness.State state = readiness.state();
        return new Answer.Json(
                state.ready() ? 200 : 503, new Ready(state.ready() ? "ready" : "not_ready", state.checks()), Map.of());
    }
}
