package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** Reads a server's list of nodes, token by token: more than a megabyte, of which we need the names. */
final class NodeCatalog {
    private static final int MOST_TAGS = 200_000;
    private static final int LONGEST_NAME = 300;

    private NodeCatalog() {}

    /** The tags of all node classes, and of all model files that their inputs offer. */
    static Set<String> tags(byte[] body) {
        return Json.read("GET /object_info", body, json -> {
            Set<String> tags = new HashSet<>();
            Json.enterObject(json);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                add(tags, Tags.node(json.currentName()), json.currentName());
                if (json.nextToken() == JsonToken.START_OBJECT) {
                    readNode(json, tags);
                } else {
                    json.skipChildren();
                }
            }
            return tags;
        });
    }

    private static void readNode(JsonParser json, Set<String> tags) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean input = json.currentName().equals("input");
            if (json.nextToken() == JsonToken.START_OBJECT && input) {
                readInputs(json, tags);
            } else {
                json.skipChildren();
            }
        }
    }

    /** Choices stand in arrays, in either form: {@code [["a", "b"], {…}]} and {@code ["COMBO", {"options": ["a"]}]}. */
    private static void readInputs(JsonParser json, Set<String> tags) throws IOException {
        for (int depth = 1; depth > 0; ) {
            JsonToken token = json.nextToken();
            if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                depth++;
            } else if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
                depth--;
            } else if (token == JsonToken.VALUE_STRING
                    && json.getParsingContext().inArray()) {
                String choice = json.getText();
                if (Tags.isModelFile(choice)) {
                    add(tags, Tags.model(choice), choice);
                }
            }
        }
    }

    private static void add(Set<String> tags, String tag, String name) {
        if (tags.size() < MOST_TAGS && name.length() <= LONGEST_NAME) {
            tags.add(tag);
        }
    }
}
