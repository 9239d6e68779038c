package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InputSpec.Media;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A proposal of what a workflow could ask for, made from a graph that someone exported: photos, prompts, seeds and the
 * numbers that people like to turn. A person looks it over; it is no more than a start.
 *
 * @param inputs what it asks for, in the order in which people are asked, with the places of each in the graph
 * @param outputs the nodes that save files
 * @param models the model files that stand in it
 * @param video whether it makes films rather than pictures
 * @param notes what a person should know, a line each
 */
public record WorkflowImport(
        List<Proposed> inputs, Set<String> outputs, Set<String> models, boolean video, List<String> notes) {
    public WorkflowImport {
        inputs = List.copyOf(inputs);
        outputs = Set.copyOf(outputs);
        models = Set.copyOf(models);
        notes = List.copyOf(notes);
    }

    /**
     * One proposed input.
     *
     * @param spec what it may be
     * @param places JSON Pointers into the graph, at least one
     */
    public record Proposed(InputSpec spec, List<String> places) {
        public Proposed {
            places = List.copyOf(places);
        }
    }

    /**
     * Reads a graph in API format.
     *
     * @throws InvalidWorkflowException if it can't be run or saves nothing, with everything that is wrong, a line each
     */
    public static WorkflowImport propose(String json) {
        List<GraphProblem> problems = new ArrayList<>();
        Optional<Graph> graph = Graph.read(json, problems::add);
        if (graph.isEmpty()) {
            throw new InvalidWorkflowException(
                    problems.stream().map(GraphProblem::toString).collect(Collectors.joining("\n")));
        }
        Set<String> outputs = graph.get().saving();
        if (outputs.isEmpty()) {
            throw new InvalidWorkflowException(
                    "no node saves anything; in ComfyUI put a node such as Save Image at the end and export it again");
        }
        return new Proposer(graph.get()).propose(outputs);
    }

    /** Goes through one graph once. */
    private static final class Proposer {
        private static final int MOST = 40; // a workflow has 50 at most, and people have to be asked
        private static final int LONGEST_PROMPT = 2000;
        private static final int LONGEST_SIDE = 2048;
        private static final Pattern ENCODES = Pattern.compile("(?i).*text_?encode.*");
        private static final Pattern FILMS = Pattern.compile("(?i).*(video|webm|webp|animated).*");
        private static final List<String> TEXT_FIELDS =
                List.of("text", "prompt", "text_g", "text_l", "clip_l", "t5xxl");
        private static final List<String> CONSTANT_FIELDS = List.of("value", "text", "string", "prompt");
        private static final Set<String> IMAGES = Set.of("image/png", "image/jpeg", "image/webp", "image/gif");
        private static final Set<String> VIDEOS = Set.of("video/mp4", "video/webm");
        private static final Set<String> AUDIOS = Set.of("audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4");
        private static final long LARGEST_FILE = 50L << 20;

        private final Graph graph;
        private final Map<String, Integer> names = new HashMap<>();
        private final List<Proposed> files = new ArrayList<>();
        private final List<Proposed> texts = new ArrayList<>();
        private final List<Proposed> numbers = new ArrayList<>();
        private final List<String> seeds = new ArrayList<>();
        private final Set<String> models = new TreeSet<>();
        private final List<String> notes = new ArrayList<>();

        Proposer(Graph graph) {
            this.graph = graph;
        }

        WorkflowImport propose(Set<String> outputs) {
            Map<String, String> roles = new LinkedHashMap<>();
            roles("negative", roles);
            roles("positive", roles); // a text that is both is the prompt
            for (String node : graph.ids()) {
                file(node);
                graph.inputs(node, (field, value) -> {
                    number(node, field, value);
                    if (value.isTextual() && Tags.isModelFile(value.textValue())) {
                        models.add(value.textValue());
                    }
                });
            }
            for (String node : graph.ids()) {
                if (ENCODES.matcher(graph.classType(node)).matches()) {
                    encoded(node, roles.getOrDefault(node, "text"));
                }
            }
            texts.sort(Comparator.comparing(input -> !input.spec().required())); // what must be said comes first
            List<Proposed> inputs = new ArrayList<>(files);
            inputs.addAll(texts);
            inputs.addAll(numbers);
            if (inputs.size() > MOST) {
                notes.add("it has more that could be asked for; the first " + MOST + " were taken");
                inputs.subList(MOST, inputs.size()).clear();
            }
            if (!seeds.isEmpty()) {
                inputs.add(new Proposed(new InputSpec.Seed("seed", "Seed: the same one makes the same result"), seeds));
            }
            boolean video = outputs.stream()
                    .anyMatch(node -> FILMS.matcher(graph.classType(node)).matches());
            return new WorkflowImport(inputs, outputs, models, video, notes);
        }

        private void file(String node) {
            switch (graph.classType(node)) {
                case "LoadImage" -> file(node, "image", "image", Media.IMAGE, IMAGES);
                case "LoadImageMask" -> file(node, "image", "mask", Media.IMAGE, IMAGES);
                case "LoadVideo" -> file(node, "file", "video", Media.VIDEO, VIDEOS);
                case "VHS_LoadVideo" -> file(node, "video", "video", Media.VIDEO, VIDEOS);
                case "LoadAudio" -> file(node, "audio", "audio", Media.AUDIO, AUDIOS);
                default -> {}
            }
        }

        private void file(String node, String field, String name, Media media, Set<String> types) {
            if (value(node, field).isTextual()) {
                files.add(new Proposed(
                        new InputSpec.Files(fresh(name), label(node), true, media, types, 1, 1, LARGEST_FILE),
                        List.of(pointer(node, field))));
            }
        }

        /* A sampler names its conditionings positive and negative, a guider calls the only one conditioning. What
        lies on the way and has both, such as a control net, hands each through to the one of the same name. */
        private void roles(String role, Map<String, String> roles) {
            Deque<String> todo = new ArrayDeque<>();
            Set<String> seen = new HashSet<>();
            for (String node : graph.ids()) {
                Graph.link(value(node, role)).ifPresent(todo::add);
                if (role.equals("positive")
                        && graph.classType(node).toLowerCase(Locale.ROOT).contains("guider")) {
                    Graph.link(value(node, "conditioning")).ifPresent(todo::add);
                }
            }
            while (!todo.isEmpty()) {
                String node = todo.remove();
                if (!seen.add(node)) {
                    continue;
                }
                if (ENCODES.matcher(graph.classType(node)).matches()) {
                    roles.put(node, role);
                } else if (Graph.link(value(node, role)).isPresent()) {
                    Graph.link(value(node, role)).ifPresent(todo::add);
                } else {
                    graph.inputs(node, (field, value) -> Graph.link(value).ifPresent(todo::add));
                }
            }
        }

        private void encoded(String node, String role) {
            String name = role.equals("positive") ? "prompt" : role.equals("negative") ? "negative_prompt" : "text";
            Map<String, List<String>> places = new LinkedHashMap<>();
            for (String field : TEXT_FIELDS) {
                constant(node, field)
                        .ifPresent(place -> places.computeIfAbsent(
                                        graph.root().at(place).textValue(), text -> new ArrayList<>())
                                .add(place));
            }
            // what says the same twice, for two encoders of one model, is asked for once
            places.forEach((text, same) -> {
                if (texts.stream().noneMatch(known -> known.places().containsAll(same))) {
                    texts.add(new Proposed(text(fresh(name), node, role, text), same));
                }
            });
        }

        /** Where the text of a field is: there, or in the node that it links to, which does nothing else. */
        private Optional<String> constant(String node, String field) {
            JsonNode value = value(node, field);
            if (value.isTextual()) {
                return Optional.of(pointer(node, field));
            }
            return Graph.link(value)
                    .flatMap(source -> CONSTANT_FIELDS.stream()
                            .filter(other -> value(source, other).isTextual())
                            .map(other -> pointer(source, other))
                            .findFirst());
        }

        private InputSpec text(String name, String node, String role, String text) {
            String clean = clean(text, LONGEST_PROMPT);
            boolean wanted = !role.equals("negative");
            Optional<String> preset = wanted || clean.isBlank() ? Optional.empty() : Optional.of(clean);
            return new InputSpec.Text(name, label(node), wanted, preset, LONGEST_PROMPT);
        }

        private void number(String node, String field, JsonNode value) {
            if (!value.isNumber()) {
                return;
            }
            BigDecimal number = value.decimalValue();
            switch (field) {
                case "seed", "noise_seed" -> seeds.add(pointer(node, field));
                case "steps" -> whole(node, field, number, 1, 50);
                case "width", "height" -> {
                    if (value(node, "width").asLong() > 0
                            && value(node, "height").asLong() > 0) {
                        whole(node, field, number, 64, LONGEST_SIDE);
                    }
                }
                case "cfg" -> decimal(node, field, number, "20");
                case "denoise", "strength" -> decimal(node, field, number, "1");
                default -> {}
            }
        }

        private void whole(String node, String field, BigDecimal number, long min, long max) {
            if (number.signum() <= 0 || number.scale() > 0 || number.precision() > 9) {
                return; // such as a width of 0, which means something of its own
            }
            long preset = number.longValueExact();
            numbers.add(new Proposed(
                    new InputSpec.Whole(
                            fresh(field),
                            label(node),
                            false,
                            Optional.of(preset),
                            Math.min(min, preset),
                            Math.max(max, preset)),
                    List.of(pointer(node, field))));
        }

        private void decimal(String node, String field, BigDecimal number, String max) {
            if (number.signum() < 0 || number.precision() > 9 || Math.abs(number.scale()) > 9) {
                return;
            }
            numbers.add(new Proposed(
                    new InputSpec.Decimal(
                            fresh(field),
                            label(node),
                            false,
                            Optional.of(number),
                            BigDecimal.ZERO,
                            new BigDecimal(max).max(number)),
                    List.of(pointer(node, field))));
        }

        private JsonNode value(String node, String field) {
            return graph.root().path(node).path("inputs").path(field);
        }

        private String fresh(String name) {
            int number = names.merge(name, 1, Integer::sum);
            return number == 1 ? name : name + "_" + number;
        }

        private String label(String node) {
            String title = graph.title(node);
            return clean(title.isBlank() ? graph.classType(node) : title, 100).replace('\n', ' ');
        }

        /** Without control characters, at most so many UTF-16 units, never cut within a character. */
        private static String clean(String text, int longest) {
            StringBuilder clean = new StringBuilder();
            text.codePoints()
                    .filter(c -> c == '\n' || c == '\t' || !Character.isISOControl(c))
                    .takeWhile(c -> clean.length() + 2 <= longest)
                    .forEach(clean::appendCodePoint);
            return clean.toString();
        }

        private static String pointer(String node, String field) {
            return new GraphProblem(node, field, "", "").pointer();
        }
    }
}
