package io.tollgate.queue.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.InputProblem;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.NodeProblem;
import io.tollgate.queue.media.Asset;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class InputValidatorTest {
    private static final UserId ME = new UserId("me");
    private static final long DRAWN = 42;

    private static final AssetId PNG = id(1);
    private static final AssetId FOREIGN = id(2);
    private static final AssetId MISSING = id(3);
    private static final AssetId MOVIE = id(4);
    private static final AssetId HUGE = id(5);
    private static final AssetId PNG2 = id(6);

    private static final Map<AssetId, Asset> ASSETS = Map.of(
            PNG, asset(PNG, ME, "image/png", 1_000_000),
            PNG2, asset(PNG2, ME, "image/png", 10),
            FOREIGN, asset(FOREIGN, new UserId("you"), "image/png", 10),
            MOVIE, asset(MOVIE, ME, "video/mp4", 10),
            HUGE, asset(HUGE, ME, "image/png", 1_000_001));

    private final Workflow workflow = Workflows.workflow("paint", Workflows.EVERY_KIND);
    private final InputValidator validator =
            new InputValidator(id -> Optional.ofNullable(ASSETS.get(id)), () -> DRAWN, InputValidatorTest::reading);

    @Test
    void validate_onlyWhatIsRequired_fillsInDefaultsAndDrawsSeed() throws IOException {
        Map<String, InputValue> inputs = valid(Map.of("prompt", text("a red barn")));

        assertThat(inputs)
                .containsExactly(
                        Map.entry("prompt", new InputValue.Text("a red barn")),
                        Map.entry("steps", new InputValue.Whole(20)),
                        Map.entry("strength", new InputValue.Decimal(new BigDecimal("0.5"))),
                        Map.entry("tiled", new InputValue.Flag(false)),
                        Map.entry("seed", new InputValue.Whole(DRAWN)));
    }

    @Test
    void validate_typedValues_areTaken() throws IOException {
        Map<String, InputValue> inputs = valid(Map.of(
                "prompt", text("tab\tand\nline"),
                "steps", number("5E1"),
                "strength", number("1.00"),
                "tiled", new RawInput.Bool(true),
                "style", text("sketch"),
                "seed", number("0"),
                "image", new RawInput.AssetRef(PNG),
                "frames", new RawInput.AssetRefs(List.of(PNG2, PNG))));

        assertThat(inputs)
                .isEqualTo(Map.of(
                        "prompt", new InputValue.Text("tab\tand\nline"),
                        "steps", new InputValue.Whole(50),
                        "strength", new InputValue.Decimal(BigDecimal.ONE),
                        "tiled", new InputValue.Flag(true),
                        "style", new InputValue.Text("sketch"),
                        "seed", new InputValue.Whole(0),
                        "image", new InputValue.Asset(PNG),
                        "frames", new InputValue.Assets(List.of(PNG2, PNG))));
    }

    @Test
    void validate_everythingAsText_meansTheSame() throws IOException {
        Map<String, InputValue> inputs = valid(Map.of(
                "prompt", text("line\r\nline"),
                "steps", text("50"),
                "strength", text("1.00"),
                "tiled", text("true"),
                "style", text("sketch"),
                "seed", text(Long.toString(InputSpec.Seed.MAX)),
                "image", text(PNG.toString()),
                "frames", text(PNG2 + "," + PNG)));

        assertThat(inputs)
                .isEqualTo(Map.of(
                        "prompt", new InputValue.Text("line\nline"),
                        "steps", new InputValue.Whole(50),
                        "strength", new InputValue.Decimal(BigDecimal.ONE),
                        "tiled", new InputValue.Flag(true),
                        "style", new InputValue.Text("sketch"),
                        "seed", new InputValue.Whole(InputSpec.Seed.MAX),
                        "image", new InputValue.Asset(PNG),
                        "frames", new InputValue.Assets(List.of(PNG2, PNG))));
    }

    @ParameterizedTest(name = "{0} = {1}: {2}")
    @MethodSource("bad")
    void validate_badValue_namesFieldAndWhatIsAllowed(String input, RawInput raw, String problem) throws IOException {
        Map<String, RawInput> all = new HashMap<>(Map.of("prompt", text("a red barn")));
        all.put(input, raw);

        List<InputProblem> problems = invalid(all);

        assertThat(problems).singleElement().satisfies(found -> {
            assertThat(found.field()).isEqualTo("inputs." + input);
            assertThat(found.toString()).isEqualTo("inputs." + input + " " + problem);
        });
    }

    static Stream<Arguments> bad() {
        String steps = "must be a whole number between 1 and 50, not ";
        String strength = "must be between 0 and 1, not ";
        String seed = "must be a whole number between 0 and 9007199254740991, not ";
        String style = "must be one of photo, sketch, poster";
        String image = "must be one stored file of image/jpeg, image/png, not ";
        String digits = "9".repeat(400);
        return Stream.of(
                Arguments.of("prompt", text(" \n\t"), "must not be blank"),
                Arguments.of("prompt", text("x".repeat(101)), "must have at most 100 characters"),
                Arguments.of("prompt", text("\uD83D\uDE42".repeat(101)), "must have at most 100 characters"),
                Arguments.of(
                        "prompt", text("a\u0000b"), "must not have control characters other than line breaks and tabs"),
                Arguments.of(
                        "prompt", text("a\rb"), "must not have control characters other than line breaks and tabs"),
                Arguments.of(
                        "prompt", text("a\u0085b"), "must not have control characters other than line breaks and tabs"),
                Arguments.of("prompt", text("a\uD83D"), "must be well-formed Unicode: it has half a surrogate pair"),
                Arguments.of(
                        "prompt", text("\uDE42\uD83D"), "must be well-formed Unicode: it has half a surrogate pair"),
                Arguments.of("prompt", number("7"), "must be text of at most 100 characters, not '7'"),
                Arguments.of("steps", number("0"), steps + "'0'"),
                Arguments.of("steps", number("51"), steps + "'51'"),
                Arguments.of("steps", number("1.5"), steps + "'1.5'"),
                Arguments.of("steps", number("1e999999999"), steps + "'1E+999999999'"),
                Arguments.of("steps", number("1e-999999999"), steps + "'1E-999999999'"),
                Arguments.of("steps", number(digits), steps + "'a very long number'"),
                Arguments.of("steps", text(digits), steps + "'" + "9".repeat(60) + "…'"),
                Arguments.of("steps", text("1e1"), steps + "'1e1'"),
                Arguments.of("steps", text(" 2"), steps + "' 2'"),
                Arguments.of("steps", text("+2"), steps + "'+2'"),
                Arguments.of("steps", text("0x2"), steps + "'0x2'"),
                Arguments.of("steps", text("\u0662"), steps + "'\u0662'"),
                Arguments.of("steps", text(""), steps + "''"),
                Arguments.of("steps", new RawInput.Bool(true), steps + "'true'"),
                Arguments.of("strength", number("-0.01"), strength + "'-0.01'"),
                Arguments.of("strength", number("7"), strength + "'7'"),
                Arguments.of("strength", number("0E+999999999"), strength + "'0E+999999999'"),
                Arguments.of("strength", text("0,5"), strength + "'0,5'"),
                Arguments.of("strength", text(".5"), strength + "'.5'"),
                Arguments.of("strength", text("NaN"), strength + "'NaN'"),
                Arguments.of("strength", text("1e999999999"), strength + "'1e999999999'"),
                Arguments.of("tiled", text("yes"), "must be true or false, not 'yes'"),
                Arguments.of("tiled", number("1"), "must be true or false, not '1'"),
                Arguments.of("style", text("skecth"), style + " (did you mean 'sketch'?), not 'skecth'"),
                Arguments.of("style", text("cubism"), style + ", not 'cubism'"),
                Arguments.of("style", new RawInput.Bool(false), style + ", not 'false'"),
                Arguments.of("seed", number("-1"), seed + "'-1'"),
                Arguments.of("seed", number("9007199254740992"), seed + "'9007199254740992'"),
                Arguments.of("image", new RawInput.AssetRef(MISSING), "names no such file, not '" + MISSING + "'"),
                Arguments.of("image", new RawInput.AssetRef(FOREIGN), "names no such file, not '" + FOREIGN + "'"),
                Arguments.of("image", new RawInput.AssetRef(MOVIE), "must be image/jpeg, image/png, not 'video/mp4'"),
                Arguments.of(
                        "image", new RawInput.AssetRef(HUGE), "must have at most 1000000 bytes, not '1000001 bytes'"),
                Arguments.of("image", new RawInput.AssetRefs(List.of(PNG, PNG2)), image + "'2 files'"),
                Arguments.of("image", new RawInput.AssetRefs(List.of()), image + "'0 files'"),
                Arguments.of("image", text("../../etc/passwd"), image + "'../../etc/passwd'"),
                Arguments.of("image", text(PNG + ","), image + "'" + PNG + ",'"),
                Arguments.of("frames", text(PNG.toString()), "must be 2 to 3 stored files of image/png, not '1 file'"),
                Arguments.of(
                        "frames",
                        new RawInput.AssetRefs(List.of(PNG, FOREIGN)),
                        "names no such file, not '" + FOREIGN + "'"));
    }

    @Test
    void validate_manyProblems_tellsAllAtOnceInOrder() throws IOException {
        List<InputProblem> problems = invalid(
                Map.of("steps", number("99"), "strength", text("much"), "sede", number("1"), "colour", text("red")));

        assertThat(problems)
                .extracting(InputProblem::toString)
                .containsExactly(
                        "inputs.prompt is required: must be text of at most 100 characters",
                        "inputs.steps must be a whole number between 1 and 50, not '99'",
                        "inputs.strength must be between 0 and 1, not 'much'",
                        "inputs.colour is not an input of paint: it has prompt, steps, strength, tiled, style, seed,"
                                + " image, frames",
                        "inputs.sede is not an input of paint: did you mean 'seed'?");
    }

    @Test
    void validate_thousandsOfUnknownInputs_namesSomeAndCountsTheRest() throws IOException {
        Map<String, RawInput> raw = new HashMap<>(Map.of("prompt", text("a red barn")));
        for (int i = 0; i < 5000; i++) {
            raw.put("x" + i, text(""));
        }

        List<InputProblem> problems = invalid(raw);

        assertThat(problems).hasSize(InputValidator.MAX_UNKNOWN + 1);
        assertThat(problems.get(InputValidator.MAX_UNKNOWN).toString())
                .isEqualTo("inputs has 4980 more inputs that paint doesn't have");
    }

    @Test
    void validate_hostileNamesAndValues_areCutAndPrintable() throws IOException {
        List<InputProblem> problems = invalid(Map.of(
                "prompt",
                text("a"),
                "a\u0000\u202E\nb" + "c".repeat(500),
                text("x"),
                "tiled",
                text("\u001B[2J" + "d".repeat(500))));

        assertThat(problems)
                .extracting(InputProblem::field)
                .contains("inputs.a\uFFFD\uFFFD\uFFFDb" + "c".repeat(55) + "…");
        assertThat(problems.get(0).value()).contains("\uFFFD[2J" + "d".repeat(56) + "…");
    }

    @Test
    void validate_badPrompt_isNotRepeated() throws IOException {
        assertThat(invalid(Map.of("prompt", text("secret\u0000"))))
                .singleElement()
                .satisfies(problem -> assertThat(problem.value()).isEmpty());
    }

    @Test
    void validate_storeCannotSay_throws() {
        InputValidator blind = new InputValidator(
                id -> {
                    throw new IOException("disk");
                },
                () -> DRAWN,
                GraphReader.NONE);

        assertThatThrownBy(() ->
                        blind.validate(workflow, ME, Map.of("prompt", text("a"), "image", new RawInput.AssetRef(PNG))))
                .isInstanceOf(IOException.class);
    }

    /** "ui" is no graph for a backend, anything else names the files whose ids it has, a line each. */
    private static GraphReading reading(String graph) {
        if (graph.startsWith("ui")) {
            return new GraphReading.Unfit(
                    "workflow_format_ui",
                    "export it for the API",
                    Map.of("3", List.of(new NodeProblem("seed", "is missing"))));
        }
        List<AssetId> files = graph.lines()
                .filter(line -> line.length() == 36)
                .map(AssetId::parse)
                .toList();
        return new GraphReading.Fit("comfyui", Set.of("node:Blur"), files, Map.of("6.text", "a boat"));
    }

    private Validation graph(RawInput value) throws IOException {
        Workflow raw = Workflows.workflow("raw", List.of(new InputSpec.Graph("graph", "")));
        return validator.validate(raw, ME, Map.of("graph", value));
    }

    @Test
    void validate_aGraph_isReadAndNamesItsFiles() throws IOException {
        Validation.Valid valid = (Validation.Valid) graph(text("{\n" + PNG + "\n" + MOVIE + "\n}"));

        InputValue.Graph value =
                (InputValue.Graph) Objects.requireNonNull(valid.inputs().get("graph"));
        assertThat(value.files()).containsExactly(PNG, MOVIE);
        assertThat(value.text()).contains(PNG.toString());
        assertThat(valid.graph().orElseThrow().requires()).containsExactly("node:Blur");
    }

    @Test
    void validate_aGraphThatIsNone_isUnfitWithItsReason() throws IOException {
        GraphReading.Unfit unfit = ((Validation.UnfitGraph) graph(text("ui"))).reading();

        assertThat(unfit.code()).isEqualTo("workflow_format_ui");
        assertThat(unfit.nodes()).containsOnlyKeys("3");
    }

    @Test
    void validate_aGraphThatNamesAFileOfSomebodyElseOrNone_isUnfit() throws IOException {
        for (AssetId id : List.of(FOREIGN, MISSING)) {
            GraphReading.Unfit unfit = ((Validation.UnfitGraph) graph(text(id.toString()))).reading();

            assertThat(unfit.code()).isEqualTo("missing_asset");
            assertThat(unfit.message()).contains(id.toString());
        }
    }

    @Test
    void validate_aGraphThatIsTooLongOrNotStorable_isUnfit() throws IOException {
        assertThat(graph(text("x".repeat(InputSpec.Graph.MAX_LENGTH + 1)))).isInstanceOf(Validation.UnfitGraph.class);
        assertThat(graph(text("x\u0000"))).isInstanceOf(Validation.UnfitGraph.class);
        assertThat(graph(text("x".repeat(InputSpec.Graph.MAX_LENGTH)))).isInstanceOf(Validation.Valid.class);
    }

    @Test
    void validate_aGraphThatIsNoText_isInvalid() throws IOException {
        assertThat(graph(number("1"))).isInstanceOf(Validation.Invalid.class);
        assertThat(graph(new RawInput.AssetRef(PNG))).isInstanceOf(Validation.Invalid.class);
    }

    @Test
    void random_manySeeds_areInRange() {
        SeedSource seeds = SeedSource.random(new Random(7));

        assertThat(LongStream.generate(seeds::next).limit(1000))
                .allSatisfy(seed -> assertThat(seed).isBetween(0L, InputSpec.Seed.MAX));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void validate_anythingAtAll_isNeverMoreThanInvalid(long seed) throws IOException {
        Random random = new Random(seed);
        List<String> names = workflow.inputs().stream().map(InputSpec::name).toList();
        for (int round = 0; round < 300; round++) {
            Map<String, RawInput> raw = new HashMap<>();
            for (int i = random.nextInt(8); i > 0; i--) {
                String name = random.nextInt(4) == 0 ? junk(random) : names.get(random.nextInt(names.size()));
                raw.put(name, anything(random));
            }

            Validation validation = validator.validate(workflow, ME, raw);

            if (validation instanceof Validation.Invalid invalid) {
                assertThat(invalid.problems()).allSatisfy(problem -> {
                    assertThat(problem.toString().length()).isLessThan(500);
                    assertThat(problem.toString().chars()).noneMatch(Character::isISOControl);
                });
            } else {
                assertThat(names).containsAll(raw.keySet());
            }
        }
    }

    static LongStream seeds() {
        return LongStream.concat(LongStream.of(1, 2, 3), new Random().longs(3));
    }

    private static RawInput anything(Random random) {
        return switch (random.nextInt(6)) {
            case 0 ->
                new RawInput.Numeric(new BigDecimal(new BigInteger(random.nextInt(2000), random), random.nextInt()));
            case 1 -> new RawInput.Numeric(BigDecimal.valueOf(random.nextInt(100), random.nextInt(3)));
            case 2 -> new RawInput.Bool(random.nextBoolean());
            case 3 -> new RawInput.AssetRef(id(random.nextInt(8)));
            case 4 ->
                new RawInput.AssetRefs(random.ints(random.nextInt(5), 0, 8)
                        .mapToObj(InputValidatorTest::id)
                        .toList());
            default -> text(random.nextInt(3) == 0 ? Integer.toString(random.nextInt(60)) : junk(random));
        };
    }

    private static String junk(Random random) {
        StringBuilder junk = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            junk.append((char) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(0x10000)));
        }
        return junk.toString();
    }

    private Map<String, InputValue> valid(Map<String, RawInput> raw) throws IOException {
        return ((Validation.Valid) validator.validate(workflow, ME, raw)).inputs();
    }

    private List<InputProblem> invalid(Map<String, RawInput> raw) throws IOException {
        return ((Validation.Invalid) validator.validate(workflow, ME, raw)).problems();
    }

    private static RawInput text(String text) {
        return new RawInput.Text(text);
    }

    private static RawInput number(String number) {
        return new RawInput.Numeric(new BigDecimal(number));
    }

    private static AssetId id(long number) {
        return new AssetId(new UUID(0, number));
    }

    private static Asset asset(AssetId id, UserId owner, String contentType, long size) {
        return new Asset(
                id,
                owner,
                "file",
                contentType,
                size,
                new ContentHash(ContentHash.Function.SHA256, "0".repeat(64)),
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }
}
