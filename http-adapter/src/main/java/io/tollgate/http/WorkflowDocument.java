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
            Input plain = plain(spec);
            return switch (spec.kind()) {
                case TEXT -> {
                    InputSpec.Text text = (InputSpec.Text) spec;
                    yield plain.preset(text.preset()).maxLength(text.maxLength());
                }
                case WHOLE -> {
                    InputSpec.Whole whole = (InputSpec.Whole) spec;
                    yield plain.preset(whole.preset())
                            .range(BigDecimal.valueOf(whole.min()), BigDecimal.valueOf(whole.max()));
                }
                case DECIMAL -> {
                    InputSpec.Decimal decimal = (InputSpec.Decimal) spec;
                    yield plain.preset(decimal.preset()).range(decimal.min(), decimal.max());
                }
                case FLAG -> plain.preset(((InputSpec.Flag) spec).preset());
                case CHOICE -> {
                    InputSpec.Choice choice = (InputSpec.Choice) spec;
                    yield plain.preset(choice.preset()).options(choice.options());
                }
                case SEED -> plain.range(BigDecimal.ZERO, BigDecimal.valueOf(InputSpec.Seed.MAX));
                case FILES -> plain.files((InputSpec.Files) spec);
                case GRAPH -> plain.maxLength(InputSpec.Graph.MAX_LENGTH);
            };
        }

        private static Input plain(InputSpec spec) {
            return new Input(
                    spec.name(),
                    spec.type(),
                    spec.label(),
                    spec.required(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        private Input preset(Optional<?> value) {
            return new Input(
                    name,
                    type,
                    label,
                    required,
                    value.map(Object.class::cast),
                    min,
                    max,
                    maxLength,
                    options,
                    contentTypes,
                    minCount,
                    maxCount,
                    maxBytes);
        }

        private Input range(BigDecimal from, BigDecimal to) {
            return new Input(
                    name,
                    type,
                    label,
                    required,
                    preset,
                    Optional.of(from),
                    Optional.of(to),
                    maxLength,
                    options,
                    contentTypes,
                    minCount,
                    maxCount,
                    maxBytes);
        }

        private Input maxLength(int most) {
            return new Input(
                    name,
                    type,
                    label,
                    required,
                    preset,
                    min,
                    max,
                    Optional.of(most),
                    options,
                    contentTypes,
                    minCount,
                    maxCount,
                    maxBytes);
        }

        private Input options(List<String> words) {
            return new Input(
                    name,
                    type,
                    label,
                    required,
                    preset,
                    min,
                    max,
                    maxLength,
                    Optional.of(words),
                    contentTypes,
                    minCount,
                    maxCount,
                    maxBytes);
        }

        private Input files(InputSpec.Files files) {
            return new Input(
                    name,
                    type,
                    label,
                    required,
                    preset,
                    min,
                    max,
                    maxLength,
                    options,
                    Optional.of(files.contentTypes().stream().sorted().toList()),
                    Optional.of(files.minCount()),
                    Optional.of(files.maxCount()),
                    Optional.of(files.maxBytes()));
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
