package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What nodes gave, by what they and all before them were asked. As in the real server only what the prompt at hand has
 * in it is kept. Confined to the worker's thread.
 */
final class NodeCache {

    private final FileRoom files;
    private final Map<String, Entry> entries = new HashMap<>();
    private Map<String, String> signatures = Map.of();

    NodeCache(FileRoom files) {
        this.files = files;
    }

    /** The values of each slot, one for each call, and what was shown. */
    record Entry(List<List<Object>> slots, @Nullable ObjectNode ui) {}

    /** Begins a prompt, and forgets all that is not in it. */
    void begin(ObjectNode prompt) {
        Map<String, String> found = new HashMap<>();
        prompt.fieldNames().forEachRemaining(id -> signature(prompt, id, found));
        signatures = found;
        entries.keySet().retainAll(found.values());
    }

    Optional<Entry> get(String id) {
        return Optional.ofNullable(entries.get(signatures.get(id)));
    }

    void put(String id, Entry entry) {
        @Nullable String signature = signatures.get(id);
        if (signature != null) {
            entries.put(signature, entry);
        }
    }

    void clear() {
        entries.clear();
    }

    private String signature(JsonNode prompt, String id, Map<String, String> found) {
        @Nullable String known = found.get(id);
        if (known != null) {
            return known;
        }
        found.put(id, "loop at " + id); // only in parts that were found bad and are not run
        JsonNode node = prompt.path(id);
        String type = node.path("class_type").asText();
        StringBuilder text = new StringBuilder(type);
        JsonNode inputs = node.path("inputs");
        TreeSet<String> names = new TreeSet<>();
        inputs.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            JsonNode value = inputs.path(name);
            text.append('\n').append(name).append('=');
            if (value.isArray() && value.size() == 2 && prompt.has(value.path(0).asText())) {
                text.append(signature(prompt, value.path(0).asText(), found))
                        .append('#')
                        .append(value.path(1));
            } else {
                text.append(value);
            }
        }
        if (type.startsWith("LoadImage")) {
            text.append("\nfile=").append(fileHash(inputs.path("image").asText()));
        }
        String signature = hash(text.toString().getBytes(StandardCharsets.UTF_8));
        found.put(id, signature);
        return signature;
    }

    private String fileHash(String name) {
        try {
            return files.annotated(name).isPresent()
                    ? hash(Files.readAllBytes(files.annotated(name).get()))
                    : "none";
        } catch (IOException e) {
            return "unreadable";
        }
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
