package io.tollgate.queue.workflow;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StorableText;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.InputProblem;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.media.Asset;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Turns what a request brought into checked values. Reads text strictly, so that a typing error is told and not guessed
 * at, and takes time in proportion to what was sent, however hostile. Safe for use by many threads.
 */
public final class InputValidator {
    /** The most unknown inputs that are named; the others are counted. */
    static final int MAX_UNKNOWN = 20;

    private static final int MAX_LISTED = 20;

    private final AssetLookup assets;
    private final SeedSource seeds;
    private final GraphReader graphs;

    public InputValidator(AssetLookup assets, SeedSource seeds, GraphReader graphs) {
        this.assets = assets;
        this.seeds = seeds;
        this.graphs = graphs;
    }

    /**
     * Checks everything and tells all problems at once.
     *
     * @param user who asks: a file of someone else is as unknown as one that isn't there
     * @param raw values by input name; one that isn't brought is missing
     * @throws IOException if a file that was named can't be looked up now
     */
    public Validation validate(Workflow workflow, UserId user, Map<String, RawInput> raw) throws IOException {
        Map<String, InputValue> values = new LinkedHashMap<>();
        List<InputProblem> problems = new ArrayList<>();
        Optional<GraphReading.Fit> graph = Optional.empty();
        for (InputSpec spec : workflow.inputs()) {
            RawInput given = raw.get(spec.name());
            if (given == null) {
                Optional<InputValue> preset = preset(spec);
                if (preset.isPresent()) {
                    values.put(spec.name(), preset.get());
                } else if (spec.required()) {
                    problems.add(problem(spec, "is required: " + allowed(spec), Optional.empty()));
                }
                continue;
            }
            if (spec.kind() == InputSpec.Kind.GRAPH && textOf(given).isPresent()) {
                String text = textOf(given).get();
                GraphReading reading = read(text, user);
                if (reading instanceof GraphReading.Unfit unfit) {
                    return new Validation.UnfitGraph(unfit);
                }
                graph = Optional.of((GraphReading.Fit) reading);
                values.put(spec.name(), new InputValue.Graph(text, graph.get().assets()));
                continue;
            }
            Checked checked = check(spec, user, given);
            if (checked.value.isPresent()) {
                values.put(spec.name(), checked.value.get());
            } else {
                problems.add(problem(spec, checked.problem, checked.shown));
            }
        }
        problems.addAll(unknown(workflow, raw));
        return problems.isEmpty() ? new Validation.Valid(values, graph) : new Validation.Invalid(problems);
    }

    private Optional<InputValue> preset(InputSpec spec) {
        return switch (spec.kind()) {
            case TEXT -> ((InputSpec.Text) spec).preset().map(InputValue.Text::new);
            case WHOLE -> ((InputSpec.Whole) spec).preset().map(InputValue.Whole::new);
            case DECIMAL -> ((InputSpec.Decimal) spec).preset().map(InputValue.Decimal::new);
            case FLAG -> ((InputSpec.Flag) spec).preset().map(InputValue.Flag::new);
            case CHOICE -> ((InputSpec.Choice) spec).preset().map(InputValue.Text::new);
            case SEED -> Optional.of(new InputValue.Whole(draw()));
            case FILES, GRAPH -> Optional.empty();
        };
    }

    private long draw() {
        long seed = seeds.next();
        if (seed < 0 || seed > InputSpec.Seed.MAX) {
            throw new IllegalStateException("the seed source gave a seed out of range: " + seed);
        }
        return seed;
    }

    private Checked check(InputSpec spec, UserId user, RawInput given) throws IOException {
        return switch (spec.kind()) {
            case TEXT -> text((InputSpec.Text) spec, given);
            case WHOLE -> {
                InputSpec.Whole whole = (InputSpec.Whole) spec;
                yield whole(spec, given, whole.min(), whole.max());
            }
            case SEED -> whole(spec, given, 0, InputSpec.Seed.MAX);
            case DECIMAL -> decimal((InputSpec.Decimal) spec, given);
            case FLAG -> flag((InputSpec.Flag) spec, given);
            case CHOICE -> choice((InputSpec.Choice) spec, given);
            case FILES -> files((InputSpec.Files) spec, user, given);
            case GRAPH -> refused(allowed(spec), shown(given)); // one that is a text was read before
        };
    }

    private static Optional<String> textOf(RawInput given) {
        return given instanceof RawInput.Text text ? Optional.of(text.value()) : Optional.empty();
    }

    private GraphReading read(String text, UserId user) throws IOException {
        if (text.length() > InputSpec.Graph.MAX_LENGTH) {
            return new GraphReading.Unfit(
                    "invalid_workflow",
                    "the graph must have at most " + InputSpec.Graph.MAX_LENGTH + " characters, not " + text.length(),
                    Map.of());
        }
        if (!StorableText.isStorable(text)) {
            return new GraphReading.Unfit("invalid_workflow", "the graph " + StorableText.RULE, Map.of());
        }
        GraphReading reading = graphs.read(text);
        if (reading instanceof GraphReading.Fit fit) {
            for (AssetId id : fit.assets()) {
                if (assets.find(id).filter(asset -> asset.owner().equals(user)).isEmpty()) {
                    return new GraphReading.Unfit(
                            "missing_asset", "the graph names file " + id + ", which is not there", Map.of());
                }
            }
        }
        return reading;
    }

    private static Checked text(InputSpec.Text spec, RawInput given) {
        if (!(given instanceof RawInput.Text raw)) {
            return refused(allowed(spec), shown(given));
        }
        // a browser's form and a Windows editor end lines with two characters
        String text = raw.value().indexOf('\r') < 0 ? raw.value() : raw.value().replace("\r\n", "\n");
        Optional<String> problem = Texts.problem(text, spec.maxLength());
        if (problem.isPresent()) {
            return refused(problem.get(), Optional.empty());
        }
        if (spec.required() && text.isBlank()) {
            return refused("must not be blank", Optional.empty());
        }
        return accepted(new InputValue.Text(text));
    }

    private static Checked whole(InputSpec spec, RawInput given, long min, long max) {
        Optional<BigDecimal> number = number(given);
        if (number.isPresent()
                && isWhole(number.get())
                && number.get().compareTo(BigDecimal.valueOf(min)) >= 0
                && number.get().compareTo(BigDecimal.valueOf(max)) <= 0) {
            return accepted(new InputValue.Whole(number.get().longValueExact()));
        }
        return refused(allowed(spec), shown(given));
    }

    private static Checked decimal(InputSpec.Decimal spec, RawInput given) {
        Optional<BigDecimal> number = number(given);
        if (number.isPresent()
                && number.get().compareTo(spec.min()) >= 0
                && number.get().compareTo(spec.max()) <= 0) {
            return accepted(new InputValue.Decimal(number.get()));
        }
        return refused(allowed(spec), shown(given));
    }

    private static boolean isWhole(BigDecimal number) {
        return number.signum() == 0 || number.stripTrailingZeros().scale() <= 0;
    }

    /** The number that was sent, if it is one that can be computed with. */
    private static Optional<BigDecimal> number(RawInput given) {
        Optional<BigDecimal> number = Optional.empty();
        if (given instanceof RawInput.Numeric raw) {
            number = Optional.of(raw.value());
        } else if (given instanceof RawInput.Text raw) {
            number = Numbers.parse(raw.value());
        }
        return number.filter(value -> !Numbers.isTooLong(value));
    }

    private static Checked flag(InputSpec.Flag spec, RawInput given) {
        if (given instanceof RawInput.Bool raw) {
            return accepted(new InputValue.Flag(raw.value()));
        }
        if (given instanceof RawInput.Text raw
                && (raw.value().equals("true") || raw.value().equals("false"))) {
            return accepted(new InputValue.Flag(raw.value().equals("true")));
        }
        return refused(allowed(spec), shown(given));
    }

    private static Checked choice(InputSpec.Choice spec, RawInput given) {
        if (given instanceof RawInput.Text raw) {
            if (spec.options().contains(raw.value())) {
                return accepted(new InputValue.Text(raw.value()));
            }
            String hint = Nearest.of(raw.value(), spec.options())
                    .map(near -> " (did you mean '" + near + "'?)")
                    .orElse("");
            return refused(allowed(spec) + hint, shown(given));
        }
        return refused(allowed(spec), shown(given));
    }

    private Checked files(InputSpec.Files spec, UserId user, RawInput given) throws IOException {
        Optional<List<AssetId>> named = ids(spec, given);
        if (named.isEmpty()) {
            return refused(allowed(spec), shown(given));
        }
        List<AssetId> ids = named.get();
        if (ids.size() < spec.minCount() || ids.size() > spec.maxCount()) {
            return refused(allowed(spec), Optional.of(ids.size() + (ids.size() == 1 ? " file" : " files")));
        }
        for (AssetId id : ids) {
            Optional<Asset> found =
                    assets.find(id).filter(asset -> asset.owner().equals(user));
            Optional<String> shown = Optional.of(id.toString());
            if (found.isEmpty()) {
                return refused("names no such file", shown);
            }
            Asset asset = found.get();
            if (!spec.contentTypes().contains(asset.contentType())) {
                return refused("must be " + types(spec), Optional.of(Texts.shown(asset.contentType())));
            }
            if (asset.sizeBytes() > spec.maxBytes()) {
                return refused(
                        "must have at most " + spec.maxBytes() + " bytes", Optional.of(asset.sizeBytes() + " bytes"));
            }
        }
        return accepted(spec.single() ? new InputValue.Asset(ids.get(0)) : new InputValue.Assets(ids));
    }

    private static Optional<List<AssetId>> ids(InputSpec.Files spec, RawInput given) {
        if (given instanceof RawInput.AssetRef raw) {
            return Optional.of(List.of(raw.id()));
        }
        if (given instanceof RawInput.AssetRefs raw) {
            return Optional.of(raw.ids());
        }
        if (given instanceof RawInput.Text raw) {
            List<AssetId> ids = new ArrayList<>();
            // one more than allowed is enough to see that there are too many
            for (String part : raw.value().split(",", spec.maxCount() + 1)) {
                try {
                    ids.add(AssetId.parse(part));
                } catch (IllegalArgumentException e) {
                    return Optional.empty();
                }
            }
            return Optional.of(ids);
        }
        return Optional.empty();
    }

    private static List<InputProblem> unknown(Workflow workflow, Map<String, RawInput> raw) {
        List<String> known = workflow.inputs().stream().map(InputSpec::name).toList();
        // sorted, so that the same request always gets the same answer
        TreeSet<String> unknown = new TreeSet<>(raw.keySet());
        known.forEach(unknown::remove);
        List<InputProblem> problems = new ArrayList<>();
        for (String name : unknown) {
            if (problems.size() == MAX_UNKNOWN) {
                problems.add(new InputProblem(
                        "inputs",
                        "has " + (unknown.size() - MAX_UNKNOWN) + " more inputs that " + workflow.name()
                                + " doesn't have",
                        Optional.empty()));
                break;
            }
            String hint = Nearest.of(name, known)
                    .map(near -> "did you mean '" + near + "'?")
                    .orElseGet(() -> known.isEmpty() ? "it has none" : "it has " + listed(known));
            problems.add(new InputProblem(
                    "inputs." + Texts.shown(name),
                    "is not an input of " + workflow.name() + ": " + hint,
                    Optional.empty()));
        }
        return problems;
    }

    /** What a value must be, as the end of a sentence that starts with the input's name. */
    private static String allowed(InputSpec spec) {
        return switch (spec.kind()) {
            case TEXT -> "must be text of at most " + ((InputSpec.Text) spec).maxLength() + " characters";
            case WHOLE -> {
                InputSpec.Whole whole = (InputSpec.Whole) spec;
                yield "must be a whole number between " + whole.min() + " and " + whole.max();
            }
            case SEED -> "must be a whole number between 0 and " + InputSpec.Seed.MAX;
            case DECIMAL -> {
                InputSpec.Decimal decimal = (InputSpec.Decimal) spec;
                yield "must be between " + decimal.min().toPlainString() + " and "
                        + decimal.max().toPlainString();
            }
            case FLAG -> "must be true or false";
            case CHOICE -> "must be one of " + listed(((InputSpec.Choice) spec).options());
            case FILES -> {
                InputSpec.Files files = (InputSpec.Files) spec;
                String count = files.single()
                        ? "one stored file"
                        : files.minCount() + " to " + files.maxCount() + " stored files";
                yield "must be " + count + " of " + types(files);
            }
            case GRAPH -> "must be a graph, as JSON text";
        };
    }

    private static String types(InputSpec.Files spec) {
        return listed(spec.contentTypes().stream().sorted().toList());
    }

    private static String listed(List<String> words) {
        String listed = words.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
        return words.size() > MAX_LISTED ? listed + ", …" : listed;
    }

    private static Optional<String> shown(RawInput given) {
        return switch (given.kind()) {
            case TEXT -> Optional.of(Texts.shown(((RawInput.Text) given).value()));
            case NUMERIC -> Optional.of(Texts.shown(Numbers.shown(((RawInput.Numeric) given).value())));
            case BOOL -> Optional.of(Boolean.toString(((RawInput.Bool) given).value()));
            case ASSETS -> Optional.of("a file");
        };
    }

    private static InputProblem problem(InputSpec spec, String problem, Optional<String> shown) {
        return new InputProblem("inputs." + spec.name(), problem, shown);
    }

    private static Checked accepted(InputValue value) {
        return new Checked(Optional.of(value), "", Optional.empty());
    }

    private static Checked refused(String problem, Optional<String> shown) {
        return new Checked(Optional.empty(), problem, shown);
    }

    /** A value, or what is wrong with it. */
    private record Checked(Optional<InputValue> value, String problem, Optional<String> shown) {}
}
