package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of one prompt by the worker: which nodes, in which order, what is told of it. Confined to the worker's
 * thread.
 *
 * <p>Nodes are taken as the real server takes them: of those that have all they need, an output node first, then one
 * that feeds an output node, then one two steps away, then the first. What ran before is taken from the cache.
 */
final class PromptRun {

    private static final long THROTTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final double THROTTLE_PERCENT = 0.5;
    private static final String OOM = "torch.OutOfMemoryError";
    private static final String OOM_TIPS =
            "\nThis error means you ran out of memory on your GPU.\n\nTIPS: If the workflow"
                    + " worked before you might have accidentally set the batch_size to a large number.";

    private final QueueItem item;
    private final @Nullable String client;
    private final Settings settings;
    private final FrameHub hub;
    private final Pauses pauses;
    private final NodeCache cache;
    private final String tempSuffix;

    private final ArrayNode messages = Json.array();
    private final ObjectNode outputs = Json.object();
    private final ObjectNode meta = Json.object();
    private final Map<String, NodeState> states = new LinkedHashMap<>();
    private final Set<String> executed = new LinkedHashSet<>();
    private final Map<String, Set<String>> blockedBy = new LinkedHashMap<>();
    private final Map<String, Set<String>> blocking = new LinkedHashMap<>();

    PromptRun(QueueItem item, Settings settings, FrameHub hub, Pauses pauses, NodeCache cache, String tempSuffix) {
        this.item = item;
        this.client = item.clientId().orElse(null);
        this.settings = settings;
        this.hub = hub;
        this.pauses = pauses;
        this.cache = cache;
        this.tempSuffix = tempSuffix;
    }

    private record NodeState(Object value, Object max, String state) {}

    /** Runs the prompt. Throws {@link Pauses.Died} if the server dies in it. */
    Execution.Ending run() {
        pauses.interrupt(false);
        hub.current(client);
        tell("execution_start", about(), false);
        cache.begin(item.prompt());
        ObjectNode cached = Json.object();
        ArrayNode nodes = cached.putArray("nodes");
        item.prompt().fieldNames().forEachRemaining(id -> {
            if (cache.get(id).isPresent()) {
                nodes.add(id);
            }
        });
        tell("execution_cached", cached.put("prompt_id", item.id()), false);
        item.outputs().forEach(this::add);
        Execution.Ending ending = runNodes();
        if (ending == Execution.Ending.SUCCEEDED) {
            tell("execution_success", about(), false);
        }
        hub.lastNode(null);
        return ending;
    }

    private Execution.Ending runNodes() {
        while (!blockedBy.isEmpty()) {
            String id = pick();
            try {
                execute(id);
            } catch (Pauses.Interrupted e) {
                ObjectNode what = failed(id);
                tell("execution_interrupted", what, true);
                return Execution.Ending.INTERRUPTED;
            } catch (PythonError e) {
                tell("execution_error", described(id, e), false);
                return Execution.Ending.FAILED;
            } catch (Pauses.Died e) {
                throw e;
            } catch (OutOfMemoryError e) {
                tell("execution_error", described(id, new PythonError(OOM, "Allocation on device", e)), false);
                return Execution.Ending.FAILED;
            } catch (RuntimeException e) {
                tell("execution_error", described(id, new PythonError("RuntimeError", e.toString(), e)), false);
                return Execution.Ending.FAILED;
            }
            blockedBy.remove(id);
            blocking.getOrDefault(id, Set.of()).forEach(next -> {
                if (blockedBy.containsKey(next)) {
                    blockedBy.get(next).remove(id);
                }
            });
        }
        return Execution.Ending.SUCCEEDED;
    }

    /** What goes into the history. */
    ObjectNode history(Execution.Ending ending) {
        ObjectNode entry = Json.object();
        entry.set("prompt", item.shown());
        entry.set("outputs", outputs);
        ObjectNode status = entry.putObject("status");
        boolean success = ending == Execution.Ending.SUCCEEDED;
        status.put("status_str", success ? "success" : "error");
        status.put("completed", success);
        status.set("messages", messages);
        entry.set("meta", meta);
        return entry;
    }

    private JsonNode node(String id) {
        return item.prompt().path(id);
    }

    private String type(String id) {
        return node(id).path("class_type").asText();
    }

    private static boolean isLink(JsonNode value) {
        return value.isArray()
                && value.size() == 2
                && value.path(0).isTextual()
                && value.path(1).isNumber();
    }

    /** Puts a node and all it needs on the list, leaving out what the cache has. */
    private void add(String output) {
        Deque<String> open = new ArrayDeque<>(List.of(output));
        while (!open.isEmpty()) {
            String id = open.pop();
            if (blockedBy.containsKey(id)) {
                continue;
            }
            Set<String> needs = new LinkedHashSet<>();
            blockedBy.put(id, needs);
            for (JsonNode value : node(id).path("inputs")) {
                String from = value.path(0).asText();
                if (isLink(value) && cache.get(from).isEmpty()) {
                    needs.add(from);
                    blocking.computeIfAbsent(from, key -> new LinkedHashSet<>()).add(id);
                    open.push(from);
                }
            }
        }
    }

    private String pick() {
        List<String> ready = blockedBy.entrySet().stream()
                .filter(entry -> entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        for (int distance = 0; distance < 3; distance++) {
            for (String id : ready) {
                if (leadsToOutput(Set.of(id), distance)) {
                    return id;
                }
            }
        }
        return ready.get(0);
    }

    private boolean leadsToOutput(Collection<String> ids, int distance) {
        if (distance == 0) {
            return ids.stream().anyMatch(id -> settings.catalog().isOutput(type(id)));
        }
        return ids.stream().anyMatch(id -> leadsToOutput(blocking.getOrDefault(id, Set.of()), distance - 1));
    }

    private void execute(String id) {
        Optional<NodeCache.Entry> known = cache.get(id);
        if (known.isPresent()) {
            @Nullable ObjectNode ui = known.get().ui();
            if (client != null) {
                showExecuted(id, ui);
            }
            if (ui != null && (client != null || !settings.version().hidesCachedOutputsFromNobody())) {
                keep(id, ui);
            }
            states.put(id, new NodeState(1, 1, "finished"));
            showStates();
            return;
        }
        states.put(id, new NodeState(0.0, 1.0, "running"));
        showStates();
        if (client != null) {
            hub.lastNode(id);
            ObjectNode executing = Json.object().put("node", id).put("display_node", id);
            hub.send("executing", executing.put("prompt_id", item.id()), client);
        }
        pauses.waitWhile(type(id), () -> settings.held().contains(type(id)));
        meetFault();
        NodeCache.Entry made = called(id);
        if (made.ui() != null) {
            keep(id, made.ui());
            if (client != null) {
                showExecuted(id, made.ui());
            }
        }
        cache.put(id, made);
        executed.add(id);
        NodeState state = states.get(id);
        Object max = state == null ? 1.0 : state.max();
        states.put(id, new NodeState(max, max, "finished"));
        showStates();
    }

    private void meetFault() {
        Optional<FaultKind> fault = settings.faults().draw(Route.NODE, item.id());
        if (fault.isEmpty()) {
            return;
        }
        switch (fault.get()) {
            case NODE_OOM -> throw new PythonError(OOM, "Allocation on device");
            case NODE_ERROR -> throw new PythonError("RuntimeError", "a fault on order");
            default -> {
                settings.die().run();
                pauses.sleep(TimeUnit.MINUTES.toNanos(1));
            }
        }
    }

    /** Calls a node once for each element of its longest input list, and puts the results together. */
    private NodeCache.Entry called(String id) {
        String type = type(id);
        Map<String, List<Object>> inputs = inputs(id);
        int width = settings.catalog().outputs(type).size();
        List<List<Object>> slots = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            slots.add(new ArrayList<>());
        }
        @Nullable ObjectNode ui = null;
        boolean wholeLists = settings.catalog().takesLists(type);
        int times = wholeLists
                ? 1
                : inputs.values().stream().mapToInt(List::size).max().orElse(1);
        for (int i = 0; i < Math.max(1, times); i++) {
            Map<String, Object> values = new LinkedHashMap<>();
            int at = i;
            inputs.forEach((name, list) -> {
                if (wholeLists) {
                    values.put(name, list);
                } else if (!list.isEmpty()) {
                    values.put(name, list.get(Math.min(at, list.size() - 1)));
                }
            });
            pauses.checkInterrupt();
            NodeCall call = new NodeCall(values, settings, pauses, new Throttle(id)::at, pngTexts(), tempSuffix);
            NodeResult result = Nodes.run(type, call);
            for (int slot = 0; slot < width; slot++) {
                Object value = result.slots().get(slot);
                if (settings.catalog().givesList(type, slot)) {
                    slots.get(slot).addAll((List<?>) value);
                } else {
                    slots.get(slot).add(value);
                }
            }
            ui = merged(ui, result.ui());
        }
        return new NodeCache.Entry(slots, ui);
    }

    private static @Nullable ObjectNode merged(@Nullable ObjectNode first, @Nullable ObjectNode second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        second.properties().forEach(entry -> {
            if (first.get(entry.getKey()) instanceof ArrayNode list && entry.getValue() instanceof ArrayNode more) {
                list.addAll(more);
            } else {
                first.set(entry.getKey(), entry.getValue());
            }
        });
        return first;
    }

    private Map<String, List<Object>> inputs(String id) {
        Map<String, List<Object>> inputs = new LinkedHashMap<>();
        Set<String> declared = new LinkedHashSet<>();
        settings.catalog().inputs(type(id)).forEach(input -> declared.add(input.name()));
        for (Map.Entry<String, JsonNode> input : node(id).path("inputs").properties()) {
            JsonNode value = input.getValue();
            if (!declared.contains(input.getKey())) {
                continue;
            }
            if (isLink(value)) {
                cache.get(value.path(0).asText())
                        .ifPresent(from -> inputs.put(
                                input.getKey(), from.slots().get(value.path(1).asInt())));
            } else {
                inputs.put(input.getKey(), List.of(value));
            }
        }
        return inputs;
    }

    private Map<String, String> pngTexts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("prompt", Json.write(item.prompt()));
        item.extraData()
                .path("extra_pnginfo")
                .properties()
                .forEach(entry -> texts.put(entry.getKey(), Json.write(entry.getValue())));
        return texts;
    }

    private void keep(String id, ObjectNode ui) {
        outputs.set(id, ui);
        ObjectNode about = meta.putObject(id).put("node_id", id).put("display_node", id);
        about.putNull("parent_node").put("real_node_id", id);
    }

    private void showExecuted(String id, @Nullable ObjectNode ui) {
        ObjectNode data = Json.object().put("node", id).put("display_node", id);
        data.set("output", ui);
        hub.send("executed", data.put("prompt_id", item.id()), client);
    }

    private void showStates() {
        if (!settings.version().hasProgressState()) {
            return;
        }
        Map<String, NodeState> now = new LinkedHashMap<>(states);
        hub.send("progress_state", () -> shown(now), client, item.id());
    }

    private ObjectNode shown(Map<String, NodeState> now) {
        ObjectNode data = about();
        ObjectNode nodes = data.putObject("nodes");
        now.forEach((id, state) -> {
            ObjectNode node = nodes.putObject(id);
            node.putPOJO("value", state.value()).putPOJO("max", state.max()).put("state", state.state());
            node.put("node_id", id).put("prompt_id", item.id()).put("display_node_id", id);
            node.putNull("parent_node_id").put("real_node_id", id);
        });
        return data;
    }

    private ObjectNode about() {
        return Json.object().put("prompt_id", item.id());
    }

    private void tell(String event, ObjectNode data, boolean broadcast) {
        data.put("timestamp", settings.clock().millis());
        messages.add(Json.array().add(event).add(data));
        if (client != null || broadcast) {
            hub.send(event, data, client);
        }
    }

    private ObjectNode failed(String id) {
        ObjectNode what = about().put("node_id", id).put("node_type", type(id));
        what.set("executed", Json.strings(executed));
        return what;
    }

    private ObjectNode described(String id, PythonError error) {
        ObjectNode what = failed(id);
        what.put("exception_message", error.text() + (error.type().equals(OOM) ? OOM_TIPS : "\n"));
        what.put("exception_type", error.type());
        what.putArray("traceback")
                .add(
                        "  File \"/comfyui/execution.py\", line 542, in execute\n    output_data = await get_output_data()\n")
                .add("  File \"/comfyui/nodes.py\", line 1, in run\n    raise " + error.type() + "\n");
        ObjectNode inputs = what.putObject("current_inputs");
        inputs(id).forEach((name, values) -> {
            ArrayNode shown = inputs.putArray(name);
            values.forEach(value -> {
                if (value instanceof JsonNode json) {
                    shown.add(json.isContainerNode() ? inputs.textNode(Json.repr(json)) : json);
                } else {
                    shown.add(value instanceof NodeValue.Images ? "tensor([[[[...]]]])" : value.toString());
                }
            });
        });
        JsonNode hidden =
                settings.catalog().shown(type(id)).path(type(id)).path("input").path("hidden");
        if (hidden.has("prompt")) {
            inputs.putArray("prompt").add(Json.repr(item.prompt()));
        }
        if (hidden.has("extra_pnginfo")) {
            @Nullable JsonNode info = item.extraData().get("extra_pnginfo");
            inputs.putArray("extra_pnginfo").add(info == null ? null : Json.repr(info));
        }
        ArrayNode all = what.putArray("current_outputs");
        item.prompt().fieldNames().forEachRemaining(all::add);
        return what;
    }

    /** The progress bar of one node: thins out what is told, and looks at the interrupt flag only when it tells. */
    private final class Throttle {
        private final String id;
        private long lastNanos;
        private long lastValue = -1;

        Throttle(String id) {
            this.id = id;
        }

        void at(long value, long total, @Nullable Supplier<byte[]> preview) {
            long now = System.nanoTime();
            boolean must = preview != null || lastValue < 0 || value >= total;
            double percent = total > 0 ? (value - Math.max(0, lastValue)) * 100.0 / total : 100;
            long pause = Math.round(THROTTLE_NANOS * settings.timeScale().getAsDouble());
            if (settings.version().throttlesProgress()
                    && !must
                    && (now - lastNanos < pause || percent < THROTTLE_PERCENT)) {
                return;
            }
            pauses.checkInterrupt();
            show(value, total, preview);
            lastNanos = now;
            lastValue = value;
        }

        private void show(long value, long total, @Nullable Supplier<byte[]> preview) {
            states.put(id, new NodeState(value, total, "running"));
            showStates();
            boolean withMetadata = settings.version().hasFeatureFlags() && hub.wantsPreviewMetadata(client);
            byte[] image = preview == null ? new byte[0] : preview.get();
            if (preview != null && withMetadata) {
                ObjectNode metadata = Json.object().put("node_id", id).put("prompt_id", item.id());
                metadata.put("display_node_id", id).putNull("parent_node_id").put("real_node_id", id);
                hub.sendPreview(image, metadata.put("image_type", "image/jpeg"), client);
            }
            ObjectNode progress =
                    Json.object().put("value", value).put("max", total).put("prompt_id", item.id());
            if (settings.version().hasProgressState() || client != null) {
                progress.put("node", id);
            } else {
                progress.putNull("node");
            }
            hub.send("progress", progress, client);
            if (preview != null && !withMetadata) {
                hub.sendPreview(image, client);
            }
        }
    }
}
