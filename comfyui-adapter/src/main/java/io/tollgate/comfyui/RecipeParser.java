package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.workflow.Nearest;
import io.tollgate.queue.workflow.Texts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads one recipe and tells everything that is wrong with it. Used once, by one thread. */
final class RecipeParser {
    static final String GRAPH = "graph";
    static final String RAW = "raw";
    static final String INPUT = "input";

    private static final String OUTPUTS = "outputs";
    static final String IGNORED = "ignored";
    private static final String NODES = "nodes";
    private static final String MODELS = "models";
    static final String INPUTS = "inputs.";
    static final String VALUES = "values.";
    static final String TIMES = "times.";
    static final String PER = "per.";
    private static final String TITLE = "title:";
    private static final List<String> TEMPLATE_KEYS = List.of(
            GRAPH, "inputs.NAME", "values.NAME.OPTION", "times.NAME", "per.NAME", OUTPUTS, IGNORED, NODES, MODELS);
    private static final List<String> RAW_KEYS = List.of(RAW, INPUT, IGNORED, NODES, MODELS);
    private static final int MAX_PLACES = 500;
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,12}(\\.[0-9]{1,12})?");

    private final Map<String, String> recipe;
    private final List<RecipeProblem> problems = new ArrayList<>();

    /** What a recipe says, as far as it is right. */
    record Parsed(
            Optional<Graph> graph,
            Optional<String> rawInput,
            Map<String, Rule> rules,
            Set<String> outputs,
            Set<String> ignored,
            Set<String> requires,
            List<RecipeProblem> problems) {}

    RecipeParser(Map<String, String> recipe) {
        this.recipe = new TreeMap<>(recipe);
    }

    Parsed parse() {
        return recipe.getOrDefault(RAW, "false").equals("true") ? raw() : template();
    }

    private Parsed raw() {
        Optional<String> input = Optional.ofNullable(recipe.get(INPUT));
        if (input.isEmpty()) {
            wrong(INPUT, "must name the input that brings the graph");
        }
        for (String key : recipe.keySet()) {
            if (!RAW_KEYS.contains(key)) {
                wrong(
                        key,
                        "makes no sense where the graph comes with the request; allowed: "
                                + String.join(", ", RAW_KEYS));
            }
        }
        Set<String> ignored = words(IGNORED, Words.BLANKS_AND_COMMAS);
        return new Parsed(Optional.empty(), input, Map.of(), Set.of(), ignored, further(), problems);
    }

    private Parsed template() {
        Set<String> ignored = words(IGNORED, Words.BLANKS_AND_COMMAS);
        Set<String> requires = further();
        String flag = recipe.getOrDefault(RAW, "false");
        if (!flag.equals("false")) {
            wrong(RAW, "must be true or false, not '" + Texts.shown(flag) + "'");
        }
        recipe.keySet().forEach(this::known);
        String text = recipe.get(GRAPH);
        if (text == null) {
            wrong(GRAPH, "is missing; must be a graph in ComfyUI's API format");
            return new Parsed(Optional.empty(), Optional.empty(), Map.of(), Set.of(), ignored, requires, problems);
        }
        Optional<Graph> read = Graph.read(text, problem -> wrong(GRAPH, problem.toString()));
        Map<String, Rule> rules = new LinkedHashMap<>();
        Set<String> outputs = Set.of();
        if (read.isPresent()) {
            Graph graph = read.get();
            rules(graph, rules);
            outputs = outputs(graph);
            circles(graph, rules);
            Set<String> open = new TreeSet<>();
            rules.values().forEach(rule -> {
                rule.places().forEach(place -> open.add(place.toString()));
                rule.values().values().stream()
                        .filter(JsonNode::isTextual)
                        .forEach(value -> Graph.model(value.textValue()).ifPresent(requires::add));
            });
            requires.addAll(graph.requires(open));
        }
        return new Parsed(read, Optional.empty(), rules, outputs, ignored, requires, problems);
    }

    private void known(String key) {
        boolean known = TEMPLATE_KEYS.contains(key)
                || key.equals(RAW)
                || key.startsWith(INPUTS)
                || key.startsWith(TIMES)
                || key.startsWith(PER)
                || key.startsWith(VALUES);
        if (!known) {
            wrong(
                    key,
                    "there is no such key"
                            + Nearest.of(key, TEMPLATE_KEYS)
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse("; allowed here: " + String.join(", ", TEMPLATE_KEYS)));
        } else if (key.startsWith(VALUES) && key.indexOf('.', VALUES.length()) < 0) {
            wrong(key, "must say for each option what it is written as");
        } else if ((key.startsWith(TIMES) || key.startsWith(PER) || key.startsWith(VALUES))
                && !recipe.containsKey(INPUTS + name(key))) {
            wrong(key, "says how " + name(key) + " is written, but no " + INPUTS + name(key) + " says where");
        }
    }

    /** The input's name in a key such as {@code values.NAME.OPTION}. */
    private static String name(String key) {
        int from = key.indexOf('.') + 1;
        int to = key.startsWith(VALUES) ? key.indexOf('.', from) : -1;
        return to < 0 ? key.substring(from) : key.substring(from, to);
    }

    private Set<String> further() {
        Set<String> requires = new TreeSet<>();
        words(NODES, Words.COMMAS).forEach(node -> further(NODES, Tags.node(node), requires));
        words(MODELS, Words.COMMAS).forEach(model -> further(MODELS, Tags.model(model), requires));
        return requires;
    }

    private void further(String key, String tag, Set<String> requires) {
        if (Tags.fits(tag)) {
            requires.add(tag);
        } else {
            wrong(key, "must be names of some printable characters, not '" + Texts.shown(Tags.described(tag)) + "'");
        }
    }

    private Set<String> words(String key, Pattern between) {
        String text = recipe.getOrDefault(key, "");
        Optional<List<String>> words = Words.of(text, between);
        if (words.isEmpty()) {
            wrong(key, "must be a list of texts");
        }
        return new TreeSet<>(words.orElse(List.of()));
    }

    private void rules(Graph graph, Map<String, Rule> rules) {
        Map<String, String> taken = new TreeMap<>();
        for (Map.Entry<String, String> entry : recipe.entrySet()) {
            String key = entry.getKey();
            if (!key.startsWith(INPUTS)) {
                continue;
            }
            String name = name(key);
            List<Place> places = places(graph, key, entry.getValue());
            for (Place place : places) {
                String before = taken.putIfAbsent(place.toString(), name);
                if (before != null) {
                    wrong(key, place + " is written by " + before + " already");
                }
            }
            Map<String, JsonNode> values = values(graph, name);
            boolean links = !values.isEmpty()
                    && values.values().stream()
                            .allMatch(value -> Graph.link(value).isPresent());
            for (Place place : places) {
                if (!links && Graph.link(place.in(graph.root())).isPresent()) {
                    wrong(
                            key,
                            place + " is a link to another node; point at a value, or say by values." + name
                                    + " which links it may be");
                }
            }
            if (!places.isEmpty()) {
                rules.put(name, new Rule(places, values, number(TIMES + name), number(PER + name)));
            }
        }
    }

    private List<Place> places(Graph graph, String key, String text) {
        List<Place> places = new ArrayList<>();
        Optional<List<String>> words = Words.of(text, Words.BEFORE_PLACES);
        if (words.isEmpty() || words.get().isEmpty() || words.get().size() > MAX_PLACES) {
            wrong(key, "must be 1 to " + MAX_PLACES + " places, such as /3/inputs/seed or title:KSampler/seed");
            return places;
        }
        for (String word : words.get()) {
            Optional<Place> place = word.startsWith(TITLE) ? titled(graph, key, word) : pointed(graph, key, word);
            place.ifPresent(places::add);
        }
        return places;
    }

    private Optional<Place> titled(Graph graph, String key, String word) {
        int slash = word.lastIndexOf('/');
        if (slash <= TITLE.length() || slash == word.length() - 1) {
            wrong(key, "'" + Texts.shown(word) + "' must be title:TITLE OF A NODE/INPUT");
            return Optional.empty();
        }
        String title = word.substring(TITLE.length(), slash);
        List<String> nodes = graph.ids().stream()
                .filter(node -> graph.title(node).equals(title))
                .toList();
        if (nodes.size() != 1) {
            wrong(
                    key,
                    "'" + Texts.shown(title) + "' is the title of "
                            + (nodes.isEmpty() ? "no node" : "the nodes " + String.join(", ", nodes))
                            + "; it must be that of one");
            return Optional.empty();
        }
        GraphProblem input = new GraphProblem(nodes.get(0), word.substring(slash + 1), "", "");
        return there(graph, key, JsonPointer.compile(input.pointer()));
    }

    private Optional<Place> pointed(Graph graph, String key, String word) {
        if (!word.startsWith("/")) {
            wrong(
                    key,
                    "'" + Texts.shown(word) + "' must be a JSON Pointer such as /3/inputs/seed, or"
                            + " title:TITLE OF A NODE/INPUT");
            return Optional.empty();
        }
        return there(graph, key, JsonPointer.compile(word));
    }

    private Optional<Place> there(Graph graph, String key, JsonPointer pointer) {
        JsonPointer second = pointer.tail();
        String node = pointer.getMatchingProperty();
        if (!graph.has(node)) {
            wrong(key, Texts.shown(pointer.toString()) + " points at nothing: there is no node " + Texts.shown(node));
            return Optional.empty();
        }
        if (second == null
                || second.matches()
                || !"inputs".equals(second.getMatchingProperty())
                || second.tail() == null
                || second.tail().matches()) {
            wrong(
                    key,
                    Texts.shown(pointer.toString()) + " must point at an input of a node, such as /" + node
                            + "/inputs/…");
            return Optional.empty();
        }
        if (graph.root().at(pointer).isMissingNode()) {
            List<String> known = new ArrayList<>();
            graph.inputs(node, (field, value) -> known.add(field));
            wrong(
                    key,
                    Texts.shown(pointer.toString()) + " points at nothing: the inputs of node " + node + " ("
                            + graph.classType(node) + ") are " + Texts.shown(String.join(", ", known)));
            return Optional.empty();
        }
        return Optional.of(new Place(pointer));
    }

    private Map<String, JsonNode> values(Graph graph, String name) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        String prefix = VALUES + name + ".";
        recipe.forEach((key, text) -> {
            if (!key.startsWith(prefix)) {
                return;
            }
            Optional<JsonNode> value = Graph.value(text);
            Optional<String> target = value.flatMap(Graph::link);
            if (value.isEmpty()
                    || !(value.get().isValueNode() || target.isPresent())
                    || value.get().isNull()) {
                wrong(
                        key,
                        "must be JSON: a number, a text in quotation marks, true, false, or a link such as"
                                + " [\"12\", 0], not '" + Texts.shown(text) + "'");
            } else if (target.isPresent() && !graph.has(target.get())) {
                wrong(key, "links to the node '" + Texts.shown(target.get()) + "', which isn't there");
            } else {
                values.put(key.substring(prefix.length()), value.get());
            }
        });
        return values;
    }

    private Optional<BigDecimal> number(String key) {
        String text = recipe.get(key);
        if (text == null) {
            return Optional.empty();
        }
        if (!NUMBER.matcher(text).matches() || new BigDecimal(text).signum() == 0) {
            wrong(key, "must be a number other than 0, not '" + Texts.shown(text) + "'");
            return Optional.empty();
        }
        return Optional.of(new BigDecimal(text));
    }

    private Set<String> outputs(Graph graph) {
        if (!recipe.containsKey(OUTPUTS)) {
            Set<String> saving = graph.saving();
            if (saving.isEmpty()) {
                wrong(
                        GRAPH,
                        "no node of it saves anything; add one such as SaveImage, or name the nodes whose files"
                                + " count by " + OUTPUTS);
            }
            return saving;
        }
        Set<String> outputs = words(OUTPUTS, Words.BLANKS_AND_COMMAS);
        if (outputs.isEmpty()) {
            wrong(OUTPUTS, "must name at least one node");
        }
        for (String node : outputs) {
            if (!graph.has(node)) {
                wrong(OUTPUTS, "there is no node '" + Texts.shown(node) + "'");
            }
        }
        return outputs;
    }

    private void circles(Graph graph, Map<String, Rule> rules) {
        Map<String, Set<String>> links = new TreeMap<>();
        rules.values()
                .forEach(rule -> rule.values()
                        .values()
                        .forEach(value -> Graph.link(value)
                                .ifPresent(source -> rule.places()
                                        .forEach(place -> links.computeIfAbsent(place.node(), node -> new TreeSet<>())
                                                .add(source)))));
        Set<String> circle = links.isEmpty() ? Set.of() : graph.circle(links);
        if (!circle.isEmpty()) {
            wrong("values", "their links make a circle of the nodes " + Texts.shown(String.join(", ", circle)));
        }
    }

    private void wrong(String key, String text) {
        problems.add(new RecipeProblem(key, text));
    }
}
