package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.app.catalog.CatalogFiles;
import io.tollgate.app.command.Cli.Run;
import io.tollgate.comfyui.ComfyWorkflow;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkflowsCommandTest {
    private static final String GRAPH = """
            {"1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": "Say \\"hi\\" ${HOME}\\n#"}},
             "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd\\\\My Base v1.safetensors"}},
             "3": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 30, "cfg": 7.50, "denoise": 0.6,
                   "sampler_name": "euler", "model": ["2", 0], "positive": ["6", 0], "negative": ["7", 0]}},
             "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["2", 1]}},
             "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "ugly, \\"bad\\"", "clip": ["2", 1]}},
             "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}}}
            """;

    @TempDir
    private Path dir;

    private Cli cli = new Cli(Path.of(""));

    private Path workflows = Path.of("");

    @BeforeEach
    void make() throws IOException {
        cli = new Cli(dir.resolve("data"));
        workflows = dir.resolve("data/workflows");
        Files.writeString(dir.resolve("My Flow.json"), GRAPH);
    }

    @Test
    void list_showsTheCatalogue_andMakesNoDatabase() {
        JsonNode json = cli.ok("workflows list --json").json();

        assertThat(json.path("workflows").findValuesAsText("workflow"))
                .containsExactly("image-enhance", "image-frame", "video-orbit", "video-pan", "video-zoom");
        JsonNode frame = json.path("workflows").get(1);
        assertThat(frame.path("backends").toString()).isEqualTo("[\"comfyui\",\"java2d\"]");
        assertThat(frame.path("price").intValue()).isEqualTo(5);
        assertThat(frame.path("daily_quota").intValue()).isEqualTo(5);
        assertThat(cli.ok("workflows list").out()).contains("5, 5 a day free", "comfyui, java2d");
        assertThat(dir.resolve("data/tollgate.db")).doesNotExist();
    }

    @Test
    void show_workflow_hasItsInputs() {
        JsonNode json = cli.ok("workflows show image-enhance --json").json();

        assertThat(json.path("inputs").findValuesAsText("input"))
                .containsExactly("image", "scale", "denoise", "sharpen", "auto_contrast", "format");
        assertThat(json.at("/inputs/1/default_value").textValue()).isEqualTo("2");
        assertThat(json.at("/inputs/1/allowed").textValue()).isEqualTo("1 to 4");
        assertThat(json.at("/workflow/title").textValue()).isEqualTo("Enhance a photo");
        assertThat(cli.ok("workflows show image-enhance").out())
                .contains("image-enhance: Enhance a photo", "auto, jpeg, png", "0 to 1", "up to 50");
    }

    @Test
    void show_unknown_namesTheNearest() {
        Run run = cli.run("workflows show image-enhence");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("did you mean image-enhance?");
    }

    @Test
    void check_nothingWrong_saysHowMany() {
        assertThat(cli.ok("workflows check").out()).contains("5 workflows are right");
        assertThat(cli.ok("workflows check --json").json().path("ok").booleanValue())
                .isTrue();
    }

    @Test
    void check_wrong_tellsAllAndFails() throws IOException {
        Files.createDirectories(workflows);
        Files.writeString(
                workflows.resolve("a.conf"), "title = T\nqueue = image\nmodel = m\nrecipes.comfyui.graph = x.json\n");
        Files.writeString(workflows.resolve("b.conf"), "outputs = 0");

        Run run = cli.run("workflows check");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out())
                .contains("a.conf:1: price: is missing", "there is no such file beside", "b.conf:1: outputs = 0");
        assertThat(run.err()).contains("things are to be fixed");

        Run json = cli.run("workflows check --json");
        assertThat(json.code()).isEqualTo(1);
        assertThat(json.json().path("ok").booleanValue()).isFalse();
        assertThat(json.json().path("problems").findValuesAsText("place"))
                .contains(workflows.resolve("a.conf") + ":4", workflows.resolve("b.conf") + ":1");

        Run one = cli.run("workflows check %s", workflows.resolve("b.conf"));
        assertThat(one.code()).isEqualTo(1);
        assertThat(one.out()).contains("b.conf").doesNotContain("a.conf");
    }

    @ParameterizedTest
    @CsvSource({
        "workflows check /nowhere, there is no /nowhere",
        "workflows check %s, must be a directory or a file NAME.conf"
    })
    void check_nothingToCheck_fails(String line, String expected) {
        Run run = line.contains("%s") ? cli.run(line, dir.resolve("My Flow.json")) : cli.run(line);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out() + run.err()).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"workflows", "workflows show", "workflows import", "workflows check a b", "workflows list --no"})
    void anything_calledInAWrongWay_is2(String line) {
        assertThat(cli.run(line).code()).isEqualTo(2);
    }

    @Test
    void import_graph_writesAPairThatIsRight() throws IOException {
        JsonNode json = cli.ok("workflows import %s --json", dir.resolve("My Flow.json"))
                .json();

        assertThat(json.path("workflow").textValue()).isEqualTo("my-flow");
        assertThat(json.path("inputs").toString())
                .isEqualTo("[\"image\",\"prompt\",\"negative_prompt\",\"steps\",\"cfg\",\"denoise\",\"seed\"]");
        assertThat(json.path("models").toString()).isEqualTo("[\"sd\\\\My Base v1.safetensors\"]");
        assertThat(workflows.resolve("my-flow.json")).hasContent(GRAPH);
        assertThat(cli.ok("workflows check").out()).contains("6 workflows are right");
        Workflow made = read(workflows.resolve("my-flow.conf"));
        assertThat(made.title()).isEqualTo("My flow");
        assertThat(made.queue().value()).isEqualTo("image");
        assertThat(made.model().value()).isEqualTo("My-Base-v1");
        assertThat(made.inputs().get(0).label()).isEqualTo("Say \"hi\" ${HOME} #");
        assertThat(made.inputs().get(2))
                .isEqualTo(new InputSpec.Text(
                        "negative_prompt", "CLIPTextEncode", false, Optional.of("ugly, \"bad\""), 2000));
        assertThat(ComfyWorkflow.parse(made.recipes().getOrDefault("comfyui", Map.of()))
                        .graph(Map.of("prompt", new InputValue.Text("a dog")), Object::toString)
                        .at("/6/inputs/text")
                        .textValue())
                .isEqualTo("a dog");
    }

    @Test
    void import_again_overwritesNothing() throws IOException {
        Path out = dir.resolve("out");
        cli.ok("workflows import %s --name mine --out %s", dir.resolve("My Flow.json"), out);
        Files.writeString(out.resolve("mine.conf"), "edited");

        Run again = cli.run("workflows import %s --name mine --out %s", dir.resolve("My Flow.json"), out);

        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("is there already, and nothing is overwritten");
        assertThat(out.resolve("mine.conf")).hasContent("edited");
        Files.delete(out.resolve("mine.conf"));
        assertThat(cli.run("workflows import %s --name mine --out %s", dir.resolve("My Flow.json"), out)
                        .code())
                .as("the graph is there still")
                .isEqualTo(1);
        assertThat(out.resolve("mine.conf")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"nodes\": [], \"links\": []} | Export (API)",
                "{\"1\": {\"class_type\": \"PreviewImage\", \"inputs\": {}}} | no node saves anything",
                "{\"1\": {}} | /1/class_type: must name the node's class; /1/inputs: must be an object",
                "nonsense | is no JSON"
            })
    void import_whatCantBeRun_writesNothing(String graph, String expected) throws IOException {
        Path file = Files.writeString(dir.resolve("bad.json"), graph);

        Run run = cli.run("workflows import %s", file);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains(file + ": ", expected).hasLineCount(1);
        assertThat(workflows).doesNotExist();
    }

    @Test
    void import_fileThatIsNone_orNameThatIsNone_fails() throws IOException {
        Files.write(dir.resolve("latin.json"), new byte[] {(byte) 0xe9});
        Files.writeString(dir.resolve("large.json"), " ".repeat((1 << 20) + 1));

        assertThat(cli.run("workflows import %s", dir.resolve("none.json")).err())
                .contains("can't be read");
        assertThat(cli.run("workflows import %s", dir.resolve("latin.json")).err())
                .contains("is no UTF-8");
        assertThat(cli.run("workflows import %s", dir.resolve("large.json")).err())
                .contains("is larger than");
        Run named = cli.run("workflows import %s --name ../x", dir.resolve("My Flow.json"));
        assertThat(named.code()).isEqualTo(1);
        assertThat(named.err()).contains("name it with --name");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void import_anySoundGraph_passesTheCheck(long seed) throws IOException {
        Path out = Files.createDirectory(dir.resolve("out"));
        Random random = new Random(seed);
        for (int i = 0; i < 15; i++) {
            String graph = graph(random);
            Path file = Files.writeString(dir.resolve("g" + i + ".json"), graph);

            Run run = cli.run("workflows import %s --out %s", file, out);

            assertThat(run.code()).as("%s\n%s\n%s", graph, run.out(), run.err()).isZero();
        }
        assertThat(CatalogFiles.read(out, RetryPolicy.DEFAULT).workflows()).hasSize(15);
    }

    /** Nodes of the kinds that import knows, with odd values. */
    private static String graph(Random random) {
        List<String> odd = List.of(
                "0",
                "-1",
                "1",
                "0.5",
                "1e3",
                "7.0",
                "99999999999",
                "1e-30",
                "\"\"",
                "\"a\"",
                "\" \"",
                "\"${x} \\\" \\\\ \\u0007 \\n é \\ud83d\\ude00\"",
                "true",
                "null",
                "[1,2]",
                "{\"a\":1}",
                "\"m.safetensors\"",
                "18446744073709551615",
                "\"" + "x".repeat(3000) + "\"");
        List<String> classes = List.of(
                "LoadImage",
                "LoadImageMask",
                "LoadAudio",
                "LoadVideo",
                "KSampler",
                "KSamplerAdvanced",
                "CLIPTextEncode",
                "CLIPTextEncodeSDXL",
                "EmptyLatentImage",
                "PrimitiveString",
                "BasicGuider",
                "ControlNetApply",
                "Any thing/~ \\\"x\\\"");
        List<String> fields = List.of(
                "image",
                "audio",
                "file",
                "text",
                "text_g",
                "seed",
                "noise_seed",
                "steps",
                "cfg",
                "denoise",
                "strength",
                "width",
                "height",
                "value",
                "ckpt_name",
                "a/b ~c",
                "odd field",
                "positive",
                "negative",
                "conditioning");
        List<String> nodes = new ArrayList<>();
        int count = 1 + random.nextInt(12);
        for (int node = 0; node < count; node++) {
            List<String> inputs = new ArrayList<>();
            for (String field : fields) {
                if (random.nextInt(3) == 0) {
                    String value = node > 0 && random.nextInt(3) == 0
                            ? "[\"" + random.nextInt(node) + "\",0]"
                            : odd.get(random.nextInt(odd.size()));
                    inputs.add("\"" + field + "\":" + value);
                }
            }
            String title = odd.get(8 + random.nextInt(4));
            nodes.add("\"" + node + "\":{\"class_type\":\"" + classes.get(random.nextInt(classes.size()))
                    + "\",\"inputs\":{" + String.join(",", inputs) + "},\"_meta\":{\"title\":" + title + "}}");
        }
        nodes.add("\"save\":{\"class_type\":\"SaveImage\",\"inputs\":{\"images\":[\"0\",0]}}");
        return "{" + String.join(",", nodes) + "}";
    }

    private static Workflow read(Path manifest) {
        return CatalogFiles.read(manifest, RetryPolicy.DEFAULT).workflows().get(0);
    }
}
