package io.tollgate.app.catalog;

import io.tollgate.comfyui.ComfyWorkflow;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.pull.PullBackend;
import io.tollgate.queue.workflow.Workflow;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What workers get of a workflow. One that says nothing of them can be run by any: they get its inputs and, if ComfyUI
 * can run it, its graph. What a ComfyUI server must have is not asked of them; {@code requires} is.
 */
public final class WorkerRecipes {
    private WorkerRecipes() {}

    /** The same workflow, with a recipe for workers. */
    static Workflow added(Workflow workflow) {
        if (workflow.recipes().containsKey(PullBackend.TYPE)) {
            return workflow;
        }
        Map<String, Map<String, String>> recipes = new HashMap<>(workflow.recipes());
        recipes.put(PullBackend.TYPE, workflow.recipes().getOrDefault(ComfyWorkflow.TYPE, Map.of()));
        return new Workflow(
                workflow.name(),
                workflow.title(),
                workflow.description(),
                workflow.queue(),
                workflow.model(),
                workflow.tariff(),
                workflow.inputs(),
                recipes,
                workflow.requires(),
                workflow.requiresByType(),
                workflow.outputs(),
                workflow.timeout(),
                workflow.retry());
    }

    /**
     * The graph of a run in API format, if its recipe has one; its files are named by the ids of their assets.
     *
     * @throws io.tollgate.queue.workflow.InvalidWorkflowException if the recipe, or the graph that it brings, is wrong
     */
    public static Optional<String> graph(RunRequest request) {
        Map<String, String> recipe = request.recipe();
        if (!recipe.containsKey("graph") && !recipe.containsKey("raw")) {
            return Optional.empty();
        }
        return Optional.of(ComfyWorkflow.parse(recipe)
                .graph(request.inputs(), Object::toString)
                .toString());
    }
}
