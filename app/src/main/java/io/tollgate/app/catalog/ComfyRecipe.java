package io.tollgate.app.catalog;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.tollgate.app.config.Kind;
import io.tollgate.comfyui.ComfyWorkflow;
import io.tollgate.comfyui.RecipeProblem;
import io.tollgate.queue.workflow.InputSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a recipe for ComfyUI: {@code graph} names a file in ComfyUI's API format that lies beside the workflow, or is
 * such a graph itself; the other keys say where inputs go.
 */
final class ComfyRecipe implements RecipeReader {
    static final String KIND = ComfyWorkflow.TYPE;

    private static final String GRAPH = "graph";
    private static final List<String> KEYS =
            List.of(GRAPH, "inputs", "values", "times", "per", "outputs", "ignored", "nodes", "models", "raw", "input");
    private static final int LONGEST_TEXT = 10_000;
    private static final Kind<String> NAME_OR_GRAPH = Kind.text(Beside.LONGEST);
    private static final Kind<String> WORDS = new Kind<>("list", "a text or a list of texts", value -> {
        if (value instanceof ConfigList list) {
            list.forEach(item -> require(item.valueType() == ConfigValueType.STRING));
            return json(list);
        }
        return Kind.text(LONGEST_TEXT).read(value);
    });
    private static final Kind<String> VALUE =
            new Kind<>("value", "a text, a number, true, false or a link such as [\"12\", 0]", value -> {
                require(value.valueType() != ConfigValueType.OBJECT && value.valueType() != ConfigValueType.NULL);
                boolean link = value.valueType() == ConfigValueType.STRING
                        && String.valueOf(value.unwrapped()).strip().startsWith("[");
                return link ? String.valueOf(value.unwrapped()) : json(value);
            });
    private static final Kind<String> NUMBER = new Kind<>("number", "a number", value -> {
        require(value.valueType() == ConfigValueType.NUMBER || value.valueType() == ConfigValueType.STRING);
        return String.valueOf(value.unwrapped());
    });

    @Override
    public Optional<Recipe> read(ObjectReader section, Beside beside, List<InputSpec> inputs) {
        Map<String, String> recipe = new TreeMap<>();
        Map<String, ObjectReader> parts = new HashMap<>();
        boolean readable = true;
        for (String key : section.names()) {
            switch (key) {
                case GRAPH -> readable = graph(section, beside, recipe);
                case "inputs" -> part(section, key, key, WORDS, parts, recipe);
                case "times", "per" -> part(section, key, key, NUMBER, parts, recipe);
                case "values" -> values(section, parts, recipe);
                case "outputs", "ignored", "nodes", "models" ->
                    section.find(key, WORDS).ifPresent(words -> recipe.put(key, words));
                case "raw" -> section.find(key, Kind.flag()).ifPresent(flag -> recipe.put(key, flag.toString()));
                case "input" -> section.find(key, Kind.text(40)).ifPresent(name -> recipe.put(key, name));
                default -> {} // told at the end
            }
        }
        section.finish(KEYS);
        if (!readable) {
            return Optional.empty();
        }
        List<RecipeProblem> problems = ComfyWorkflow.problems(recipe, inputs);
        problems.forEach(problem -> tell(problem, section, parts));
        return problems.isEmpty()
                ? Optional.of(new Recipe(recipe, ComfyWorkflow.parse(recipe).requires()))
                : Optional.empty();
    }

    private static boolean graph(ObjectReader section, Beside beside, Map<String, String> recipe) {
        Optional<String> text = section.find(GRAPH, NAME_OR_GRAPH);
        if (text.isEmpty()) {
            return false;
        }
        if (text.get().strip().startsWith("{")) {
            recipe.put(GRAPH, text.get());
            return true;
        }
        try {
            recipe.put(GRAPH, beside.read(text.get()));
            return true;
        } catch (IOException e) {
            section.wrong(GRAPH, String.valueOf(e.getMessage()));
            return false;
        }
    }

    private static void values(ObjectReader section, Map<String, ObjectReader> parts, Map<String, String> recipe) {
        section.section("values").ifPresent(values -> {
            parts.put("values", values);
            for (String name : values.names()) {
                part(values, name, "values." + name, VALUE, parts, recipe);
            }
        });
    }

    private static void part(
            ObjectReader section,
            String name,
            String path,
            Kind<String> kind,
            Map<String, ObjectReader> parts,
            Map<String, String> recipe) {
        section.section(name).ifPresent(part -> {
            parts.put(path, part);
            part.names().forEach(key -> part.find(key, kind).ifPresent(text -> recipe.put(path + "." + key, text)));
        });
    }

    /** Tells it at the line of the key it is about. */
    private static void tell(RecipeProblem problem, ObjectReader section, Map<String, ObjectReader> parts) {
        String key = problem.key();
        for (int dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
            ObjectReader part = parts.get(key.substring(0, dot));
            if (part != null) {
                part.wrong(key.substring(dot + 1), problem.text());
                return;
            }
        }
        section.wrong(key, problem.text());
    }

    private static String json(ConfigValue value) {
        return value.render(ConfigRenderOptions.concise());
    }

    private static void require(boolean allowed) {
        if (!allowed) {
            throw new IllegalArgumentException();
        }
    }
}
