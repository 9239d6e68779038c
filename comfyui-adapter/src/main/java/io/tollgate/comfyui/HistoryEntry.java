package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a prompt ended, as {@code /history} tells it, without its graph.
 *
 * @param item the prompt
 * @param succeeded whether it ran to its end
 * @param interrupted whether somebody stopped it
 * @param problem what a node failed with, if one did
 * @param outputs what its nodes made, by node id; missing if nothing
 */
record HistoryEntry(
        QueueView.Item item, boolean succeeded, boolean interrupted, Optional<NodeProblem> problem, JsonNode outputs) {

    /** A node's failure, as Python tells it. */
    record NodeProblem(String node, String nodeClass, String exception, String message) {}

    /** The entry of one prompt; empty if there is none (yet). */
    static Optional<HistoryEntry> parseOne(byte[] body, String promptId) {
        return parseAll(body).stream()
                .filter(entry -> entry.item().promptId().equals(promptId))
                .findFirst();
    }

    /** All entries of an answer, in its order: longest-ended first. */
    static List<HistoryEntry> parseAll(byte[] body) {
        return Json.read("GET /history", body, json -> {
            List<HistoryEntry> entries = new ArrayList<>();
            Json.enterObject(json);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String id = json.currentName();
                Json.expect(json.nextToken(), JsonToken.START_OBJECT);
                entries.add(entry(id, json));
            }
            Json.expect(json.currentToken(), JsonToken.END_OBJECT);
            return entries;
        });
    }

    private static HistoryEntry entry(String id, JsonParser json) throws IOException {
        RunLabel label = RunLabel.NONE;
        List<String> texts = List.of();
        Status status = null;
        JsonNode outputs = MissingNode.getInstance();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken token = json.nextToken();
            if (field.equals("prompt") && token == JsonToken.START_ARRAY) {
                QueueView.Item item = QueueView.item(json, true);
                label = item.label();
                texts = item.texts();
            } else if (field.equals("outputs") && token == JsonToken.START_OBJECT) {
                outputs = Json.MAPPER.readTree(json);
            } else if (field.equals("status") && token == JsonToken.START_OBJECT) {
                status = status(json);
            } else {
                json.skipChildren();
            }
        }
        if (status == null) {
            throw new IOException("an entry without a status");
        }
        boolean error = "execution_error".equals(status.last);
        return new HistoryEntry(
                new QueueView.Item(id, label, Map.of(), texts),
                "success".equals(status.word),
                "execution_interrupted".equals(status.last),
                error ? Optional.of(status.problem) : Optional.empty(),
                outputs);
    }

    private record Status(@Nullable String word, @Nullable String last, NodeProblem problem) {}

    private static Status status(JsonParser json) throws IOException {
        String word = null;
        String last = null;
        NodeProblem problem = new NodeProblem("?", "?", "", "");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken token = json.nextToken();
            if (field.equals("status_str")) {
                word = Json.textOrNull(json);
            } else if (field.equals("messages") && token == JsonToken.START_ARRAY) {
                while (json.nextToken() == JsonToken.START_ARRAY) {
                    for (int place = 0; json.nextToken() != JsonToken.END_ARRAY; place++) {
                        if (place == 0) {
                            last = Json.textOrNull(json);
                        } else if (place == 1 && json.currentToken() == JsonToken.START_OBJECT) {
                            problem = problem(json);
                        } else {
                            json.skipChildren();
                        }
                    }
                }
                Json.expect(json.currentToken(), JsonToken.END_ARRAY);
            } else {
                json.skipChildren();
            }
        }
        return new Status(word, last, problem);
    }

    private static NodeProblem problem(JsonParser json) throws IOException {
        String node = "?";
        String nodeClass = "?";
        String exception = "";
        String message = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            String text = Json.textOrNull(json);
            if (text == null) {
                continue;
            }
            switch (field) {
                case "node_id" -> node = text;
                case "node_type" -> nodeClass = text;
                case "exception_type" -> exception = text;
                case "exception_message" -> message = text;
                default -> {}
            }
        }
        return new NodeProblem(node, nodeClass, exception, message);
    }
}
