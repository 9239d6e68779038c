package io.tollgate.app.command;

import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Workflows in words for people. */
final class WorkflowWords {
    private WorkflowWords() {}

    /** The kinds of backends that can run it. */
    static List<String> kinds(Workflow workflow) {
        return List.copyOf(new TreeSet<>(workflow.recipes().keySet()));
    }

    /** The list price and what is free of it. */
    static String price(Workflow workflow) {
        String price = workflow.tariff().list().toString();
        if (workflow.tariff().free()) {
            return "free";
        }
        return workflow.tariff()
                .quota()
                .map(quota -> price + ", " + quota.perDay() + " a day free")
                .orElse(price);
    }

    /** What holds where nothing is brought. */
    static Optional<String> preset(InputSpec input) {
        return switch (input.kind()) {
            case TEXT -> ((InputSpec.Text) input).preset();
            case WHOLE -> ((InputSpec.Whole) input).preset().map(String::valueOf);
            case DECIMAL -> ((InputSpec.Decimal) input).preset().map(BigDecimal::toPlainString);
            case FLAG -> ((InputSpec.Flag) input).preset().map(String::valueOf);
            case CHOICE -> ((InputSpec.Choice) input).preset();
            case SEED, FILES, GRAPH -> Optional.empty();
        };
    }

    /** What may be brought. */
    static String allowed(InputSpec input) {
        return switch (input.kind()) {
            case TEXT -> "at most " + ((InputSpec.Text) input).maxLength() + " characters";
            case WHOLE -> ((InputSpec.Whole) input).min() + " to " + ((InputSpec.Whole) input).max();
            case DECIMAL ->
                ((InputSpec.Decimal) input).min().toPlainString() + " to "
                        + ((InputSpec.Decimal) input).max().toPlainString();
            case FLAG -> "true, false";
            case CHOICE -> String.join(", ", ((InputSpec.Choice) input).options());
            case SEED -> "0 to " + InputSpec.Seed.MAX;
            case FILES -> files((InputSpec.Files) input);
            case GRAPH -> "a graph as its backend exports it for the API";
        };
    }

    private static String files(InputSpec.Files files) {
        String types = String.join(", ", new TreeSet<>(files.contentTypes()));
        String size = "up to " + Words.bytes(files.maxBytes());
        return files.single()
                ? types + ", " + size
                : files.minCount() + " to " + files.maxCount() + " of " + types + ", each " + size;
    }
}
