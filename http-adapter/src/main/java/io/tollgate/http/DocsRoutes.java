package io.tollgate.http;

import java.util.List;

/** The contract of this API: as it is written, as JSON, and as a page for people. */
final class DocsRoutes {
    List<Route> routes() {
        return List.of(
                Route.of(
                        "GET",
                        "/openapi.yaml",
                        Route.Access.OPEN,
                        call -> OpenApi.shipped().yaml()),
                Route.of(
                        "GET",
                        "/openapi.json",
                        Route.Access.OPEN,
                        call -> OpenApi.shipped().json()),
                Route.of(
                        "GET",
                        "/docs",
                        Route.Access.OPEN,
                        call -> OpenApi.shipped().page()));
    }
}
