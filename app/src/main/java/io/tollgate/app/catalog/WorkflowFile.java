package io.tollgate.app.catalog;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.tollgate.app.config.ConfinedIncluder;
import io.tollgate.app.config.Kind;
import io.tollgate.app.config.Places;
import io.tollgate.app.config.Problem;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads one workflow from HOCON, strictly: what isn't known isn't ignored. A file may include others from its
 * directory; it takes no substitutions, so that what it says can be seen in it.
 */
final class WorkflowFile {
    private static final long LARGEST = 1 << 20;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration USUAL_TIMEOUT = Duration.ofMinutes(10);
    private static final Amount MOST = Amount.credits(1_000_000);
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,63}");
    private static final Pattern KIND_OF_BACKEND = Pattern.compile("[a-z][a-z0-9]{0,31}");
    private static final Kind<Amount> PRICE =
            Kind.named("credits", "credits from 0 to 1000000 with at most two decimals", text -> {
                Amount amount = Amount.parse(text);
                if (amount.isNegative() || amount.compareTo(MOST) > 0) {
                    throw new IllegalArgumentException();
                }
                return amount;
            });
    private static final Kind<String> TAG_KIND = Kind.named("tag", "a tag of A-Z a-z 0-9 . _ : -", text -> {
        if (!TAG.matcher(text).matches()) {
            throw new IllegalArgumentException();
        }
        return text;
    });

    private final RetryPolicy usualRetry;
    private final Consumer<Problem> problems;

    /** @param usualRetry what holds for a workflow that says nothing about it */
    WorkflowFile(RetryPolicy usualRetry, Consumer<Problem> problems) {
        this.usualRetry = usualRetry;
        this.problems = problems;
    }

    /** Reads a file of the operator's. */
    Optional<Workflow> read(WorkflowName name, Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                problems.accept(new Problem(file.toString(), "larger than " + LARGEST + " bytes"));
                return Optional.empty();
            }
        } catch (IOException e) {
            problems.accept(new Problem(file.toString(), "can't be read: " + e));
            return Optional.empty();
        }
        return read(
                name,
                file.toString(),
                Beside.in(file.resolveSibling("")),
                () -> ConfigFactory.parseFile(file.toFile(), options().setIncluder(ConfinedIncluder.confined(file))));
    }

    /** Reads a text that is not a file of its own; it includes nothing. */
    Optional<Workflow> read(WorkflowName name, String place, String text, Beside beside) {
        return read(
                name,
                place,
                beside,
                () -> ConfigFactory.parseReader(
                        new StringReader(text), options().setOriginDescription(place)));
    }

    private static ConfigParseOptions options() {
        return ConfigParseOptions.defaults().setAllowMissing(false).setSyntax(ConfigSyntax.CONF);
    }

    private Optional<Workflow> read(WorkflowName name, String place, Beside beside, Parse parse) {
        Config config;
        try {
            config = parse.parse();
        } catch (ConfigException e) {
            problems.accept(Places.of(e, place));
            return Optional.empty();
        } catch (StackOverflowError e) {
            problems.accept(new Problem(place, "nested too deeply"));
            return Optional.empty();
        }
        if (!config.isResolved()) {
            problems.accept(new Problem(place, "substitutions ${…} are not taken in workflows"));
            return Optional.empty();
        }
        try {
            return workflow(name, new ObjectReader(config.root(), "", problems), beside);
        } catch (InvalidWorkflowException e) {
            problems.accept(new Problem(place, String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    private Optional<Workflow> workflow(WorkflowName name, ObjectReader file, Beside beside) {
        Optional<String> title = file.need("title", Kind.text(80));
        String description = file.find("description", Kind.text(1000)).orElse("");
        Optional<QueueName> queue =
                file.need("queue", Kind.named("queue", "the name of a queue (a-z 0-9 . _ -)", QueueName::new));
        Optional<ModelName> model =
                file.need("model", Kind.named("model", "the name of a model (A-Z a-z 0-9 . _ -)", ModelName::new));
        Optional<Amount> price = file.need("price", PRICE);
        Optional<Tariff> tariff = price.flatMap(list -> tariff(file, list));
        Set<String> requires = file.find("requires", Kind.listOf(TAG_KIND))
                .<Set<String>>map(HashSet::new)
                .orElse(Set.of());
        int outputs = file.find("outputs", Kind.whole(1, 100)).orElse(1);
        Duration timeout =
                file.find("timeout", Kind.span(Duration.ofSeconds(1), DAY)).orElse(USUAL_TIMEOUT);
        List<InputSpec> inputs = inputs(file);
        Map<String, RecipeReader.Recipe> recipes = recipes(file, beside, inputs);
        RetryPolicy retry = retry(file);
        file.finish();
        if (title.isEmpty() || queue.isEmpty() || model.isEmpty() || tariff.isEmpty() || recipes.isEmpty()) {
            return Optional.empty(); // told already
        }
        return Optional.of(new Workflow(
                name,
                title.get(),
                description,
                queue.get(),
                model.get(),
                tariff.get(),
                inputs,
                settings(recipes),
                requires,
                requires(recipes),
                outputs,
                timeout,
                retry));
    }

    private static Optional<Tariff> tariff(ObjectReader file, Amount price) {
        boolean free = file.find("free", Kind.flag()).orElse(false);
        Optional<Integer> perDay = file.find("daily-quota", Kind.whole(1, DailyQuota.MOST));
        Optional<AfterQuota> then = file.find("after-quota", Kind.oneOf(AfterQuota.class));
        boolean relaxed =
                file.find("without-credits", Kind.oneOf(WithoutCredits.class)).orElse(WithoutCredits.REFUSE)
                        == WithoutCredits.RELAXED;
        if (free && perDay.isPresent()) {
            file.wrong("daily-quota", "makes no sense for a workflow that is free for everybody");
            return Optional.empty();
        }
        if (then.isPresent() && perDay.isEmpty()) {
            file.wrong("after-quota", "says what follows a daily-quota, and there is none");
            return Optional.empty();
        }
        Optional<DailyQuota> quota = perDay.map(runs -> new DailyQuota(runs, then.orElse(AfterQuota.REFUSE)));
        return Optional.of(new Tariff(price, free, quota, relaxed));
    }

    private List<InputSpec> inputs(ObjectReader file) {
        List<InputSpec> inputs = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (ObjectReader section : file.sections("inputs")) {
            InputReader.read(section).ifPresent(input -> {
                if (names.add(input.name())) {
                    inputs.add(input);
                } else {
                    section.wrong("name", "is there twice");
                }
            });
        }
        return inputs;
    }

    private static Map<String, Map<String, String>> settings(Map<String, RecipeReader.Recipe> recipes) {
        Map<String, Map<String, String>> settings = new TreeMap<>();
        recipes.forEach((kind, recipe) -> settings.put(kind, recipe.settings()));
        return settings;
    }

    private static Map<String, Set<String>> requires(Map<String, RecipeReader.Recipe> recipes) {
        Map<String, Set<String>> requires = new TreeMap<>();
        recipes.forEach((kind, recipe) -> {
            if (!recipe.requires().isEmpty()) {
                requires.put(kind, recipe.requires());
            }
        });
        return requires;
    }

    private static Map<String, RecipeReader.Recipe> recipes(ObjectReader file, Beside beside, List<InputSpec> inputs) {
        Map<String, RecipeReader.Recipe> recipes = new TreeMap<>();
        Optional<ObjectReader> section = file.section("recipes");
        section.ifPresent(kinds -> kinds.names().forEach(kind -> {
            if (!KIND_OF_BACKEND.matcher(kind).matches()) {
                kinds.wrong(kind, "a kind of backend is a lower-case word such as comfyui");
                return;
            }
            kinds.section(kind)
                    .flatMap(recipe -> RecipeReader.of(kind).read(recipe, beside, inputs))
                    .ifPresent(read -> recipes.put(kind, read));
        }));
        if (section.isPresent()
                ? section.get().names().isEmpty()
                : !file.names().contains("recipes")) {
            file.wrong("recipes", "must say for at least one kind of backend how to run it");
        }
        return recipes;
    }

    private RetryPolicy retry(ObjectReader file) {
        Optional<ObjectReader> section = file.section("retry");
        if (section.isEmpty()) {
            return usualRetry;
        }
        ObjectReader retry = section.get();
        int attempts = retry.find("attempts", Kind.whole(1, 20)).orElse(usualRetry.attempts());
        Duration base = retry.find("base", Kind.span(Duration.ZERO, DAY)).orElse(usualRetry.base());
        Optional<Duration> said = retry.find("cap", Kind.span(Duration.ZERO, DAY));
        retry.finish();
        if (said.isPresent() && said.get().compareTo(base) < 0) {
            retry.wrong("cap", "must be at least base, " + Kind.say(base));
            return usualRetry;
        }
        Duration usualCap = usualRetry.cap().compareTo(base) < 0 ? base : usualRetry.cap();
        return new RetryPolicy(attempts, base, said.orElse(usualCap));
    }

    /** What becomes of those whose credits don't suffice. */
    private enum WithoutCredits {
        REFUSE,
        RELAXED
    }

    private interface Parse {
        Config parse();
    }
}
