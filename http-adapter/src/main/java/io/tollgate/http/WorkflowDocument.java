package io.tollgate.http;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.Toll;
import io.tollgate.queue.FreeRuns;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A workflow as its users see it.
 *
 * @param price what one run would cost this user now; null if the day's free runs are used up and it can't be bought
 */
record WorkflowDocument(
        WorkflowName name,
        String title,
        String description,
        QueueName queue,
        ModelName model,
        Amount listPrice,
        Optional<Amount> price,
        Optional<BalanceDocument.QuotaLine> quota,
        int outputs,
        Duration timeout,
        List<Input> inputs) {

    /** What it may be given. What doesn't apply is null. */
    record Input(
            String name,
            String type,
            String label,
            boolean required,
            Optional<Object> preset,
            Optional<BigDecimal> min,
            Optional<BigDecimal> max,
            Optional<Integer> maxLength,
            Optional<List<String>> options,
            Optional<List<String>> contentTypes,
            Optional<Integer> minCount,
            Optional<Integer> maxCount,
            Optional<Long> maxBytes) {
        static Input of(InputSpec spec) {
            Draft draft = new Draft();
            switch (spec.kind()) {
                case TEXT -> {
                    InputSpec.Text text = (InputSpec.Text) spec;
                    draft.preset = text.preset().map(Object.class::cast);
                    draft.maxLength = Optional.of(text.maxLength());
                }
                case WHOLE -> {
                    InputSpec.Whole whole = (InputSpec.Whole) spec;
                    draft.preset = whole.preset().map(Object.class::cast);
                    draft.min = Optional.of(BigDecimal.valueOf(whole.min()));
                    draft.max = Optional.of(BigDecimal.valueOf(whole.max()));
                }
                case DECIMAL -> {
                    InputSpec.Decimal decimal = (InputSpec.Decimal) spec;
                    draft.preset = decimal.preset().map(Object.class::cast);
                    draft.min = Optional.of(decimal.min());
                    draft.max = Optional.of(decimal.max());
                }
                case FLAG -> draft.preset = ((InputSpec.Flag) spec).preset().map(Object.class::cast);
                case CHOICE -> {
                    InputSpec.Choice choice = (InputSpec.Choice) spec;
                    draft.preset = choice.preset().map(Object.class::cast);
                    draft.options = Optional.of(choice.options());
                }
                case SEED -> {
                    draft.min = Optional.of(BigDecimal.ZERO);
                    draft.max = Optional.of(BigDecimal.valueOf(InputSpec.Seed.MAX));
                }
                case FILES -> {
                    InputSpec.Files files = (InputSpec.Files) spec;
                    draft.contentTypes =
                            Optional.of(files.contentTypes().stream().sorted().toList());
                    draft.minCount = Optional.of(files.minCount());
                    draft.maxCount = Optional.of(files.maxCount());
                    draft.maxBytes = Optional.of(files.maxBytes());
                }
                case GRAPH -> draft.maxLength = Optional.of(InputSpec.Graph.MAX_LENGTH);
            }
            return draft.of(spec);
        }

        /** What an input of its kind has; all that isn't set is absent. */
        private static final class Draft {
            private Optional<Object> preset = Optional.empty();
            private Optional<BigDecimal> min = Optional.empty();
            private Optional<BigDecimal> max = Optional.empty();
            private Optional<Integer> maxLength = Optional.empty();
            private Optional<List<String>> options = Optional.empty();
            private Optional<List<String>> contentTypes = Optional.empty();
            private Optional<Integer> minCount = Optional.empty();
            private Optional<Integer> maxCount = Optional.empty();
            private Optional<Long> maxBytes = Optional.empty();

            private Input of(InputSpec spec) {
                return new Input(
                        spec.name(),
                        spec.type(),
                        spec.label(),
                        spec.required(),
                        preset,
                        min,
                        max,
                        maxLength,
                        options,
                        contentTypes,
                        minCount,
                        maxCount,
                        maxBytes);
            }
        }
    }

    static WorkflowDocument of(Workflow workflow, Map<WorkflowName, Toll> prices, List<FreeRuns> free) {
        return new WorkflowDocument(
                workflow.name(),
                workflow.title(),
                workflow.description(),
                workflow.queue(),
                workflow.model(),
                workflow.tariff().list(),
                Optional.ofNullable(prices.get(workflow.name()))
                        .filter(Toll.Due.class::isInstance)
                        .map(toll -> ((Toll.Due) toll).price().net()),
                free.stream()
                        .filter(runs -> runs.workflow().equals(workflow.name()))
                        .findFirst()
                        .map(BalanceDocument.QuotaLine::of),
                workflow.outputs(),
                workflow.timeout(),
                workflow.inputs().stream().map(Input::of).toList());
    }
}
