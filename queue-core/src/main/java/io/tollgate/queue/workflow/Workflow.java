package io.tollgate.queue.workflow;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A named recipe in the catalogue. One that makes no sense can't be built: the constructor throws
 * {@link InvalidWorkflowException} with the workflow, the key, the value and what is allowed.
 *
 * @param name its name
 * @param title what people call it, one line of at most 100 characters
 * @param description one or two sentences for people, at most 1000 characters
 * @param queue where its jobs wait
 * @param model what its jobs count against
 * @param tariff what one job costs
 * @param inputs what a request may bring, in the order in which people are asked; names differ
 * @param recipes by kind of backend, what that kind needs to run it; a backend whose kind is missing can't; at least
 *     one
 * @param requires tags that a backend must have besides, of whatever kind
 * @param requiresByType tags that a backend of one kind must have besides, such as a model file that its recipe names
 * @param outputs how many files a complete run makes, 1 to 100
 * @param timeout how long one attempt may run before it is stopped, at most 24 hours
 * @param retry how often and how soon it is tried again
 */
public record Workflow(
        WorkflowName name,
        String title,
        String description,
        QueueName queue,
        ModelName model,
        Tariff tariff,
        List<InputSpec> inputs,
        Map<String, Map<String, String>> recipes,
        Set<String> requires,
        Map<String, Set<String>> requiresByType,
        int outputs,
        Duration timeout,
        RetryPolicy retry) {
    private static final int MAX_TITLE = 100;
    private static final int MAX_DESCRIPTION = 1000;
    private static final int MAX_INPUTS = 50;
    private static final int MAX_OUTPUTS = 100;
    private static final Duration MAX_TIMEOUT = Duration.ofHours(24);
    private static final Pattern BACKEND_TYPE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    public Workflow {
        inputs = List.copyOf(inputs);
        recipes = recipes.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, recipe -> Map.copyOf(recipe.getValue())));
        requires = Set.copyOf(requires);
        requiresByType = requiresByType.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, each -> Set.copyOf(each.getValue())));
        if (title.isBlank()
                || title.indexOf('\n') >= 0
                || Texts.problem(title, MAX_TITLE).isPresent()) {
            throw bad(name, "title", "must be one line of 1 to " + MAX_TITLE + " characters", title);
        }
        if (Texts.problem(description, MAX_DESCRIPTION).isPresent()) {
            throw bad(name, "description", "must be text of at most " + MAX_DESCRIPTION + " characters", description);
        }
        if (inputs.size() > MAX_INPUTS) {
            throw bad(name, "inputs", "must be at most " + MAX_INPUTS, inputs.size());
        }
        Set<String> names = new HashSet<>();
        for (InputSpec input : inputs) {
            if (!names.add(input.name())) {
                throw bad(name, "inputs", "must have different names", input.name());
            }
        }
        if (inputs.stream().filter(InputSpec.Graph.class::isInstance).count() > 1) {
            throw bad(name, "inputs", "must be at most one graph", "several");
        }
        if (recipes.isEmpty()) {
            throw bad(name, "recipes", "must be at least one, for a kind of backend", "none");
        }
        for (String type : recipes.keySet()) {
            if (!BACKEND_TYPE.matcher(type).matches()) {
                throw bad(name, "recipes", "must be named for a kind of backend, such as java2d", type);
            }
        }
        for (String type : requiresByType.keySet()) {
            if (!recipes.containsKey(type)) {
                throw bad(name, "requires", "must be for kinds of backends that have a recipe", type);
            }
        }
        for (Set<String> tags : requiresByType.values()) {
            checkTags(name, tags);
        }
        checkTags(name, requires);
        if (outputs < 1 || outputs > MAX_OUTPUTS) {
            throw bad(name, "outputs", "must be between 1 and " + MAX_OUTPUTS, outputs);
        }
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw bad(name, "timeout", "must be longer than 0 and at most 24 hours", timeout);
        }
    }

    /**
     * A plain workflow for a start: of the queue {@code image}, with one output, ten minutes for an attempt and the
     * usual retries. Its title and its model are called as itself.
     *
     * @param recipes by kind of backend, what that kind needs to run it
     */
    public static Workflow of(
            String name, Amount price, Map<String, Map<String, String>> recipes, InputSpec... inputs) {
        return new Workflow(
                new WorkflowName(name),
                name,
                "",
                new QueueName("image"),
                new ModelName(name),
                Tariff.of(price),
                List.of(inputs),
                recipes,
                Set.of(),
                Map.of(),
                1,
                Duration.ofMinutes(10),
                RetryPolicy.DEFAULT);
    }

    /** What a backend must have to run it. */
    public Needs needs() {
        Map<String, Set<String>> all = new HashMap<>();
        for (String type : recipes.keySet()) {
            Set<String> tags = new HashSet<>(requires);
            tags.addAll(requiresByType.getOrDefault(type, Set.of()));
            all.put(type, tags);
        }
        return new Needs(all);
    }

    private static void checkTags(WorkflowName name, Set<String> tags) {
        for (String tag : tags) {
            if (tag.isBlank()
                    || Texts.problem(tag, 200).isPresent()
                    || tag.indexOf('|') >= 0
                    || tag.indexOf('&') >= 0) {
                throw bad(name, "requires", "must be tags of 1 to 200 characters without | and &", tag);
            }
        }
    }

    private static InvalidWorkflowException bad(WorkflowName name, String key, String rule, Object value) {
        return new InvalidWorkflowException(
                "workflow " + name + ": " + key + " " + rule + ", not '" + Texts.shown(value.toString()) + "'");
    }
}
