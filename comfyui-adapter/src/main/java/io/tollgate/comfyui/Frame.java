package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A text message of the websocket: only what we need of it.
 *
 * @param type what it is about, such as {@code executing}
 * @param promptId whose it is, if it says
 * @param nodeId the node it is about, if there is one
 * @param value how far that node is, of {@code max}; -1 if it doesn't say
 * @param max how far it goes; -1 if it doesn't say
 * @param cached the nodes that needn't run
 * @param states the nodes that run or ran
 * @param remaining how many prompts wait or run at the server; -1 if it doesn't say
 */
record Frame(
        String type,
        Optional<String> promptId,
        Optional<String> nodeId,
        double value,
        double max,
        List<String> cached,
        List<NodeState> states,
        int remaining) {
    private static final int MOST_NODES = 100_000;

    /** How far one node is. */
    record NodeState(String node, double value, double max, boolean finished) {}

    /** Whether it says that a prompt is over; its history may come a moment later. */
    boolean isEnd() {
        return switch (type) {
            case "execution_success", "execution_error", "execution_interrupted" -> true;
            case "executing" -> nodeId.isEmpty() && promptId.isPresent();
            default -> false;
        };
    }

    /**
     * Reads a message.
     *
     * @throws IOException if it is no such message
     */
    static Frame parse(String text) throws IOException {
        Draft draft = new Draft();
        try (JsonParser json = Json.FACTORY.createParser(text)) {
            Json.enterObject(json);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                if (field.equals("type")) {
                    draft.type = Json.textOrNull(json);
                } else if (field.equals("data") && value == JsonToken.START_OBJECT) {
                    draft.readData(json);
                } else {
                    json.skipChildren();
                }
            }
        }
        if (draft.type == null) {
            throw new IOException("a message without a type");
        }
        return draft.frame(draft.type);
    }

    /** What is known while reading; the fields come in any order. */
    private static final class Draft {
        private @Nullable String type;
        private @Nullable String promptId;
        private @Nullable String node;
        private double value = -1;
        private double max = -1;
        private final List<String> cached = new ArrayList<>();
        private final List<NodeState> states = new ArrayList<>();
        private int remaining = -1;

        Frame frame(String known) {
            return new Frame(
                    known,
                    Optional.ofNullable(promptId),
                    Optional.ofNullable(node),
                    value,
                    max,
                    List.copyOf(cached),
                    List.copyOf(states),
                    remaining);
        }

        void readData(JsonParser json) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken token = json.nextToken();
                switch (field) {
                    case "prompt_id" -> promptId = Json.textOrNull(json);
                    case "node" -> node = Json.textOrNull(json);
                    case "value" -> value = number(json);
                    case "max" -> max = number(json);
                    case "nodes" -> {
                        if (token == JsonToken.START_ARRAY) {
                            readCached(json);
                        } else if (token == JsonToken.START_OBJECT) {
                            readStates(json);
                        }
                    }
                    case "status" -> readStatus(json);
                    default -> json.skipChildren();
                }
            }
        }

        private void readCached(JsonParser json) throws IOException {
            while (json.nextToken() != JsonToken.END_ARRAY) {
                String id = Json.textOrNull(json);
                if (id != null && cached.size() < MOST_NODES) {
                    cached.add(id);
                }
            }
        }

        private void readStates(JsonParser json) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String id = json.currentName();
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    json.skipChildren();
                    continue;
                }
                double at = -1;
                double end = -1;
                boolean finished = false;
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String field = json.currentName();
                    json.nextToken();
                    switch (field) {
                        case "value" -> at = number(json);
                        case "max" -> end = number(json);
                        case "state" -> finished = "finished".equals(Json.textOrNull(json));
                        default -> json.skipChildren();
                    }
                }
                if (states.size() < MOST_NODES) {
                    states.add(new NodeState(id, at, end, finished));
                }
            }
        }

        private void readStatus(JsonParser json) throws IOException {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                json.skipChildren();
                return;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken token = json.nextToken();
                if (field.equals("exec_info") && token == JsonToken.START_OBJECT) {
                    while (json.nextToken() == JsonToken.FIELD_NAME) {
                        boolean wanted = json.currentName().equals("queue_remaining");
                        json.nextToken();
                        if (wanted) {
                            double count = number(json);
                            remaining = count >= 0 && count < Integer.MAX_VALUE ? (int) count : -1;
                        } else {
                            json.skipChildren();
                        }
                    }
                } else {
                    json.skipChildren();
                }
            }
        }

        private static double number(JsonParser json) throws IOException {
            JsonToken token = json.currentToken();
            if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
                return json.getDoubleValue();
            }
            json.skipChildren();
            return -1;
        }
    }
}
