package io.tollgate.queue.workflow;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Workflows for tests. */
public final class Workflows {
    /** One input of every kind; the prompt is required. */
    public static final List<InputSpec> EVERY_KIND = List.of(
            new InputSpec.Text("prompt", "What to draw", true, Optional.empty(), 100),
            new InputSpec.Whole("steps", "", false, Optional.of(20L), 1, 50),
            new InputSpec.Decimal(
                    "strength", "", false, Optional.of(new BigDecimal("0.50")), BigDecimal.ZERO, BigDecimal.ONE),
            new InputSpec.Flag("tiled", "", false, Optional.of(false)),
            new InputSpec.Choice("style", "", false, Optional.empty(), List.of("photo", "sketch", "poster")),
            new InputSpec.Seed("seed", ""),
            new InputSpec.Files(
                    "image", "", false, InputSpec.Media.IMAGE, Set.of("image/png", "image/jpeg"), 1, 1, 1_000_000),
            new InputSpec.Files("frames", "", false, InputSpec.Media.IMAGE, Set.of("image/png"), 2, 3, 1_000_000));

    private Workflows() {}

    /** A sensible workflow with these inputs. */
    public static Workflow workflow(String name, InputSpec... inputs) {
        return workflow(name, List.of(inputs));
    }

    /** A sensible workflow with these inputs. */
    public static Workflow workflow(String name, List<InputSpec> inputs) {
        return new Workflow(
                new WorkflowName(name),
                "A title",
                "A description.",
                new QueueName("image"),
                new ModelName("model"),
                Tariff.of(Amount.credits(10)),
                inputs,
                Map.of("java2d", Map.of("operation", "enhance")),
                Set.of(),
                Map.of(),
                1,
                Duration.ofMinutes(5),
                RetryPolicy.DEFAULT);
    }
}
