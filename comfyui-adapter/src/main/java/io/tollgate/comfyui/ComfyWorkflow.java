package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A recipe for ComfyUI: a graph, and where in it the inputs of a workflow go. Or, for a {@linkplain #isRaw raw} one, a
 * graph that each request brings itself. Immutable; safe for use by many threads.
 */
public final class ComfyWorkflow {
    /** The kind of backend that runs it, as recipes and configurations name it. */
    public static final String TYPE = "comfyui";

    private final Optional<Graph> graph;
    private final Optional<String> rawInput;
    private final Optional<RawGraph> brought;
    private final Map<String, Rule> rules;
    private final Set<String> outputs;
    private final Set<String> requires;

    private ComfyWorkflow(RecipeParser.Parsed parsed, Optional<RawGraph> brought) {
        this.graph = parsed.graph();
        this.rawInput = parsed.rawInput();
        this.brought = brought;
        this.rules = parsed.rules();
        this.outputs = parsed.outputs();
        Set<String> all = new TreeSet<>(parsed.requires());
        brought.ifPresent(raw -> all.addAll(raw.requires()));
        this.requires = Set.copyOf(all);
    }

    /**
     * Reads a recipe.
     *
     * @param recipe flat: {@code graph}, {@code inputs.NAME}, {@code values.NAME.OPTION}, {@code times.NAME},
     *     {@code per.NAME}, {@code outputs}, {@code ignored}, {@code nodes}, {@code models}; or {@code raw} and
     *     {@code input}. Lists are words, or JSON arrays of texts
     * @throws InvalidWorkflowException if it is wrong, with everything that is, a line each
     */
    public static ComfyWorkflow parse(Map<String, String> recipe) {
        RecipeParser.Parsed parsed = new RecipeParser(recipe).parse();
        if (!parsed.problems().isEmpty()) {
            throw new InvalidWorkflowException(
                    parsed.problems().stream().map(RecipeProblem::toString).collect(Collectors.joining("\n")));
        }
        return new ComfyWorkflow(parsed, Optional.empty());
    }

    /**
     * Everything that is wrong with a recipe, in itself and for the inputs that its workflow asks for; empty if nothing
     * is.
     */
    public static List<RecipeProblem> problems(Map<String, String> recipe, List<InputSpec> inputs) {
        RecipeParser.Parsed parsed = new RecipeParser(recipe).parse();
        List<RecipeProblem> problems = new ArrayList<>(parsed.problems());
        RecipeFit.compare(parsed, inputs, problems);
        return List.copyOf(problems);
    }

    /** Whether the graph comes with the request: then {@link #forRun} knows more. */
    public boolean isRaw() {
        return rawInput.isPresent();
    }

    /**
     * This workflow for one run: itself, unless it is raw; then the one of the graph that the run brought, which knows
     * what it requires and which nodes count.
     *
     * @throws InvalidWorkflowException if the graph is missing or wrong, with everything that is, a line each
     */
    public ComfyWorkflow forRun(Map<String, InputValue> inputs) {
        if (rawInput.isEmpty()) {
            return this;
        }
        if (!(inputs.get(rawInput.get()) instanceof InputValue.Graph brings)) {
            throw new InvalidWorkflowException("input " + rawInput.get() + ": must bring the graph");
        }
        RawGraph.Reading reading = RawGraph.read(brings.text());
        if (reading instanceof RawGraph.Reading.Invalid invalid) {
            throw new InvalidWorkflowException(invalid.message());
        }
        RecipeParser.Parsed own =
                new RecipeParser.Parsed(Optional.empty(), rawInput, Map.of(), Set.of(), Set.of(), requires, List.of());
        return new ComfyWorkflow(own, Optional.of(((RawGraph.Reading.Valid) reading).graph()));
    }

    /**
     * The files that a run needs at the server, in the order of the inputs. Files of ignored inputs are not among them.
     *
     * @throws InvalidWorkflowException as {@link #forRun} does
     */
    public Set<AssetId> assets(Map<String, InputValue> inputs) {
        if (rawInput.isPresent()) {
            return raw(inputs).assets();
        }
        Set<AssetId> assets = new LinkedHashSet<>();
        for (String name : rules.keySet()) {
            InputValue value = inputs.get(name);
            if (value instanceof InputValue.Asset file) {
                assets.add(file.id());
            } else if (value instanceof InputValue.Assets files) {
                assets.addAll(files.ids());
            }
        }
        return assets;
    }

    /**
     * The graph of a run, to be sent as {@code prompt}. A fresh copy. An input that the run doesn't bring leaves what
     * the template says.
     *
     * @param inputs checked values by input name
     * @param uploadedName what a server calls a file that was uploaded
     * @throws InvalidWorkflowException as {@link #forRun} does
     * @throws IllegalArgumentException if a value is none that the workflow's inputs allow
     */
    public ObjectNode graph(Map<String, InputValue> inputs, Function<AssetId, String> uploadedName) {
        if (rawInput.isPresent()) {
            return raw(inputs).graph(uploadedName);
        }
        ObjectNode copy = graph.orElseThrow().root().deepCopy();
        rules.forEach((name, rule) -> {
            InputValue value = inputs.get(name);
            if (value != null) {
                List<JsonNode> written = rule.written(value, uploadedName);
                for (int i = 0; i < written.size(); i++) {
                    rule.places().get(i).put(copy, written.get(i));
                }
            }
        });
        return copy;
    }

    /** The user's own words in a run: its texts, and all constants that are texts in a graph that it brings. */
    List<String> texts(Map<String, InputValue> inputs) {
        List<String> texts = new ArrayList<>();
        for (InputValue value : inputs.values()) {
            if (value instanceof InputValue.Text text) {
                texts.add(text.value());
            }
        }
        if (rawInput.isPresent()) {
            texts.addAll(raw(inputs).texts().values());
        }
        return texts;
    }

    /** Whether the files of a node count as outputs. Of a raw one, only {@link #forRun} can say; before, all do. */
    public boolean isOutput(String nodeId) {
        if (rawInput.isPresent()) {
            return brought.map(raw -> raw.isOutput(nodeId)).orElse(true);
        }
        return outputs.contains(nodeId);
    }

    /** What a server must have, as {@link Tags}. Of a raw one, only {@link #forRun} knows all. */
    public Set<String> requires() {
        return requires;
    }

    private RawGraph raw(Map<String, InputValue> inputs) {
        return brought.or(() -> forRun(inputs).brought).orElseThrow();
    }
}
