package io.tollgate.queue.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class WorkflowTest {
    private static final BigDecimal ONE = BigDecimal.ONE;

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void new_nonsense_isRefusedNamingKeyAndValue(String message, ThrowingCallable constructor) {
        assertThatThrownBy(constructor)
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessage(message);
    }

    static Stream<Arguments> nonsense() {
        return Stream.of(
                row(
                        "an input's name must be 1 to 40 of a-z 0-9 _, starting with a letter, not 'Prompt'",
                        () -> new InputSpec.Seed("Prompt", "")),
                row(
                        "an input's name must be 1 to 40 of a-z 0-9 _, starting with a letter, not ''",
                        () -> new InputSpec.Seed("", "")),
                row(
                        "input seed: label must be one line of at most 200 characters, not 'a\uFFFDb'",
                        () -> new InputSpec.Seed("seed", "a\nb")),
                row("input prompt: max-length must be between 1 and 10000, not '0'", () -> text(Optional.empty(), 0)),
                row(
                        "input prompt: max-length must be between 1 and 10000, not '10001'",
                        () -> text(Optional.empty(), 10_001)),
                row(
                        "input prompt: preset must have at most 2 characters, not 'abc'",
                        () -> text(Optional.of("abc"), 2)),
                row("input steps: max must be at least min 5, not '4'", () -> whole(Optional.empty(), 5, 4)),
                row("input steps: preset must be between 1 and 4, not '0'", () -> whole(Optional.of(0L), 1, 4)),
                row("input steps: preset must be between 1 and 4, not '5'", () -> whole(Optional.of(5L), 1, 4)),
                row(
                        "input strength: max must be at least min 1, not '0.5'",
                        () -> decimal(Optional.empty(), ONE, new BigDecimal("0.5"))),
                row(
                        "input strength: preset must be between 0 and 1, not '1.5'",
                        () -> decimal(Optional.of(new BigDecimal("1.5")), BigDecimal.ZERO, ONE)),
                row(
                        "input strength: max must have at most 60 digits, not '1E+999999999'",
                        () -> decimal(Optional.empty(), ONE, new BigDecimal("1e999999999"))),
                row(
                        "input style: options must be between 1 and 100 words, not '0'",
                        () -> choice(Optional.empty(), List.of())),
                row(
                        "input style: options must be different, not 'a'",
                        () -> choice(Optional.empty(), List.of("a", "a"))),
                row(
                        "input style: options must be words of 1 to 100 characters, not ' '",
                        () -> choice(Optional.empty(), List.of(" "))),
                row(
                        "input style: preset must be one of the options, not 'c'",
                        () -> choice(Optional.of("c"), List.of("a", "b"))),
                row(
                        "input image: content-types must be at least one media type, not 'none'",
                        () -> files(Set.of(), 1, 1, 1)),
                row(
                        "input image: content-types must be media types such as image/…, not 'video/mp4'",
                        () -> files(Set.of("video/mp4"), 1, 1, 1)),
                row("input image: min-count must be at least 1, not '0'", () -> files(Set.of("image/png"), 0, 1, 1)),
                row(
                        "input image: max-count must be between 3 and 100, not '2'",
                        () -> files(Set.of("image/png"), 3, 2, 1)),
                row("input image: max-bytes must be at least 1, not '0'", () -> files(Set.of("image/png"), 1, 1, 0)),
                row(
                        "workflow w: inputs must have different names, not 'seed'",
                        () -> Workflows.workflow("w", new InputSpec.Seed("seed", ""), new InputSpec.Seed("seed", ""))),
                row(
                        "workflow w: title must be one line of 1 to 100 characters, not ' '",
                        () -> workflow(" ", Amount.ZERO, RECIPES, 1, Duration.ofMinutes(1))),
                row(
                        "workflow w: recipes must be at least one, for a kind of backend, not 'none'",
                        () -> workflow("w", Amount.ZERO, Map.of(), 1, Duration.ofMinutes(1))),
                row(
                        "workflow w: recipes must be named for a kind of backend, such as java2d, not 'a b'",
                        () -> workflow("w", Amount.ZERO, Map.of("a b", Map.of()), 1, Duration.ofMinutes(1))),
                row(
                        "workflow w: outputs must be between 1 and 100, not '0'",
                        () -> workflow("w", Amount.ZERO, RECIPES, 0, Duration.ofMinutes(1))),
                row(
                        "workflow w: timeout must be longer than 0 and at most 24 hours, not 'PT0S'",
                        () -> workflow("w", Amount.ZERO, RECIPES, 1, Duration.ZERO)),
                row(
                        "workflow w: timeout must be longer than 0 and at most 24 hours, not 'PT24H1S'",
                        () -> workflow(
                                "w",
                                Amount.ZERO,
                                RECIPES,
                                1,
                                Duration.ofHours(24).plusSeconds(1))));
    }

    @Test
    void new_atTheLimits_isTaken() {
        assertThat(workflow("w", Amount.ZERO, RECIPES, 100, Duration.ofHours(24))
                        .outputs())
                .isEqualTo(100);
        assertThat(whole(Optional.of(4L), 4, 4).preset()).contains(4L);
        assertThat(text(Optional.of("\uD83D\uDE42\uD83D\uDE42"), 2).preset()).isPresent();
    }

    @Test
    void new_laterChangesToItsMaps_areNotSeen() {
        Map<String, String> recipe = new HashMap<>(Map.of("operation", "enhance"));
        Map<String, Map<String, String>> recipes = new HashMap<>(Map.of("java2d", recipe));

        Workflow workflow = workflow("w", Amount.ZERO, recipes, 1, Duration.ofMinutes(1));
        recipe.put("operation", "frame");
        recipes.clear();

        assertThat(workflow.recipes()).isEqualTo(RECIPES);
    }

    @Test
    void type_everyKind_isItsWordInApis() {
        assertThat(Workflows.EVERY_KIND)
                .extracting(InputSpec::type)
                .containsExactly("text", "integer", "decimal", "boolean", "choice", "seed", "image", "images");
    }

    private static final Map<String, Map<String, String>> RECIPES = Map.of("java2d", Map.of("operation", "enhance"));

    private static Workflow workflow(
            String title, Amount price, Map<String, Map<String, String>> recipes, int outputs, Duration timeout) {
        return new Workflow(
                new WorkflowName("w"),
                title,
                "",
                new QueueName("image"),
                new ModelName("m"),
                Tariff.of(price),
                List.of(),
                recipes,
                Set.of(),
                Map.of(),
                outputs,
                timeout,
                RetryPolicy.DEFAULT);
    }

    private static InputSpec.Text text(Optional<String> preset, int maxLength) {
        return new InputSpec.Text("prompt", "", false, preset, maxLength);
    }

    private static InputSpec.Whole whole(Optional<Long> preset, long min, long max) {
        return new InputSpec.Whole("steps", "", false, preset, min, max);
    }

    private static InputSpec.Decimal decimal(Optional<BigDecimal> preset, BigDecimal min, BigDecimal max) {
        return new InputSpec.Decimal("strength", "", false, preset, min, max);
    }

    private static InputSpec.Choice choice(Optional<String> preset, List<String> options) {
        return new InputSpec.Choice("style", "", false, preset, options);
    }

    private static InputSpec.Files files(Set<String> types, int min, int max, long maxBytes) {
        return new InputSpec.Files("image", "", true, InputSpec.Media.IMAGE, types, min, max, maxBytes);
    }

    private static Arguments row(String message, ThrowingCallable constructor) {
        return Arguments.of(message, constructor);
    }
}
