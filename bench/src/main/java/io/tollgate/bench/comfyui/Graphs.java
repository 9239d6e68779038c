package io.tollgate.bench.comfyui;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The graphs that are run, as workflows and as prompts of people without Tollgate. Never cached. */
final class Graphs {
    static final String SECONDS = "seconds";
    static final String NAME = "name";

    private static final String TYPE = "comfyui";
    private static final String SEED = "seed";

    private static final String SLEEPING = """
            {"1": {"class_type": "EmptyImage",
                   "inputs": {"width": 256, "height": 256, "batch_size": 1, "color": 0}},
             "2": {"class_type": "SleepBlind", "inputs": {"seconds": %s, "seed": %d, "image": ["1", 0]}},
             "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "%s"}}}""";

    private Graphs() {}

    /** Sleeps and saves a small picture. */
    static String sleeping(double seconds, long seed, String name) {
        return SLEEPING.formatted(String.format(Locale.ROOT, "%.3f", seconds), seed, name);
    }

    /** The same as a workflow, with inputs {@link #SECONDS} and {@link #NAME}, the beginning of the file's name. */
    static Workflow sleeping(String queue) {
        return workflow(
                queue,
                Map.of(
                        "graph",
                        sleeping(0.1, 0, "bench"),
                        "inputs." + SECONDS,
                        "/2/inputs/seconds",
                        "inputs." + SEED,
                        "/2/inputs/seed",
                        "inputs." + NAME,
                        "/3/inputs/filename_prefix"),
                new InputSpec.Decimal(SECONDS, "", true, Optional.empty(), BigDecimal.ZERO, BigDecimal.valueOf(600)),
                new InputSpec.Seed(SEED, ""),
                new InputSpec.Text(NAME, "", true, Optional.empty(), 100));
    }

    /** Sleeps in many steps, each of which is told, and saves a small picture. */
    static Workflow chatty(String queue, double seconds, int steps) {
        String graph = """
                {"1": {"class_type": "SleepProgress", "inputs": {"seconds": %s, "steps": %d, "seed": 0}},
                 "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "chatty"}}}""";
        return workflow(
                queue,
                Map.of("graph", graph.formatted(seconds, steps), "inputs." + SEED, "/1/inputs/seed"),
                new InputSpec.Seed(SEED, ""));
    }

    /** Makes a video of so many bytes. */
    static Workflow video(String queue, long bytes) {
        String graph = """
                {"1": {"class_type": "SimFile", "inputs": {"bytes": %d, "extension": "mp4", "media": "video",
                       "filename_prefix": "video/large", "seed": 0}}}""";
        return workflow(
                queue,
                Map.of("graph", graph.formatted(bytes), "inputs." + SEED, "/1/inputs/seed", "outputs", "1"),
                new InputSpec.Seed(SEED, ""));
    }

    private static Workflow workflow(String queue, Map<String, String> recipe, InputSpec... inputs) {
        return new Workflow(
                new WorkflowName(queue),
                queue,
                "",
                new QueueName(queue),
                new ModelName(queue),
                Tariff.of(Amount.credits(1)),
                List.of(inputs),
                Map.of(TYPE, recipe),
                Set.of(),
                Map.of(),
                1,
                Duration.ofMinutes(5),
                RetryPolicy.DEFAULT);
    }
}
