package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.NodeProblem;
import io.tollgate.queue.workflow.Texts;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A graph in API format that a user sent, found sound. A file of the user's stands in it as
 * {@code {"__type":"core/ASSET","info":{"id":"…"}}}, where ComfyUI would have a file name; no other file of the
 * server's can be read by its loaders. Immutable; safe for use by many threads.
 */
public final class RawGraph {
    private static final String TYPE = "__type";
    private static final String ASSET = "core/ASSET";
    private static final Pattern LOADS_MEDIA =
            Pattern.compile("(?i)(?=.*load)(?=.*(image|mask|video|audio|latent|3d)).*");
    /** Not those that only send files up or down, and take pictures of other nodes. */
    private static final Pattern READS = Pattern.compile("(?i)(?<!up|down)load");

    private static final Pattern MEDIA_FIELD =
            Pattern.compile("(?i)(images?|masks?|videos?|audio|file|latents?|model_file|.*(path|dir|folder|url).*)");
    private static final Pattern ANNOTATED = Pattern.compile("(?s).*\\[(input|output|temp)]\\s*");
    private static final int SHOWN_PROBLEMS = 20;

    private final Graph graph;
    private final Set<String> outputs;
    private final Set<AssetId> assets;

    private RawGraph(Graph graph, Set<AssetId> assets) {
        this.graph = graph;
        this.assets = assets;
        Set<String> saving = graph.saving();
        this.outputs = Set.copyOf(saving.isEmpty() ? graph.last() : saving);
    }

    /** What became of reading a graph. Both are ordinary; a caller must face both. */
    public sealed interface Reading {
        /** All is well. */
        record Valid(RawGraph graph) implements Reading {}

        /**
         * Something is wrong.
         *
         * @param code {@code workflow_format_ui} for the format of ComfyUI's editor, else {@code invalid_workflow}
         * @param problems all that is wrong, at least one, in the order of the nodes; 100 at most
         */
        record Invalid(String code, List<GraphProblem> problems) implements Reading {
            /** The code of a graph that can't be run. */
            public static final String INVALID = "invalid_workflow";

            public Invalid {
                problems = List.copyOf(problems);
                if (problems.isEmpty()) {
                    throw new IllegalArgumentException("need at least one problem");
                }
            }

            /** The problems of nodes by node id, as {@code node_errors} of the API has them. */
            public Map<String, List<NodeProblem>> nodeErrors() {
                Map<String, List<NodeProblem>> errors = new LinkedHashMap<>();
                for (GraphProblem problem : problems) {
                    if (!problem.node().isEmpty()) {
                        errors.computeIfAbsent(problem.node(), node -> new ArrayList<>())
                                .add(new NodeProblem(problem.field(), problem.reason()));
                    }
                }
                return errors;
            }

            /** All of it for people, a line each, cut after {@value RawGraph#SHOWN_PROBLEMS}. */
            public String message() {
                String lines = problems.stream()
                        .limit(SHOWN_PROBLEMS)
                        .map(problem -> "workflow " + problem)
                        .collect(Collectors.joining("\n"));
                int more = problems.size() - SHOWN_PROBLEMS;
                return more > 0 ? lines + "\nand " + more + " more" : lines;
            }
        }
    }

    /** Reads bytes of UTF-8; takes time in proportion to their number, however hostile. */
    public static Reading read(byte[] json) {
        if (json.length > Graph.MAX_BYTES) {
            return invalid(List.of(tooLarge()));
        }
        try {
            return read(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString());
        } catch (CharacterCodingException e) {
            return invalid(List.of(new GraphProblem("", "", "invalid_json", "must be UTF-8")));
        }
    }

    /** Reads a text; takes time in proportion to its length, however hostile. */
    public static Reading read(String json) {
        List<GraphProblem> problems = new ArrayList<>();
        Optional<Graph> graph = Graph.read(json, problems::add);
        if (graph.isEmpty()) {
            return invalid(problems);
        }
        Set<AssetId> assets = new LinkedHashSet<>();
        for (String node : graph.get().ids()) {
            String classType = graph.get().classType(node);
            boolean loads = LOADS_MEDIA.matcher(classType).matches();
            boolean reads = loads && READS.matcher(classType).find();
            graph.get().inputs(node, (field, value) -> {
                if (loads
                        && MEDIA_FIELD.matcher(field).matches()
                        && (value.isTextual() || (reads && Graph.link(value).isPresent()))) {
                    problems.add(new GraphProblem(
                            node,
                            Texts.shown(field),
                            "not_an_asset",
                            "must be an uploaded file, {\"__type\":\"core/ASSET\",\"info\":{\"id\":…}}, not the name of"
                                    + " a file of the server's"));
                } else {
                    files(node, field, value, assets, problems);
                }
            });
        }
        return problems.isEmpty() ? new Reading.Valid(new RawGraph(graph.get(), assets)) : invalid(problems);
    }

    private static GraphProblem tooLarge() {
        return new GraphProblem("", "", "too_large", "must have at most " + Graph.MAX_BYTES + " bytes");
    }

    private static Reading invalid(List<GraphProblem> problems) {
        boolean ui = problems.get(0).reason().equals(GraphProblem.UI_FORMAT);
        return new Reading.Invalid(ui ? GraphProblem.UI_FORMAT : Reading.Invalid.INVALID, problems);
    }

    /** The depth is bounded by the reader. */
    private static void files(
            String node, String field, JsonNode value, Set<AssetId> assets, List<GraphProblem> problems) {
        if (value.has(TYPE)) {
            Optional<AssetId> asset = asset(value);
            asset.ifPresent(assets::add);
            if (asset.isEmpty()) {
                problems.add(new GraphProblem(
                        node,
                        Texts.shown(field),
                        "invalid_asset",
                        "must be {\"__type\":\"core/ASSET\",\"info\":{\"id\":…}} with the id of a file"));
            }
        } else if (value.isTextual() && ANNOTATED.matcher(value.textValue()).matches()) {
            problems.add(new GraphProblem(
                    node, Texts.shown(field), "not_an_asset", "must not name a file of the server's folders"));
        } else {
            value.forEach(part -> files(node, field, part, assets, problems));
        }
    }

    private static Optional<AssetId> asset(JsonNode value) {
        JsonNode id = value.path("info").path("id");
        if (!value.path(TYPE).asText().equals(ASSET) || !id.isTextual()) {
            return Optional.empty();
        }
        try {
            return Optional.of(AssetId.parse(id.textValue()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** What a server must have, as {@link Tags}. */
    public Set<String> requires() {
        return graph.requires(Set.of());
    }

    /** The files that are named in it, in the order of the text. Whose they are is for the caller to check. */
    public Set<AssetId> assets() {
        return new LinkedHashSet<>(assets);
    }

    /** All constants that are texts, by their pointers, for a content policy to read. */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String node : graph.ids()) {
            graph.inputs(node, (field, value) -> {
                String pointer = new GraphProblem(node, field, "", "").pointer();
                if (Graph.link(value).isEmpty()) {
                    texts(pointer, value, texts);
                }
            });
        }
        return texts;
    }

    private static void texts(String pointer, JsonNode value, Map<String, String> texts) {
        if (value.isTextual()) {
            texts.put(pointer, value.textValue());
        } else if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                texts(pointer + "/" + i, value.get(i), texts);
            }
        } else if (!value.has(TYPE)) {
            value.properties()
                    .forEach(entry -> texts(
                            pointer + "/" + entry.getKey().replace("~", "~0").replace("/", "~1"),
                            entry.getValue(),
                            texts));
        }
    }

    /** How many nodes it has. */
    public int nodes() {
        return graph.root().size();
    }

    /**
     * The graph as it is sent to a server: a fresh copy with names of files in place of the assets.
     *
     * @param uploadedName what a server calls a file that was uploaded
     */
    public ObjectNode graph(Function<AssetId, String> uploadedName) {
        ObjectNode copy = graph.root().deepCopy();
        if (!assets.isEmpty()) {
            copy.forEach(node -> named(node.path("inputs"), uploadedName));
        }
        return copy;
    }

    private static void named(JsonNode around, Function<AssetId, String> uploadedName) {
        if (around instanceof ObjectNode object) {
            object.properties().forEach(entry -> entry.setValue(name(entry.getValue(), uploadedName)));
        } else if (around instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, name(array.get(i), uploadedName));
            }
        }
    }

    private static JsonNode name(JsonNode value, Function<AssetId, String> uploadedName) {
        Optional<AssetId> asset = asset(value);
        if (asset.isPresent()) {
            return TextNode.valueOf(uploadedName.apply(asset.get()));
        }
        named(value, uploadedName);
        return value;
    }

    /** Whether the files of a node count as outputs: of those that save, or of the last ones if none does. */
    public boolean isOutput(String nodeId) {
        return outputs.contains(nodeId);
    }
}
