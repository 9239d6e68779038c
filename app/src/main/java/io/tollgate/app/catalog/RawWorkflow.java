package io.tollgate.app.catalog;

import io.tollgate.app.config.TollgateConfig;
import io.tollgate.comfyui.ComfyWorkflow;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.queue.workflow.WorkflowSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The workflow of graphs that are in no catalogue: each request brings its own. */
public final class RawWorkflow {
    /** Its name; an operator's file of that name takes its place. */
    public static final WorkflowName NAME = new WorkflowName("raw");

    /** The input that a graph comes in. */
    public static final String INPUT = "graph";

    private static final Duration TIMEOUT = Duration.ofHours(1);

    private RawWorkflow() {}

    /**
     * The catalogue as configured and, if a backend is configured that runs graphs and it has none of its name, this.
     * Where workers are configured, they can run all of it.
     */
    public static WorkflowSource withCatalogue(TollgateConfig config) {
        WorkflowSource files = new CatalogFiles(
                Optional.of(config.workflowsDir()), config.dispatch().retry());
        return () -> {
            List<Workflow> all = new ArrayList<>(files.load());
            if (isServed(config)
                    && all.stream().noneMatch(workflow -> workflow.name().equals(NAME))) {
                all.add(of(config.raw(), config.dispatch().retry()));
            }
            return has(config, TollgateConfig.BackendType.WORKER)
                    ? all.stream().map(WorkerRecipes::added).toList()
                    : List.copyOf(all);
        };
    }

    private static boolean isServed(TollgateConfig config) {
        return has(config, TollgateConfig.BackendType.COMFYUI) || has(config, TollgateConfig.BackendType.WORKER);
    }

    private static boolean has(TollgateConfig config, TollgateConfig.BackendType type) {
        return config.backends().values().stream()
                .anyMatch(backend -> backend.type().equals(type));
    }

    private static Workflow of(TollgateConfig.Raw terms, RetryPolicy usualRetry) {
        return new Workflow(
                NAME,
                "A graph of your own",
                "Runs a ComfyUI graph as it is; whatever it saves is yours.",
                terms.queue(),
                terms.model(),
                Tariff.of(terms.price()),
                List.of(new InputSpec.Graph(INPUT, "The graph, exported from ComfyUI for the API")),
                Map.of(ComfyWorkflow.TYPE, Map.of("raw", "true", "input", INPUT)),
                Set.of(),
                Map.of(),
                1,
                TIMEOUT,
                usualRetry);
    }
}
