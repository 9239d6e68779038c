package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tollgate.queue.job.RunId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who waits and who runs at a server at one moment, without the graphs: they can be large and are often other people's.
 */
record QueueView(List<Item> running, List<Item> pending) {
    private static final int MOST_NODES = 10_000;

    QueueView {
        running = List.copyOf(running);
        pending = List.copyOf(pending);
    }

    /**
     * A prompt in the queue.
     *
     * @param promptId its id at the server
     * @param label what a Tollgate wrote into it
     * @param classes the class of each of its nodes, if it is a Tollgate's
     */
    record Item(String promptId, RunLabel label, Map<String, String> classes) {
        boolean is(String serverId, RunId run) {
            return promptId.equals(serverId) || label.run().filter(run::equals).isPresent();
        }
    }

    /** The one that runs, if it is this one: by the server's id, or by ours inside it. */
    Optional<Item> running(String serverId, RunId run) {
        return running.stream().filter(item -> item.is(serverId, run)).findFirst();
    }

    /** The one that waits, if it is this one. */
    Optional<Item> pending(String serverId, RunId run) {
        return pending.stream().filter(item -> item.is(serverId, run)).findFirst();
    }

    /** How many are no Tollgate's. */
    int strangers() {
        return (int) (running.stream()
                        .filter(item -> item.label().run().isEmpty())
                        .count()
                + pending.stream().filter(item -> item.label().run().isEmpty()).count());
    }

    static QueueView parse(byte[] body) {
        return Json.read("GET /queue", body, json -> {
            List<Item> running = null;
            List<Item> pending = null;
            Json.enterObject(json);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "queue_running" -> running = items(json);
                    case "queue_pending" -> pending = items(json);
                    default -> json.skipChildren();
                }
            }
            if (running == null || pending == null) {
                throw new IOException("not a queue"); // and so nothing must be taken for lost
            }
            return new QueueView(running, pending);
        });
    }

    private static List<Item> items(JsonParser json) throws IOException {
        Json.expect(json.currentToken(), JsonToken.START_ARRAY);
        List<Item> items = new ArrayList<>();
        while (json.nextToken() == JsonToken.START_ARRAY) {
            items.add(item(json));
        }
        Json.expect(json.currentToken(), JsonToken.END_ARRAY);
        return items;
    }

    /** {@code [number, prompt_id, prompt, extra_data, outputs]}, and whatever later versions put behind. */
    static Item item(JsonParser json) throws IOException {
        @Nullable String promptId = null;
        RunLabel label = RunLabel.NONE;
        Map<String, String> classes = Map.of();
        for (int place = 0; json.nextToken() != JsonToken.END_ARRAY; place++) {
            if (place == 1) {
                promptId = Json.textOrNull(json);
            } else if (place == 2 && json.currentToken() == JsonToken.START_OBJECT) {
                classes = classes(json);
            } else if (place == 3) {
                label = RunLabel.read(json);
            } else {
                json.skipChildren();
            }
        }
        if (promptId == null) {
            throw new IOException("a prompt without an id");
        }
        return new Item(promptId, label, label.run().isPresent() ? classes : Map.of());
    }

    private static Map<String, String> classes(JsonParser json) throws IOException {
        Map<String, String> classes = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String node = json.currentName();
            if (json.nextToken() != JsonToken.START_OBJECT) {
                json.skipChildren();
                continue;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean named = json.currentName().equals("class_type");
                json.nextToken();
                String text = named ? Json.textOrNull(json) : null;
                if (text != null && classes.size() < MOST_NODES) {
                    classes.put(node, text);
                } else {
                    json.skipChildren();
                }
            }
        }
        return classes;
    }
}
