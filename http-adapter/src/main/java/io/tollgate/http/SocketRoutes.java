package io.tollgate.http;

import io.tollgate.queue.access.Scope;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;

/** The WebSocket that tells a user of their jobs. */
final class SocketRoutes {
    static final String PATH = Paths.API + "/ws";

    private final List<Pattern> origins;

    /** @param origins patterns of the origins whose pages may open it, besides pages of this server */
    SocketRoutes(Set<String> origins) {
        this.origins = origins.stream().map(Pattern::compile).toList();
    }

    List<Route> routes() {
        return List.of(Route.of("GET", PATH, Route.Access.of(Scope.JOBS), this::open));
    }

    private Answer open(Call call) {
        call.header(HttpHeader.ORIGIN.asString())
                .filter(origin -> !isAllowed(origin, call.header(HttpHeader.HOST.asString())))
                .ifPresent(origin -> {
                    throw new ProblemException(
                            Problem.of(403, "forbidden", "pages of this origin may not open a WebSocket here"));
                });
        boolean upgrade = call.request().getHeaders().contains(HttpHeader.UPGRADE, "websocket");
        if (!upgrade) {
            throw new ProblemException(Problem.of(426, "upgrade_required", "this is a WebSocket: ask for an upgrade"));
        }
        return new Answer.Socket(call.key());
    }

    private boolean isAllowed(String origin, Optional<String> host) {
        boolean own = host.map(
                        name -> origin.equalsIgnoreCase("https://" + name) || origin.equalsIgnoreCase("http://" + name))
                .orElse(false);
        return own
                || origins.stream().anyMatch(pattern -> pattern.matcher(origin).matches());
    }
}
