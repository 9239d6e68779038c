package io.tollgate.app.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InputSpec.Media;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CatalogFilesTest {
    private static final String LEAST = "title = T\nqueue = image\nmodel = m\nprice = 1\n";
    private static final String RECIPE = "recipes.java2d.recipe = r\n";

    @TempDir
    private Path dir;

    @Test
    void shipped_areTheFive() {
        List<Workflow> shipped = new CatalogFiles(Optional.empty(), RetryPolicy.DEFAULT).load();

        assertThat(shipped)
                .extracting(workflow -> workflow.name().value())
                .containsExactly("image-enhance", "image-frame", "video-orbit", "video-pan", "video-zoom");
        assertThat(shipped)
                .extracting(workflow -> workflow.tariff().list())
                .map(Amount::toString)
                .containsExactly("10", "5", "30", "30", "30");
        assertThat(shipped)
                .filteredOn(workflow -> workflow.tariff().quota().isPresent())
                .extracting(
                        Workflow::name, workflow -> workflow.tariff().quota().orElseThrow())
                .containsExactly(tuple(name("image-frame"), new DailyQuota(5, AfterQuota.REFUSE)));
        assertThat(shipped)
                .noneMatch(workflow ->
                        workflow.tariff().free() || workflow.tariff().relaxed());
        assertThat(shipped).allSatisfy(workflow -> {
            boolean image = workflow.name().value().startsWith("image");
            assertThat(workflow.queue()).isEqualTo(new QueueName(image ? "image" : "video"));
            assertThat(workflow.model()).isEqualTo(new ModelName(image ? "java2d-image" : "java2d-video"));
            assertThat(workflow.recipes())
                    .containsEntry("java2d", Map.of("recipe", workflow.name().value()));
            assertThat(workflow.title()).isNotBlank();
            assertThat(workflow.description()).isNotBlank();
            assertThat(workflow.inputs()).allMatch(input -> !input.label().isBlank());
        });
    }

    @Test
    void shipped_imageEnhance_asksInOrder() {
        Workflow enhance = find(new CatalogFiles(Optional.empty(), RetryPolicy.DEFAULT), "image-enhance");

        assertThat(enhance.inputs())
                .extracting(InputSpec::name)
                .containsExactly("image", "scale", "denoise", "sharpen", "auto_contrast", "format");
        assertThat(enhance.inputs().get(0).required()).isTrue();
        assertThat(enhance.inputs().get(1))
                .isEqualTo(new InputSpec.Whole("scale", "How many times larger", false, Optional.of(2L), 1, 4));
    }

    @Test
    void load_everythingAWorkflowCanSay_isRead() {
        write("full.conf", """
                title = "Full", description = "All of it.", queue = portrait, model = "own-1.0", price = 2.5, free = true
                requires = [xl, "vram:24"], outputs = 3, timeout = 90s
                retry { attempts = 5, base = 1s, cap = 9s }
                inputs = [
                  { name = prompt, type = text, label = "Say", max-length = 500 }
                  { name = note, type = text, required = false }
                  { name = steps, type = integer, min = 1, max = 50, default = 20 }
                  { name = strength, type = decimal, min = 0, max = 1, default = 0.5 }
                  { name = tiled, type = boolean, default = false }
                  { name = mood, type = choice, options = [calm, wild], default = calm }
                  { name = seed, type = seed }
                  { name = image, type = image, content-types = [image/png], max-bytes = 1MiB }
                  { name = more, type = images, min-count = 2, max-count = 4, required = false }
                  { name = clip, type = video }
                  { name = sound, type = audio, required = false }
                ]
                recipes { java2d { recipe = x, frames = 24 }, cloud { template = "full.json" } }
                """);

        Workflow full = find(catalog(), "full");

        long usual = 50L << 20;
        Set<String> images = Set.of("image/png", "image/jpeg", "image/webp", "image/gif");
        assertThat(full)
                .isEqualTo(new Workflow(
                        name("full"),
                        "Full",
                        "All of it.",
                        new QueueName("portrait"),
                        new ModelName("own-1.0"),
                        Tariff.free(Amount.parse("2.5")),
                        List.of(
                                new InputSpec.Text("prompt", "Say", true, Optional.empty(), 500),
                                new InputSpec.Text("note", "", false, Optional.empty(), 10_000),
                                new InputSpec.Whole("steps", "", false, Optional.of(20L), 1, 50),
                                new InputSpec.Decimal(
                                        "strength",
                                        "",
                                        false,
                                        Optional.of(new BigDecimal("0.5")),
                                        BigDecimal.ZERO,
                                        BigDecimal.ONE),
                                new InputSpec.Flag("tiled", "", false, Optional.of(false)),
                                new InputSpec.Choice("mood", "", false, Optional.of("calm"), List.of("calm", "wild")),
                                new InputSpec.Seed("seed", ""),
                                new InputSpec.Files(
                                        "image", "", true, Media.IMAGE, Set.of("image/png"), 1, 1, 1L << 20),
                                new InputSpec.Files("more", "", false, Media.IMAGE, images, 2, 4, usual),
                                new InputSpec.Files(
                                        "clip", "", true, Media.VIDEO, Set.of("video/mp4", "video/webm"), 1, 1, usual),
                                new InputSpec.Files(
                                        "sound",
                                        "",
                                        false,
                                        Media.AUDIO,
                                        Set.of("audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4"),
                                        1,
                                        1,
                                        usual)),
                        Map.of(
                                "java2d", Map.of("recipe", "x", "frames", "24"),
                                "cloud", Map.of("template", "full.json")),
                        Set.of("xl", "vram:24"),
                        Map.of(),
                        3,
                        Duration.ofSeconds(90),
                        new RetryPolicy(5, Duration.ofSeconds(1), Duration.ofSeconds(9))));
    }

    @Test
    void load_operatorsFileOfAShippedName_takesItsPlace() {
        write("image-frame.conf", LEAST + RECIPE);

        assertThat(find(catalog(), "image-frame").title()).isEqualTo("T");
        assertThat(catalog().load()).hasSize(5);
    }

    @Test
    void load_directoryMissing_hasTheShippedOnes() {
        assertThat(new CatalogFiles(Optional.of(dir.resolve("none")), RetryPolicy.DEFAULT).load())
                .hasSize(5);
    }

    @Test
    void load_severalProblems_tellsAllWithTheirLines() {
        write("a.conf", LEAST + RECIPE + "tilte = x\nprice = free\n");
        write("b.conf", "queue = image");

        assertThatThrownBy(() -> catalog().load())
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContainingAll(
                        dir.resolve("a.conf") + ":6: tilte: there is no such key; did you mean title?",
                        dir.resolve("a.conf") + ":7: price = \"free\": must be credits from 0",
                        dir.resolve("b.conf") + ":1: title: is missing",
                        "model: is missing",
                        "price: is missing",
                        "recipes: must say");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "title = [x] | title = [\"x\"]: must be text",
                "queue = Image | must be the name of a queue",
                "outputs = 0 | must be a whole number from 1 to 100",
                "timeout = 5 | must be a time with its unit",
                "timeout = 2d | must be a time with its unit from 1s to 1d",
                "retry { base = 5s, cap = 1s } | retry.cap = \"1s\": must be at least base, 5s",
                "retry { tries = 5 } | retry.tries: there is no such key",
                "retry = 5 | retry = 5: must be a section",
                "requires = [\"a b\"] | must be a list, each a tag",
                "inputs = 5 | inputs = 5: must be a list of sections",
                "inputs = [5] | inputs[0] = 5: must be a section",
                "inputs = [{ name = a }] | inputs[0].type: is missing; must be one of text, integer",
                "inputs = [{ type = seed }] | inputs[0].name: is missing",
                "inputs = [{ name = A, type = seed }] | inputs[0].name = \"A\": must be a name of a-z",
                "inputs = [{ name = a, type = seed }, { name = a, type = seed }] | inputs[1].name = \"a\": is there twice",
                "inputs = [{ name = a, type = seed, default = 5 }] | inputs[0].default: there is no such key",
                "inputs = [{ name = a, type = number }] | must be one of text, integer, decimal, boolean, choice, seed, image",
                "inputs = [{ name = a, type = integer, max = 4 }] | inputs[0].min: is missing",
                "inputs = [{ name = a, type = integer, min = 4, max = 1 }] | inputs[0].max = 1: must be at least min",
                "inputs = [{ name = a, type = integer, min = 1, max = 4, default = 5 }] | default = 5: must be a whole number from 1 to 4",
                "inputs = [{ name = a, type = decimal, min = 0, max = 1, default = 2 }] | default = 2: must be a number from 0 to 1",
                "inputs = [{ name = a, type = choice, options = [] }] | options = []: must name at least one",
                "inputs = [{ name = a, type = choice, options = [x, y], default = z }] | default = \"z\": must be one of x, y",
                "inputs = [{ name = a, type = text, max-length = 3, default = long }] | must be text of 1 to 3 characters",
                "inputs = [{ name = a, type = boolean, default = perhaps }] | must be true or false",
                "inputs = [{ name = a, type = images, min-count = 3, max-count = 2 }] | must be at least min-count, 3",
                "inputs = [{ name = a, type = image, content-types = [png] }] | must be a list, each a media type",
                "recipes.cloud.template { a = 1 } | recipes.cloud.template = {\"a\":1}: must be text",
                "recipes.GPU.x = 1 | a kind of backend is a lower-case word",
                "title = ${HOME} | substitutions",
                "title = ${?HOME} | substitutions",
                "include \"/etc/hostname\" | it lies outside of the directory",
                "include \"../x.conf\" | it lies outside of the directory",
                "include \"bad.conf\" | it includes itself",
                "include \"_circle.conf\" | it includes itself",
                "include \"none.conf\" | none.conf",
                "include url(\"http://127.0.0.1:1/x\") | addresses are never included",
                "include classpath(\"logback.xml\") | only files are included",
                "title = { | bad.conf:6"
            })
    void load_wrong_saysWhatIsAllowed(String text, String expected) {
        write("_circle.conf", "include \"bad.conf\"");
        write("bad.conf", LEAST + RECIPE + text);

        assertThatThrownBy(() -> catalog().load())
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void load_includeThroughALinkToOutside_isRefused(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.writeString(elsewhere.resolve("secret.conf"), "description = hidden");
        Files.createSymbolicLink(dir.resolve("_link.conf"), secret);
        write("a.conf", LEAST + RECIPE + "include \"_link.conf\"");

        assertThatThrownBy(() -> catalog().load())
                .hasMessageContaining("it lies outside of the directory")
                .hasMessageNotContaining("hidden");
    }

    @Test
    void load_includeBeside_isRead() {
        write("_usual.conf", RECIPE + "queue = usual");
        write("a.conf", LEAST + "include \"_usual.conf\"");

        assertThat(find(catalog(), "a").queue()).isEqualTo(new QueueName("usual"));
    }

    @Test
    void load_fileNameThatIsNoName_isRefused() {
        write("My Flow.conf", LEAST + RECIPE);

        assertThatThrownBy(() -> catalog().load()).hasMessageContaining("not a valid workflow name: 'My Flow'");
    }

    @Test
    void load_tooLargeOrTooDeep_isRefused() {
        write("large.conf", LEAST + RECIPE + "# " + "x".repeat(1 << 20));
        write("deep.conf", "title = " + "[".repeat(200_000));

        assertThatThrownBy(() -> catalog().load())
                .hasMessageContainingAll("large.conf: larger than 1048576 bytes", "deep.conf: nested too deeply");
    }

    @Test
    void load_nothingSaidAboutRetries_takesTheUsual() {
        RetryPolicy usual = new RetryPolicy(7, Duration.ofSeconds(3), Duration.ofSeconds(4));
        write("a.conf", LEAST + RECIPE);
        write("b.conf", LEAST + RECIPE + "retry.base = 9s");

        CatalogFiles files = new CatalogFiles(Optional.of(dir), usual);

        assertThat(find(files, "a").retry()).isEqualTo(usual);
        assertThat(find(files, "b").retry())
                .isEqualTo(new RetryPolicy(7, Duration.ofSeconds(9), Duration.ofSeconds(9)));
    }

    private CatalogFiles catalog() {
        return new CatalogFiles(Optional.of(dir), RetryPolicy.DEFAULT);
    }

    private static Workflow find(CatalogFiles files, String name) {
        return files.load().stream()
                .filter(workflow -> workflow.name().equals(name(name)))
                .findFirst()
                .orElseThrow();
    }

    private static WorkflowName name(String name) {
        return new WorkflowName(name);
    }

    private void write(String file, String text) {
        try {
            Files.writeString(dir.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
