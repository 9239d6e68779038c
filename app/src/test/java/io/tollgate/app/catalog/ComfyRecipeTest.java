package io.tollgate.app.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.comfyui.ComfyWorkflow;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.workflow.GraphReader;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InputValidator;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import io.tollgate.queue.workflow.Validation;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recipes for ComfyUI as operators write them. */
final class ComfyRecipeTest {
    private static final String GRAPH = """
            {"3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "sampler_name": "euler",
                   "latent_image": ["5", 0]}, "_meta": {"title": "My Sampler"}},
             "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512}},
             "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}}}
            """;
    private static final String HEAD = """
            title = T
            queue = image
            model = m
            price = 1
            inputs = [
              { name = seed, type = seed }
              { name = speed, type = choice, options = [fast, good], default = good }
            ]
            """;

    @TempDir
    private Path around;

    private Path dir = Path.of("");

    @BeforeEach
    void graph() throws IOException {
        dir = Files.createDirectory(around.resolve("workflows"));
        write("g.json", GRAPH);
    }

    @Test
    void load_nestedRecipe_isFlattenedWithItsGraph() {
        write("a.conf", HEAD + """
                recipes { comfyui {
                  graph = "g.json"
                  inputs { seed = ["title:My Sampler/seed", "/9/inputs/filename_prefix"], speed = "/3/inputs/steps" }
                  values { speed { fast = 4, good = 30.5 } }
                  outputs = [ "9" ]
                  nodes = ["Image Save"]
                  models = [ "a b.safetensors" ]
                } }
                """);

        assertThat(recipe())
                .isEqualTo(Map.of(
                        "graph", GRAPH,
                        "inputs.seed", "[\"title:My Sampler/seed\",\"/9/inputs/filename_prefix\"]",
                        "inputs.speed", "/3/inputs/steps",
                        "values.speed.fast", "4",
                        "values.speed.good", "30.5",
                        "outputs", "[\"9\"]",
                        "nodes", "[\"Image Save\"]",
                        "models", "[\"a b.safetensors\"]"));
        ComfyWorkflow workflow = ComfyWorkflow.parse(recipe());
        assertThat(workflow("a").requiresByType())
                .isEqualTo(Map.of(
                        "comfyui",
                        Set.of(
                                "node:Image Save",
                                "model:a b.safetensors",
                                "node:KSampler",
                                "node:EmptyLatentImage",
                                "node:SaveImage")));
        ObjectNode graph = workflow.graph(
                Map.of("seed", new InputValue.Whole(7), "speed", new InputValue.Text("fast")), Object::toString);
        assertThat(graph.at("/3/inputs/seed").longValue()).isEqualTo(7);
        assertThat(graph.at("/9/inputs/filename_prefix").longValue()).isEqualTo(7);
        assertThat(graph.at("/3/inputs/steps").intValue()).isEqualTo(4);
    }

    @Test
    void load_valuesOfEveryKind_areJson() {
        write("a.conf", HEAD + """
                recipes.comfyui {
                  graph = "g.json"
                  inputs { speed = "/3/inputs/latent_image" }
                  values.speed { fast = "[\\"5\\", 0]", good = ["5", 1] }
                  ignored = [seed]
                }
                """);
        write("b.conf", HEAD + """
                recipes.comfyui {
                  graph = "g.json"
                  inputs { speed = "/3/inputs/sampler_name" }
                  values.speed { fast = "12", good = true }
                  ignored = seed
                }
                """);

        assertThat(recipe())
                .containsEntry("values.speed.fast", "[\"5\", 0]")
                .containsEntry("values.speed.good", "[\"5\",1]");
        assertThat(recipe("b")).containsEntry("values.speed.fast", "\"12\"").containsEntry("values.speed.good", "true");
    }

    @Test
    void load_graphInTheManifestItself_isTaken() {
        write("a.conf", HEAD + "recipes.comfyui { ignored = [seed, speed], graph = \"\"\"" + GRAPH + "\"\"\" }");

        assertThat(recipe()).containsEntry("graph", GRAPH);
    }

    @Test
    void load_rawRecipe_needsNoGraph() {
        write("a.conf", """
                title = T, queue = image, model = m, price = 1
                inputs = [ { name = graph, type = graph, label = "Yours" } ]
                recipes.comfyui { raw = true, input = graph }
                """);

        assertThat(workflow("a").inputs()).containsExactly(new InputSpec.Graph("graph", "Yours"));
        assertThat(recipe()).isEqualTo(Map.of("raw", "true", "input", "graph"));
        assertThat(ComfyWorkflow.parse(recipe()).isRaw()).isTrue();
    }

    @Test
    void graph_seedThatNobodyBrought_isTheOneThatWasDrawn() throws IOException {
        write("a.conf", HEAD + """
                recipes.comfyui { graph = "g.json", inputs.seed = "/3/inputs/seed", ignored = [speed] }
                """);
        InputValidator validator = new InputValidator(id -> Optional.empty(), () -> 4711, GraphReader.NONE);

        Validation validation = validator.validate(workflow("a"), new UserId("ann"), Map.of());

        Map<String, InputValue> inputs = ((Validation.Valid) validation).inputs();
        assertThat(inputs).containsEntry("seed", new InputValue.Whole(4711));
        assertThat(ComfyWorkflow.parse(recipe())
                        .graph(inputs, Object::toString)
                        .at("/3/inputs/seed")
                        .longValue())
                .isEqualTo(4711);
    }

    @Test
    void guide_example_isRight() throws IOException {
        String guide = Files.readString(Path.of("../docs/workflows.md"));
        int from = guide.indexOf("```hocon", guide.indexOf("### Recipes for ComfyUI")) + 8;
        write("portrait.json", """
                {"1": {"class_type": "LoadImage", "inputs": {"image": "x"}},
                 "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "x"}, "_meta": {"title": "Positive Prompt"}},
                 "3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["20", 0]}},
                 "14": {"class_type": "KSamplerAdvanced", "inputs": {"noise_seed": 1}},
                 "20": {"class_type": "A", "inputs": {}}, "21": {"class_type": "B", "inputs": {}},
                 "9": {"class_type": "SaveAnimatedWEBP", "inputs": {"images": ["3", 0], "fps": 1}}}
                """);
        write(
                "a.conf",
                "title = T\nqueue = image\nmodel = m\nprice = 1\n" + guide.substring(from, guide.indexOf("```", from)));

        assertThat(recipe()).containsEntry("per.seconds", "48").containsEntry("ignored", "[\"note\"]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "graph = \"none.json\" | a.conf:12: recipes.comfyui.graph = \"none.json\": there is no such file beside",
                "graph = \"../out.json\" | a.conf:12: recipes.comfyui.graph = \"../out.json\": is refused: it lies outside",
                "graph = \"/etc/hostname\" | recipes.comfyui.graph = \"/etc/hostname\": is refused: it lies outside",
                "graph = \"link.json\" | recipes.comfyui.graph = \"link.json\": is refused: it lies outside",
                "graph = \".\" | recipes.comfyui.graph = \".\": is no file",
                "graph = \"large.json\" | is larger than 1048576 bytes",
                "graph = \"latin.json\" | is no UTF-8",
                "graph = \"ui.json\" | recipes.comfyui.graph = \"ui.json\": is in the format of ComfyUI's editor",
                "graph = \"broken.json\" | recipes.comfyui.graph = \"broken.json\": /9/inputs/images: links to the node '3'",
                "graph = [] | recipes.comfyui.graph = []: must be text",
                "inputs.seed = \"/3/inputs/sed\" | a.conf:12: recipes.comfyui.inputs.seed = \"/3/inputs/sed\": /3/inputs/sed points at nothing",
                "inputs.seed { a = 1 } | recipes.comfyui.inputs.seed = {\"a\":1}: must be a text or a list of texts",
                "inputs.seed = [1] | must be a text or a list of texts",
                "inputs = x | recipes.comfyui.inputs = \"x\": must be a section",
                "inputs.sede = \"/3/inputs/seed\" | recipes.comfyui.inputs.sede = \"/3/inputs/seed\": the workflow has no such input; did you mean seed?",
                "inputs.speed = \"/3/inputs/steps\", values.speed.fast = 4 | a.conf:12: recipes.comfyui.values.speed.good: is missing",
                "inputs.speed = \"/3/inputs/steps\", values.speed { fast = 4, good = 5, bad = 6 } | recipes.comfyui.values.speed.bad = 6: is no option of speed: fast, good",
                "inputs.speed = \"/3/inputs/steps\", values.speed { fast = null, good = 5 } | must be a text, a number, true, false or a link",
                "inputs.seed = \"/3/inputs/seed\", times.seed = 2 | recipes.comfyui.times.seed = 2: makes sense for integers and decimals",
                "gragh = x | a.conf:12: recipes.comfyui.gragh: there is no such key; did you mean graph?",
                "outputs = [\"77\"] | recipes.comfyui.outputs = [\"77\"]: there is no node '77'",
                "raw = maybe | recipes.comfyui.raw = \"maybe\": must be true or false"
            })
    void load_wrong_saysWhereAndWhatIsAllowed(String text, String expected) throws IOException {
        Path outside = Files.writeString(around.resolve("out.json"), GRAPH);
        Files.createSymbolicLink(dir.resolve("link.json"), outside);
        Files.write(dir.resolve("latin.json"), new byte[] {'{', (byte) 0xe9, '}'});
        write("large.json", " ".repeat((1 << 20) + 1));
        write("ui.json", "{\"nodes\": [], \"links\": []}");
        write("broken.json", "{\"9\": {\"class_type\": \"SaveImage\", \"inputs\": {\"images\": [\"3\", 0]}}}");
        write(
                "a.conf",
                HEAD + "recipes.comfyui {\n  ignored = [" + (text.startsWith("inputs.seed") ? "speed" : "seed, speed")
                        + "], " + (text.startsWith("graph") ? "" : "graph = \"g.json\"") + "\n\n  " + text + "\n}\n");

        assertThatThrownBy(() -> workflow("a"))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void load_inputThatGoesNowhere_isToldWithItsName() {
        write("a.conf", HEAD + "recipes.comfyui { graph = \"g.json\", inputs.seed = \"/3/inputs/seed\" }");

        assertThatThrownBy(() -> workflow("a"))
                .hasMessageContaining("recipes.comfyui.inputs.speed: is missing; say where the input goes");
    }

    private Map<String, String> recipe() {
        return recipe("a");
    }

    private Map<String, String> recipe(String name) {
        return workflow(name).recipes().getOrDefault("comfyui", Map.of());
    }

    private Workflow workflow(String name) {
        return new CatalogFiles(Optional.of(dir), RetryPolicy.DEFAULT)
                .load().stream()
                        .filter(workflow -> workflow.name().value().equals(name))
                        .findFirst()
                        .orElseThrow();
    }

    private void write(String file, String text) {
        try {
            Files.writeString(dir.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
