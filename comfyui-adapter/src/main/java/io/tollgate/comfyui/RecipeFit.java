package io.tollgate.comfyui;

import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Nearest;
import io.tollgate.queue.workflow.Texts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Whether a recipe fits the inputs that its workflow asks for. */
final class RecipeFit {
    private RecipeFit() {}

    /** What is wrong between a recipe and the inputs of its workflow. */
    static void compare(RecipeParser.Parsed parsed, List<InputSpec> inputs, List<RecipeProblem> problems) {
        Map<String, InputSpec> specs = new LinkedHashMap<>();
        inputs.forEach(input -> specs.put(input.name(), input));
        for (String name : parsed.ignored()) {
            if (!specs.containsKey(name)) {
                problems.add(new RecipeProblem(RecipeParser.IGNORED, "the workflow has no input " + Texts.shown(name)));
            } else if (parsed.rules().containsKey(name)) {
                problems.add(new RecipeProblem(
                        RecipeParser.IGNORED,
                        name + " is not ignored: " + RecipeParser.INPUTS + name + " says where it" + " goes"));
            }
        }
        if (parsed.rawInput().isPresent()) {
            raw(parsed, specs, problems);
            return;
        }
        parsed.rules().forEach((name, rule) -> {
            InputSpec spec = specs.get(name);
            if (spec == null) {
                problems.add(new RecipeProblem(
                        RecipeParser.INPUTS + Texts.shown(name),
                        "the workflow has no such input"
                                + Nearest.of(name, specs.keySet())
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse("")));
            } else {
                compare(name, rule, spec, problems);
            }
        });
        for (String name : specs.keySet()) {
            if (!parsed.rules().containsKey(name)
                    && !parsed.ignored().contains(name)
                    && parsed.problems().stream().noneMatch(told -> told.key().equals(RecipeParser.INPUTS + name))
                    && parsed.graph().isPresent()) {
                problems.add(new RecipeProblem(
                        RecipeParser.INPUTS + name,
                        "is missing; say where the input goes, or list it in " + RecipeParser.IGNORED));
            }
        }
    }

    private static void raw(RecipeParser.Parsed parsed, Map<String, InputSpec> specs, List<RecipeProblem> problems) {
        String name = parsed.rawInput().orElseThrow();
        InputSpec spec = specs.get(name);
        if (spec == null || spec.kind() != InputSpec.Kind.GRAPH) {
            problems.add(new RecipeProblem(
                    RecipeParser.INPUT, "must name a graph input of the workflow, not " + Texts.shown(name)));
        }
        for (String other : specs.keySet()) {
            if (!other.equals(name) && !parsed.ignored().contains(other)) {
                problems.add(new RecipeProblem(
                        RecipeParser.INPUT,
                        "only " + Texts.shown(name) + " is used; list " + other + " in " + RecipeParser.IGNORED));
            }
        }
    }

    private static void compare(String name, Rule rule, InputSpec spec, List<RecipeProblem> problems) {
        Set<String> options = spec instanceof InputSpec.Choice choice
                ? new TreeSet<>(choice.options())
                : spec.kind() == InputSpec.Kind.FLAG ? Set.of("false", "true") : Set.of();
        if (!rule.values().isEmpty()) {
            if (options.isEmpty()) {
                problems.add(
                        new RecipeProblem(RecipeParser.VALUES + name, "makes sense for choices and booleans only"));
            } else {
                for (String option : options) {
                    if (!rule.values().containsKey(option)) {
                        problems.add(new RecipeProblem(RecipeParser.VALUES + name + "." + option, "is missing"));
                    }
                }
                for (String option : rule.values().keySet()) {
                    if (!options.contains(option)) {
                        problems.add(new RecipeProblem(
                                RecipeParser.VALUES + name + "." + Texts.shown(option),
                                "is no option of " + name + ": " + String.join(", ", options)));
                    }
                }
            }
        }
        boolean number = spec.kind() == InputSpec.Kind.WHOLE || spec.kind() == InputSpec.Kind.DECIMAL;
        if ((rule.times().isPresent() || rule.per().isPresent()) && !number) {
            problems.add(new RecipeProblem(
                    (rule.times().isPresent() ? RecipeParser.TIMES : RecipeParser.PER) + name,
                    "makes sense for integers and decimals only"));
        } else if (rule.per().isPresent() && mayBeZero(spec)) {
            problems.add(
                    new RecipeProblem(RecipeParser.PER + name, "divides by the input, so its min must be above 0"));
        }
        if (spec instanceof InputSpec.Files files
                && files.maxCount() > rule.places().size()) {
            problems.add(new RecipeProblem(
                    RecipeParser.INPUTS + name,
                    "has " + rule.places().size() + " places for up to " + files.maxCount()
                            + " files; point at one for each, or lower max-count"));
        }
    }

    private static boolean mayBeZero(InputSpec spec) {
        return (spec instanceof InputSpec.Whole whole && whole.min() <= 0)
                || (spec instanceof InputSpec.Decimal decimal && decimal.min().signum() <= 0);
    }
}
