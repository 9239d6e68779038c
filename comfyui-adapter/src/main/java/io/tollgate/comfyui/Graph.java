package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.queue.workflow.Texts;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A graph in ComfyUI's API format that was found sound: every node has a class and inputs, every link leads to a node,
 * and none in a circle. Reads hostile text in time proportional to its length. Immutable as long as nobody changes what
 * {@link #root} gives; safe for use by many threads.
 */
final class Graph {
    /** The longest text of a graph, in bytes of UTF-8. */
    static final int MAX_BYTES = 1 << 20;

    /** The most nodes. */
    static final int MAX_NODES = 2000;

    /** The deepest nesting of the JSON. */
    static final int MAX_DEPTH = 32;

    private static final int MAX_PROBLEMS = 100;
    private static final int MAX_DIGITS = 100;
    private static final int MAX_SCALE = 320; // what a double can tell from 0
    private static final Pattern NODE_ID = Pattern.compile("[\\x21-\\x7e]{1,64}");
    private static final Pattern SAVES = Pattern.compile("(?i).*(save|video_?combine).*");
    private static final Pattern SAVES_NO_MEDIA =
            Pattern.compile("(?i).*(checkpoint|model|clip|vae|lora|latent|text).*");
    private static final Set<String> NO_MODELS = Set.of("text", "prompt", "filename_prefix");
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_DIGITS)
                            .maxStringLength(MAX_BYTES)
                            .maxNameLength(1000)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final ObjectNode root;

    private Graph(ObjectNode root) {
        this.root = root;
    }

    /**
     * Reads a graph.
     *
     * @param problems hears of each thing that is wrong, {@value #MAX_PROBLEMS} at most
     * @return the graph, if nothing is wrong
     */
    static Optional<Graph> read(String json, Consumer<GraphProblem> problems) {
        if (json.length() > MAX_BYTES || json.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            problems.accept(whole("too_large", "must have at most " + MAX_BYTES + " bytes"));
            return Optional.empty();
        }
        JsonNode read;
        try {
            read = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            // the location is enough: a message that repeats the text would repeat prompts
            String at = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            problems.accept(whole("invalid_json", "is no JSON that is taken" + at + ": " + why(e)));
            return Optional.empty();
        }
        if (!(read instanceof ObjectNode root)) {
            problems.accept(whole("invalid_json", "must be a JSON object with a node for each id"));
            return Optional.empty();
        }
        if (root.path("nodes").isArray()) {
            problems.accept(whole(
                    GraphProblem.UI_FORMAT,
                    "is in the format of ComfyUI's editor, which can't be run; in ComfyUI use"
                            + " Workflow > Export (API) and take that file"));
            return Optional.empty();
        }
        Check check = new Check(root, problems);
        check.run();
        return check.count == 0 ? Optional.of(new Graph(root)) : Optional.empty();
    }

    /** Reads any JSON value by the same strict rules; empty if it is none. */
    static Optional<JsonNode> value(String json) {
        try {
            JsonNode read = JSON.readTree(json);
            return read.isMissingNode() ? Optional.empty() : Optional.of(read);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** The nodes by id. Not to be changed: take a deep copy. */
    ObjectNode root() {
        return root;
    }

    /** Whether there is such a node. */
    boolean has(String node) {
        return root.has(node);
    }

    /** The ids of the nodes, in the order of the text. */
    List<String> ids() {
        List<String> ids = new ArrayList<>();
        root.fieldNames().forEachRemaining(ids::add);
        return ids;
    }

    /** The class of a node that is there. */
    String classType(String node) {
        return root.path(node).path("class_type").textValue();
    }

    /** The title that people gave a node, or empty. */
    String title(String node) {
        return root.path(node).path("_meta").path("title").asText("");
    }

    /** Calls for each input of a node that is there. */
    void inputs(String node, BiConsumer<String, JsonNode> each) {
        root.path(node).path("inputs").properties().forEach(entry -> each.accept(entry.getKey(), entry.getValue()));
    }

    /** The node that a value links to; empty if it is no link. */
    static Optional<String> link(JsonNode value) {
        boolean link = value.isArray()
                && value.size() == 2
                && value.get(0).isTextual()
                && value.get(1).isNumber();
        return link ? Optional.of(value.get(0).textValue()) : Optional.empty();
    }

    /** Whether its class saves files that people want. */
    static boolean saves(String classType) {
        return SAVES.matcher(classType).matches()
                && (!SAVES_NO_MEDIA.matcher(classType).matches()
                        || classType.toLowerCase(Locale.ROOT).contains("image"));
    }

    /** The nodes that save files. */
    Set<String> saving() {
        Set<String> saving = new TreeSet<>();
        ids().stream().filter(node -> saves(classType(node))).forEach(saving::add);
        return saving;
    }

    /** The nodes that no other takes anything from; at least one. */
    Set<String> last() {
        Set<String> last = new TreeSet<>(ids());
        ids().forEach(node -> inputs(node, (field, value) -> link(value).ifPresent(last::remove)));
        return last;
    }

    /**
     * What a server must have for it.
     *
     * @param open pointers of inputs that a request fills: what stands there is no constant
     */
    Set<String> requires(Set<String> open) {
        Set<String> tags = new TreeSet<>();
        for (String node : ids()) {
            tags.add(Tags.node(classType(node)));
            inputs(node, (field, value) -> {
                String pointer = new GraphProblem(node, field, "", "").pointer();
                if (value.isTextual() && !NO_MODELS.contains(field) && !open.contains(pointer)) {
                    model(value.textValue()).ifPresent(tags::add);
                }
            });
        }
        return tags;
    }

    /** The tag for a constant, if it names a model file. */
    static Optional<String> model(String text) {
        return Tags.isModelFile(text) && Tags.fits(Tags.model(text)) ? Optional.of(Tags.model(text)) : Optional.empty();
    }

    /** The nodes on a circle if these links are put in besides its own; empty if there is none. */
    Set<String> circle(Map<String, ? extends Collection<String>> more) {
        return circle(root, more);
    }

    /* Kahn's algorithm, from the results backward: what can't be taken away is on a circle or feeds from one. A
    second round from the other end leaves those on circles, and the paths between circles. */
    private static Set<String> circle(ObjectNode root, Map<String, ? extends Collection<String>> more) {
        Map<String, List<String>> forward = new HashMap<>();
        Map<String, List<String>> backward = new HashMap<>();
        root.properties().forEach(entry -> {
            String node = entry.getKey();
            List<String> sources = new ArrayList<>(more.containsKey(node) ? more.get(node) : List.of());
            entry.getValue().path("inputs").forEach(value -> link(value).ifPresent(sources::add));
            for (String source : sources) {
                if (root.has(source)) {
                    forward.computeIfAbsent(source, key -> new ArrayList<>()).add(node);
                    backward.computeIfAbsent(node, key -> new ArrayList<>()).add(source);
                }
            }
        });
        Set<String> left = new TreeSet<>();
        root.fieldNames().forEachRemaining(left::add);
        peel(left, backward, forward);
        peel(left, forward, backward);
        return left;
    }

    private static void peel(Set<String> left, Map<String, List<String>> in, Map<String, List<String>> out) {
        Map<String, Integer> degree = new HashMap<>();
        Deque<String> free = new ArrayDeque<>();
        for (String node : left) {
            int count = (int) in.getOrDefault(node, List.of()).stream()
                    .filter(left::contains)
                    .count();
            degree.put(node, count);
            if (count == 0) {
                free.add(node);
            }
        }
        while (!free.isEmpty()) {
            String node = free.remove();
            left.remove(node);
            for (String next : out.getOrDefault(node, List.of())) {
                if (left.contains(next) && degree.merge(next, -1, Integer::sum) == 0) {
                    free.add(next);
                }
            }
        }
    }

    private static GraphProblem whole(String reason, String text) {
        return new GraphProblem("", "", reason, text);
    }

    private static String why(JsonProcessingException e) {
        String told = String.valueOf(e.getOriginalMessage());
        if (told.contains("nesting depth")) {
            return "nested deeper than " + MAX_DEPTH;
        } else if (told.contains("Duplicate field")) {
            return "a key is there twice";
        } else if (told.contains("Number value length")) {
            return "a number has more than " + MAX_DIGITS + " digits";
        }
        return "it is malformed";
    }

    /** Looks at every node once. */
    private static final class Check {
        private final ObjectNode root;
        private final Consumer<GraphProblem> problems;
        private int count;

        Check(ObjectNode root, Consumer<GraphProblem> problems) {
            this.root = root;
            this.problems = problems;
        }

        void run() {
            if (root.isEmpty()) {
                tell("", "", "no_nodes", "has no nodes");
            } else if (root.size() > MAX_NODES) {
                tell("", "", "too_many_nodes", "must have at most " + MAX_NODES + " nodes, not " + root.size());
                return;
            }
            root.properties().forEach(entry -> node(entry.getKey(), entry.getValue()));
            if (count == 0) {
                for (String node : circle(root, Map.of())) {
                    tell(node, "", "cycle", "its links go in a circle");
                }
            }
        }

        private void node(String id, JsonNode node) {
            if (!NODE_ID.matcher(id).matches()) {
                tell(
                        "",
                        "",
                        "invalid_node_id",
                        "a node's id must be 1 to 64 printable ASCII characters, not '" + Texts.shown(id) + "'");
                return;
            }
            if (!node.isObject()) {
                tell(id, "", "invalid_node", "must be an object with class_type and inputs");
                return;
            }
            JsonNode classType = node.path("class_type");
            if (!classType.isTextual() || classType.textValue().isBlank()) {
                tell(id, "class_type", "missing_class_type", "must name the node's class");
            } else if (!Tags.fits(Tags.node(classType.textValue())) || !isWellFormed(classType.textValue())) {
                tell(id, "class_type", "invalid_class_type", "must be a name of some printable characters");
            }
            if (!(node.path("inputs") instanceof ObjectNode inputs)) {
                tell(id, "inputs", "missing_inputs", "must be an object, even if it is empty");
                return;
            }
            inputs.properties().forEach(entry -> input(id, entry.getKey(), entry.getValue()));
            walk(id, "inputs", node.path("_meta"));
        }

        private void input(String id, String field, JsonNode value) {
            link(value)
                    .filter(target -> !root.has(target))
                    .ifPresent(target -> tell(
                            id,
                            field,
                            "link_to_missing_node",
                            "links to the node '" + Texts.shown(target) + "', which isn't there"));
            if (!isWellFormed(field)) {
                tell(id, field, "invalid_text", "its name must be well-formed Unicode");
            }
            walk(id, field, value);
        }

        /** The depth is bounded by the reader. */
        private void walk(String id, String field, JsonNode value) {
            if (value.isTextual() && !isWellFormed(value.textValue())) {
                tell(id, field, "invalid_text", "must be well-formed Unicode: it has half a surrogate pair");
            } else if (value.isBigDecimal() && isExtreme(value.decimalValue())) {
                tell(id, field, "invalid_number", "must be a number that a computer can hold");
            }
            value.properties().forEach(entry -> {
                if (!isWellFormed(entry.getKey())) {
                    tell(id, field, "invalid_text", "must be well-formed Unicode: it has half a surrogate pair");
                }
            });
            value.forEach(part -> walk(id, field, part));
        }

        private void tell(String node, String field, String reason, String text) {
            if (count++ < MAX_PROBLEMS) {
                problems.accept(new GraphProblem(node, Texts.shown(field), reason, text));
            }
        }

        private static boolean isExtreme(BigDecimal number) {
            return Math.abs((long) number.scale()) > MAX_SCALE;
        }

        private static boolean isWellFormed(String text) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else if (Character.isSurrogate(c)) {
                    return false;
                }
            }
            return true;
        }
    }
}
