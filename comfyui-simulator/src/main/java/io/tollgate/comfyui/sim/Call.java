package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP call, read whole.
 *
 * @param query decoded; of a name that comes twice, the first value
 * @param headers by name in lower case
 */
record Call(String method, String path, Map<String, String> query, Map<String, String> headers, Bytes body) {

    @Nullable String query(String name) {
        return query.get(name);
    }

    @Nullable String header(String name) {
        return headers.get(name);
    }

    /** The body as JSON. Throws a {@link PythonError} if it is none. */
    JsonNode json() {
        return Json.read(body.array());
    }

    /** The path without the {@code /api} that every route also has. */
    String route() {
        return path.startsWith("/api/") && !path.startsWith("/api/jobs") ? path.substring(4) : path;
    }

    Route place() {
        String route = route();
        if (route.startsWith("/api/jobs")) {
            return method.equals("POST") ? Route.CANCEL : Route.JOBS;
        }
        if (method.equals("POST")) {
            return switch (route) {
                case "/prompt" -> Route.SUBMIT;
                case "/queue" -> Route.QUEUE_EDIT;
                case "/history" -> Route.HISTORY_EDIT;
                case "/interrupt" -> Route.INTERRUPT;
                case "/upload/image", "/upload/mask" -> Route.UPLOAD;
                default -> Route.OTHER;
            };
        }
        if (route.startsWith("/history")) {
            return Route.HISTORY;
        }
        if (route.startsWith("/object_info")) {
            return Route.ABOUT;
        }
        return switch (route) {
            case "/queue", "/prompt" -> Route.QUEUE;
            case "/view" -> Route.VIEW;
            case "/ws" -> Route.SOCKET;
            case "/system_stats", "/features" -> Route.ABOUT;
            default -> Route.OTHER;
        };
    }
}
