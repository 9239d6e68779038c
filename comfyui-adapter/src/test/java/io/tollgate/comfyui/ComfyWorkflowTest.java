package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ComfyWorkflowTest {
    private static final String GRAPH = """
            {
              "1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
              "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base.safetensors"}},
              "3": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 20, "cfg": 7.0, "model": ["2", 0],
                    "tiled": false, "sampler_name": "euler"}, "_meta": {"title": "My Sampler"}},
              "4": {"class_type": "ImageBlur", "inputs": {"image": ["1", 0]}},
              "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}}
            }
            """;
    private static final AssetId PHOTO = new AssetId(new UUID(0, 1));
    private static final AssetId OTHER = new AssetId(new UUID(0, 2));

    @Test
    void graph_inputsOfEveryKind_standWhereTheRecipeSays() {
        ComfyWorkflow workflow = ComfyWorkflow.parse(recipe(
                "inputs.image", "/1/inputs/image",
                "inputs.seed", "title:My Sampler/seed",
                "inputs.cfg", "/3/inputs/cfg",
                "inputs.steps", "/3/inputs/steps",
                "inputs.tiled", "/3/inputs/tiled",
                "inputs.sampler", "/3/inputs/sampler_name",
                "values.sampler.fast", "\"lcm\"",
                "inputs.source", "[\"/9/inputs/images\"]",
                "values.source.blurred", "[\"4\", 0]",
                "values.source.sampled", "[\"3\", 0]"));

        ObjectNode graph = workflow.graph(
                Map.of(
                        "image", new InputValue.Asset(PHOTO),
                        "seed", new InputValue.Whole((1L << 53) - 1),
                        "cfg", new InputValue.Decimal(new BigDecimal("3.50")),
                        "steps", new InputValue.Whole(4),
                        "tiled", new InputValue.Flag(true),
                        "sampler", new InputValue.Text("fast"),
                        "source", new InputValue.Text("blurred")),
                asset -> "up-" + asset.value().getLeastSignificantBits() + ".png");

        assertThat(graph.at("/1/inputs/image").textValue()).isEqualTo("up-1.png");
        assertThat(graph.at("/3/inputs/seed").toString()).isEqualTo("9007199254740991");
        assertThat(graph.at("/3/inputs/cfg").toString()).isEqualTo("3.5");
        assertThat(graph.at("/3/inputs/steps").toString()).isEqualTo("4");
        assertThat(graph.at("/3/inputs/tiled").toString()).isEqualTo("true");
        assertThat(graph.at("/3/inputs/sampler_name").toString()).isEqualTo("\"lcm\"");
        assertThat(graph.at("/9/inputs/images").toString()).isEqualTo("[\"4\",0]");
        assertThat(graph.at("/3/inputs/model").toString()).isEqualTo("[\"2\",0]");
        assertThat(workflow.graph(Map.of(), Object::toString)
                        .at("/3/inputs/seed")
                        .toString())
                .as("a fresh copy with the template's own value")
                .isEqualTo("5");
    }

    @Test
    void graph_numbersAreScaled_asTheRecipeSays() {
        ComfyWorkflow workflow = ComfyWorkflow.parse(recipe(
                "inputs.seconds", "/3/inputs/cfg",
                "per.seconds", "48",
                "inputs.percent", "/3/inputs/steps",
                "times.percent", "0.5"));

        ObjectNode graph = workflow.graph(
                Map.of("seconds", new InputValue.Decimal(new BigDecimal("2.5")), "percent", new InputValue.Whole(40)),
                Object::toString);

        assertThat(graph.at("/3/inputs/cfg").decimalValue()).isEqualByComparingTo("19.2");
        assertThat(graph.at("/3/inputs/steps").decimalValue()).isEqualByComparingTo("20");
    }

    @Test
    void graph_severalFiles_areDealtOutAndTheLastIsRepeated() {
        ComfyWorkflow workflow =
                ComfyWorkflow.parse(recipe("inputs.images", "/1/inputs/image /9/inputs/filename_prefix /3/inputs/cfg"));
        Map<String, InputValue> two = Map.of("images", new InputValue.Assets(List.of(PHOTO, OTHER)));

        ObjectNode graph = workflow.graph(two, asset -> asset.equals(PHOTO) ? "a" : "b");

        assertThat(graph.at("/1/inputs/image").textValue()).isEqualTo("a");
        assertThat(graph.at("/9/inputs/filename_prefix").textValue()).isEqualTo("b");
        assertThat(graph.at("/3/inputs/cfg").textValue()).isEqualTo("b");
        assertThat(workflow.assets(two)).containsExactly(PHOTO, OTHER);
        assertThatThrownBy(() -> workflow.graph(
                        Map.of("images", new InputValue.Assets(List.of(PHOTO, OTHER, PHOTO, OTHER))), Object::toString))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 3 files: 4");
    }

    @Test
    void requires_nodesModelsAndWhatIsSaid() {
        ComfyWorkflow workflow =
                ComfyWorkflow.parse(recipe("nodes", "[\"Image Save & Show\"]", "models", "up 4x.pth, face.onnx"));

        assertThat(workflow.requires())
                .containsExactlyInAnyOrder(
                        "node:LoadImage",
                        "node:CheckpointLoaderSimple",
                        "node:KSampler",
                        "node:ImageBlur",
                        "node:SaveImage",
                        "node:Image Save %26 Show",
                        "model:base.safetensors",
                        "model:up 4x.pth",
                        "model:face.onnx");
    }

    @Test
    void requires_modelOfAChoice_isEveryOption_andNotTheTemplates() {
        ComfyWorkflow workflow = ComfyWorkflow.parse(recipe(
                "inputs.look", "/2/inputs/ckpt_name",
                "values.look.soft", "\"soft.safetensors\"",
                "values.look.hard", "\"hard.ckpt\""));

        assertThat(workflow.requires())
                .contains("model:soft.safetensors", "model:hard.ckpt")
                .doesNotContain("model:base.safetensors");
    }

    @Test
    void isOutput_saysTheRecipe_elseTheNodesThatSave() {
        assertThat(ComfyWorkflow.parse(recipe()).isOutput("9")).isTrue();
        assertThat(ComfyWorkflow.parse(recipe()).isOutput("2")).isFalse();
        assertThat(ComfyWorkflow.parse(recipe("outputs", "4, 3")).isOutput("4")).isTrue();
        assertThat(ComfyWorkflow.parse(recipe("outputs", "4, 3")).isOutput("9")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "SaveImage, true",
        "SaveAnimatedWEBP, true",
        "SaveWEBM, true",
        "SaveVideo, true",
        "SaveAudioMP3, true",
        "VHS_VideoCombine, true",
        "Image Save, true",
        "PreviewImage, false",
        "CheckpointSave, false",
        "ModelSave, false",
        "SaveLatent, false",
        "KSampler, false"
    })
    void saves_classOfANode(String classType, boolean saves) {
        assertThat(Graph.saves(classType)).isEqualTo(saves);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ | graph: is no JSON",
                "[] | must be a JSON object",
                "{} | graph: has no nodes",
                "{\"1\":5} | graph: /1: must be an object with class_type",
                "{\"1\":{\"inputs\":{}}} | graph: /1/class_type: must name the node's class",
                "{\"1\":{\"class_type\":\"A\"}} | graph: /1/inputs: must be an object",
                "{\"1\":{\"class_type\":\"A\",\"inputs\":{\"x\":[\"7\",0]}}} | graph: /1/inputs/x: links to the node '7', which isn't there",
                "{\"1\":{\"class_type\":\"SaveX\",\"inputs\":{\"x\":[\"2\",0]}},\"2\":{\"class_type\":\"B\",\"inputs\":{\"y\":[\"1\",0]}}} | graph: /2: its links go in a circle",
                "{\"1\":{\"class_type\":\"SaveX\",\"inputs\":{\"x\":[\"1\",0]}}} | graph: /1: its links go in a circle",
                "{\"1\":{\"class_type\":\"A\",\"inputs\":{}}} | graph: no node of it saves anything",
                "{\"nodes\":[],\"links\":[]} | Export (API)",
                "{\"1\":{\"class_type\":\"SaveX\",\"inputs\":{}},\"1\":{}} | a key is there twice"
            })
    void parse_badGraph_saysWhatAndWhere(String graph, String expected) {
        assertThatThrownBy(() -> ComfyWorkflow.parse(Map.of("graph", graph)))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "inputs.x | /77/inputs/seed | inputs.x: /77/inputs/seed points at nothing: there is no node 77",
                "inputs.x | /3/inputs/sed | inputs.x: /3/inputs/sed points at nothing: the inputs of node 3 (KSampler) are seed, steps",
                "inputs.x | /3/class_type | inputs.x: /3/class_type must point at an input of a node",
                "inputs.x | /3/inputs | inputs.x: /3/inputs must point at an input of a node",
                "inputs.x | 3/inputs/seed | must be a JSON Pointer",
                "inputs.x | /3/inputs/model | inputs.x: /3/inputs/model is a link to another node",
                "inputs.x | title:Nobody/seed | 'Nobody' is the title of no node",
                "inputs.x | title:seed | must be title:TITLE OF A NODE/INPUT",
                "inputs.x | [5] | must be 1 to 500 places",
                "inputs.x | [] | must be 1 to 500 places",
                "inptus.x | /3/inputs/seed | inptus.x: there is no such key",
                "outputs | 77 | outputs: there is no node '77'",
                "values.x.a | 5 | values.x.a: says how x is written, but no inputs.x says where",
                "raw | perhaps | raw: must be true or false",
                "nodes | [\"a\\nb\"] | nodes: must be names of some printable",
                "nodes | [1] | nodes: must be a list of texts"
            })
    void parse_badKey_saysWhatAndWhere(String key, String value, String expected) {
        assertThatThrownBy(() -> ComfyWorkflow.parse(recipe(key, value)))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "values.x.a | euler | values.x.a: must be JSON",
                "values.x.a | {} | values.x.a: must be JSON",
                "values.x.a | null | values.x.a: must be JSON",
                "values.x.a | [\"77\",0] | values.x.a: links to the node '77', which isn't there",
                "values.x.a | [\"3\",0] | values: their links make a circle of the nodes 3",
                "values.x | 5 | values.x: must say for each option",
                "times.x | 0 | times.x: must be a number other than 0",
                "per.x | 1e9 | per.x: must be a number",
                "inputs.y | /3/inputs/seed | inputs.y: /3/inputs/seed is written by x already"
            })
    void parse_badRule_saysWhatAndWhere(String key, String value, String expected) {
        assertThatThrownBy(() -> ComfyWorkflow.parse(recipe("inputs.x", "/3/inputs/seed", key, value)))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void parse_severalProblems_tellsAll() {
        assertThatThrownBy(() -> ComfyWorkflow.parse(
                        recipe("inputs.x", "/3/inputs/sed", "inputs.y", "/8/inputs/a", "outputs", "77", "what", "1")))
                .hasMessageContainingAll("inputs.x:", "inputs.y:", "outputs:", "what:");
    }

    @Test
    void problems_recipeAndInputsDiffer_tellsAll() {
        List<InputSpec> inputs = List.of(
                new InputSpec.Seed("seed", ""),
                new InputSpec.Choice("mood", "", true, Optional.empty(), List.of("calm", "wild")),
                new InputSpec.Flag("tiled", "", true, Optional.empty()),
                new InputSpec.Whole("steps", "", true, Optional.empty(), 0, 9),
                new InputSpec.Text("prompt", "", true, Optional.empty(), 10),
                new InputSpec.Files("images", "", true, InputSpec.Media.IMAGE, Set.of("image/png"), 1, 3, 1000));

        List<RecipeProblem> problems = ComfyWorkflow.problems(
                recipe(
                        "inputs.moot", "/3/inputs/sampler_name",
                        "inputs.mood", "/3/inputs/cfg",
                        "values.mood.calm", "1",
                        "values.mood.wlid", "2",
                        "inputs.tiled", "/3/inputs/tiled",
                        "values.tiled.true", "1",
                        "inputs.steps", "/3/inputs/steps",
                        "per.steps", "5",
                        "inputs.images", "/1/inputs/image",
                        "ignored", "seed, sed"),
                inputs);

        assertThat(problems)
                .extracting(RecipeProblem::toString)
                .containsExactlyInAnyOrder(
                        "ignored: the workflow has no input sed",
                        "inputs.moot: the workflow has no such input; did you mean mood?",
                        "values.mood.wild: is missing",
                        "values.mood.wlid: is no option of mood: calm, wild",
                        "values.tiled.false: is missing",
                        "per.steps: divides by the input, so its min must be above 0",
                        "inputs.images: has 1 places for up to 3 files; point at one for each, or lower max-count",
                        "inputs.prompt: is missing; say where the input goes, or list it in ignored");
    }

    @Test
    void problems_nothingWrong_areNone() {
        assertThat(ComfyWorkflow.problems(
                        recipe("inputs.seed", "/3/inputs/seed"), List.of(new InputSpec.Seed("seed", ""))))
                .isEmpty();
    }

    @Test
    void raw_graphComesWithTheRun() {
        ComfyWorkflow workflow = ComfyWorkflow.parse(Map.of("raw", "true", "input", "graph", "nodes", "Extra"));
        Map<String, InputValue> inputs = Map.of("graph", new InputValue.Graph("""
                {"1": {"class_type": "LoadImage", "inputs": {"image":
                   {"__type": "core/ASSET", "info": {"id": "%s"}}}},
                 "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
                """.formatted(PHOTO), List.of(PHOTO)));

        assertThat(workflow.isRaw()).isTrue();
        assertThat(workflow.assets(inputs)).containsExactly(PHOTO);
        assertThat(workflow.graph(inputs, asset -> "up.png")
                        .at("/1/inputs/image")
                        .textValue())
                .isEqualTo("up.png");
        assertThat(workflow.requires()).containsExactly("node:Extra");
        ComfyWorkflow run = workflow.forRun(inputs);
        assertThat(run.requires()).containsExactlyInAnyOrder("node:Extra", "node:LoadImage", "node:PreviewImage");
        assertThat(run.isOutput("2")).isTrue();
        assertThat(run.isOutput("1")).isFalse();
        assertThat(run.assets(Map.of())).as("it keeps its graph").containsExactly(PHOTO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"nodes\":[]}"})
    void raw_graphThatIsNone_isTold(String graph) {
        ComfyWorkflow workflow = ComfyWorkflow.parse(Map.of("raw", "true", "input", "graph"));

        assertThatThrownBy(() -> workflow.forRun(Map.of("graph", new InputValue.Graph(graph, List.of()))))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageStartingWith("workflow ");
        assertThatThrownBy(() -> workflow.graph(Map.of(), Object::toString))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining("must bring the graph");
    }

    @Test
    void raw_recipeThatMixes_isRefused() {
        assertThatThrownBy(() -> ComfyWorkflow.parse(Map.of("raw", "true", "graph", "{}")))
                .hasMessageContainingAll("input: must name the input", "graph: makes no sense");
        assertThat(ComfyWorkflow.problems(
                        Map.of("raw", "true", "input", "graph"), List.of(new InputSpec.Seed("seed", ""))))
                .extracting(RecipeProblem::toString)
                .containsExactlyInAnyOrder(
                        "input: must name a graph input of the workflow, not graph",
                        "input: only graph is used; list seed in ignored");
    }

    private static Map<String, String> recipe(String... more) {
        Map<String, String> recipe = new HashMap<>();
        recipe.put("graph", GRAPH);
        for (int i = 0; i < more.length; i += 2) {
            recipe.put(more[i], more[i + 1]);
        }
        return recipe;
    }
}
