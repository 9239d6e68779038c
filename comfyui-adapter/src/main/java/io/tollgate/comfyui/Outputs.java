package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.media.ContentTypes;
import io.tollgate.queue.media.FileNames;
import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds what a run made in the outputs of its history entry: whatever node and key they stand under, everything that
 * looks like a file is one, and texts are texts. All names come from the server and may be hostile.
 */
final class Outputs {
    private static final int MOST = 1_000;
    private static final int LONGEST_NAME = 4_096;
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("png", "image/png"),
            Map.entry("apng", "image/apng"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("webp", "image/webp"),
            Map.entry("gif", "image/gif"),
            Map.entry("avif", "image/avif"),
            Map.entry("mp4", "video/mp4"),
            Map.entry("webm", "video/webm"),
            Map.entry("mov", "video/quicktime"),
            Map.entry("mkv", "video/x-matroska"),
            Map.entry("wav", "audio/wav"),
            Map.entry("mp3", "audio/mpeg"),
            Map.entry("ogg", "audio/ogg"),
            Map.entry("opus", "audio/ogg"),
            Map.entry("flac", "audio/flac"),
            Map.entry("glb", "model/gltf-binary"),
            Map.entry("gltf", "model/gltf+json"),
            Map.entry("obj", "model/obj"),
            Map.entry("txt", "text/plain"),
            Map.entry("json", "application/json"));

    private final ComfyHttp http;

    Outputs(ComfyHttp http) {
        this.http = http;
    }

    private record Found(Produced produced, boolean temporary) {}

    /** A file at the server. */
    private record Place(String filename, String subfolder, String type) {
        /** The query that brings it, from {@code /view} on. */
        String query() {
            return "/view?filename=" + encoded(filename) + "&subfolder=" + encoded(subfolder) + "&type="
                    + encoded(type);
        }

        private static String encoded(String text) {
            // a lone half of a character becomes a question mark, and such a file isn't found
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
    }

    /**
     * What a run made, in the server's order. Files of previews count only if there are no others.
     *
     * @param counts tells the nodes whose outputs count
     */
    List<Produced> read(JsonNode outputs, Predicate<String> counts) {
        List<Found> found = new ArrayList<>();
        Set<Place> seen = new HashSet<>();
        for (var node : outputs.properties()) {
            if (counts.test(node.getKey())) {
                for (var list : node.getValue().properties()) {
                    read(node.getKey(), list.getKey(), list.getValue(), found, seen);
                }
            }
        }
        boolean kept = found.stream().anyMatch(one -> !one.temporary());
        return found.stream()
                .filter(one -> !kept || !one.temporary())
                .limit(MOST)
                .map(Found::produced)
                .toList();
    }

    private void read(String node, String key, JsonNode list, List<Found> found, Set<Place> seen) {
        for (JsonNode item : list) { // of what is no list or object, there is nothing
            if (item.isObject() && item.path("filename").isTextual()) {
                Place place = new Place(
                        item.path("filename").asText(),
                        item.path("subfolder").asText(""),
                        item.path("type").asText("output"));
                boolean sane = !place.filename().isEmpty()
                        && place.filename().length() + place.subfolder().length() <= LONGEST_NAME
                        && place.type().length() <= 32;
                if (sane && seen.add(place)) {
                    found.add(new Found(file(node, place), place.type().equals("temp")));
                }
            } else if (item.isTextual() && isText(key)) {
                found.add(new Found(text(node, found.size(), item.asText()), false));
            }
        }
    }

    private static boolean isText(String key) {
        return key.equals("text") || key.equals("texts") || key.equals("string");
    }

    private Produced file(String node, Place place) {
        String name = FileNames.safe(place.filename());
        return new Produced(
                name,
                Optional.of(Wording.name(node)),
                contentType(name),
                () -> http.open(place.query(), "GET /view of " + name));
    }

    private static Produced text(String node, int number, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Produced(
                FileNames.safe("text-" + node + "-" + number + ".txt"),
                Optional.of(Wording.name(node)),
                "text/plain",
                () -> new ByteArrayInputStream(bytes));
    }

    /** What the name says; who stores the file looks at its bytes. */
    static String contentType(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(ending, ContentTypes.UNKNOWN);
    }
}
