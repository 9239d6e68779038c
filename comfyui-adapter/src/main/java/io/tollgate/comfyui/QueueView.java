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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who waits and who runs at a server at one moment, without the graphs: they can be large and are often other people's.
 */
record QueueView(List<Item> running, List<Item> pending) {
    private static final int MOST_NODES = 10_000;
    private static final int MOST_TEXTS = 20_000;

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
     * @param texts the texts in its graph, if it is a Tollgate's and they were asked for
     */
    record Item(String promptId, RunLabel label, Map<String, String> classes, List<String> texts) {
        Item {
            texts = List.copyOf(texts);
        }

        boolean isLabeled(RunId run) {
            return label.run().filter(run::equals).isPresent();
        }
    }

    /** Where the one of that id is; empty if it isn't there. */
    Optional<Sight> byId(String serverId) {
        return sight(item -> item.promptId().equals(serverId));
    }

    /** Where one is that carries the label of that run: it, or a copy of it that somebody made. */
    Optional<Sight> byLabel(RunId run) {
        return sight(item -> item.isLabeled(run));
    }

    private Optional<Sight> sight(Predicate<Item> wanted) {
        Optional<Sight> runs = running.stream()
                .filter(wanted)
                .findFirst()
                .map(item -> new Sight(Sight.Place.RUNNING, item.promptId(), Optional.empty(), item.classes()));
        return runs.isPresent()
                ? runs
                : pending.stream()
                        .filter(wanted)
                        .findFirst()
                        .map(item -> new Sight(Sight.Place.WAITING, item.promptId(), Optional.empty(), item.classes()));
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
            items.add(item(json, false));
        }
        Json.expect(json.currentToken(), JsonToken.END_ARRAY);
        return items;
    }

    /** {@code [number, prompt_id, prompt, extra_data, outputs]}, and whatever later versions put behind. */
    static Item item(JsonParser json, boolean withTexts) throws IOException {
        List<String> texts = new ArrayList<>();
        @Nullable String promptId = null;
        RunLabel label = RunLabel.NONE;
        Map<String, String> classes = Map.of();
        for (int place = 0; json.nextToken() != JsonToken.END_ARRAY; place++) {
            if (place == 1) {
                promptId = Json.textOrNull(json);
            } else if (place == 2 && json.currentToken() == JsonToken.START_OBJECT) {
                classes = classes(json, withTexts ? texts : null);
            } else if (place == 3) {
                label = RunLabel.read(json);
            } else {
                json.skipChildren();
            }
        }
        if (promptId == null) {
            throw new IOException("a prompt without an id");
        }
        boolean ours = label.run().isPresent();
        return new Item(promptId, label, ours ? classes : Map.of(), ours ? texts : List.of());
    }

    private static Map<String, String> classes(JsonParser json, @Nullable List<String> texts) throws IOException {
        Map<String, String> classes = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String node = json.currentName();
            if (json.nextToken() != JsonToken.START_OBJECT) {
                json.skipChildren();
                continue;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean named = json.currentName().equals("class_type");
                boolean inputs = json.currentName().equals("inputs");
                json.nextToken();
                String text = named ? Json.textOrNull(json) : null;
                if (text != null && classes.size() < MOST_NODES) {
                    classes.put(node, text);
                } else if (inputs && texts != null) {
                    texts(json, texts);
                } else {
                    json.skipChildren();
                }
            }
        }
        return classes;
    }

    /** All texts in the value that the parser stands on. */
    private static void texts(JsonParser json, List<String> texts) throws IOException {
        int depth = 0;
        do {
            JsonToken token = json.currentToken();
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else if (token == JsonToken.VALUE_STRING && texts.size() < MOST_TEXTS) {
                texts.add(json.getText());
            }
        } while (depth > 0 && json.nextToken() != null);
    }
}
