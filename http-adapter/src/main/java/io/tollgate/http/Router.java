package io.tollgate.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Finds the route of a call. Immutable. */
final class Router {
    private final Map<Integer, List<Entry>> bySize = new HashMap<>();
    private final List<Route> routes;

    private record Entry(Route route, List<String> segments) {}

    /** What was found. */
    sealed interface Found {
        /** A route, and what stands in its braces. */
        record Match(Route route, Map<String, String> path) implements Found {}

        /** The path is known, with other methods. */
        record OtherMethod(Set<String> allowed) implements Found {}

        /** There is no such path. */
        record Nothing() implements Found {}
    }

    Router(List<Route> routes) {
        this.routes = List.copyOf(routes);
        for (Route route : routes) {
            List<String> segments = route.segments();
            List<Entry> same = bySize.computeIfAbsent(segments.size(), size -> new ArrayList<>());
            Entry entry = new Entry(route, segments);
            boolean open = segments.stream().anyMatch(Router::isOpen);
            same.add(open ? same.size() : 0, entry); // what is written out goes before what stands for anything
        }
    }

    List<Route> routes() {
        return routes;
    }

    /** @param path decoded, beginning with a slash */
    Found find(String method, String path) {
        List<String> asked = segments(path);
        Set<String> allowed = new TreeSet<>();
        for (Entry entry : bySize.getOrDefault(asked.size(), List.of())) {
            if (matches(entry.segments(), asked)) {
                if (entry.route().method().equals(method)) {
                    return new Found.Match(entry.route(), values(entry.segments(), asked));
                }
                allowed.add(entry.route().method());
            }
        }
        if (allowed.isEmpty()) {
            return new Found.Nothing();
        }
        if (method.equals("HEAD") && allowed.contains("GET")) {
            return find("GET", path);
        }
        return new Found.OtherMethod(allowed);
    }

    static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    private static boolean isOpen(String segment) {
        return segment.startsWith("{");
    }

    private static boolean matches(List<String> template, List<String> asked) {
        for (int i = 0; i < template.size(); i++) {
            boolean fits = isOpen(template.get(i))
                    ? !asked.get(i).isEmpty()
                    : template.get(i).equals(asked.get(i));
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, String> values(List<String> template, List<String> asked) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < template.size(); i++) {
            String segment = template.get(i);
            if (isOpen(segment)) {
                values.put(segment.substring(1, segment.length() - 1), asked.get(i));
            }
        }
        return values;
    }
}
