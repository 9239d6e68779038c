package io.tollgate.app.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A path of the server's with its query. Immutable.
 *
 * @param path encoded, begins with a slash
 */
public record Route(String path, Map<String, String> query) {
    private static final String API = "/api/v2";
    private static final String ADMIN = "/api/admin";

    public Route {
        query = Map.copyOf(query);
    }

    /** What users ask. */
    public static Route api(Object... segments) {
        return new Route(API + joined(segments), Map.of());
    }

    /** What operators ask. */
    public static Route admin(Object... segments) {
        return new Route(ADMIN + joined(segments), Map.of());
    }

    /** The same with one more word of the query; an empty one is left out. */
    public Route with(String name, Object value) {
        String text = String.valueOf(value);
        if (text.isEmpty()) {
            return this;
        }
        Map<String, String> more = new LinkedHashMap<>(query);
        more.put(name, text);
        return new Route(path, more);
    }

    private static String joined(Object... segments) {
        StringBuilder path = new StringBuilder();
        for (Object segment : segments) {
            String text = String.valueOf(segment);
            if (text.isEmpty() || text.equals(".") || text.equals("..")) {
                throw new IllegalArgumentException("'" + text + "' can't be asked of a server");
            }
            path.append('/').append(encoded(text));
        }
        return path.toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return query.isEmpty()
                ? path
                : path
                        + query.entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .map(word -> encoded(word.getKey()) + "=" + encoded(word.getValue()))
                                .collect(Collectors.joining("&", "?", ""));
    }
}
