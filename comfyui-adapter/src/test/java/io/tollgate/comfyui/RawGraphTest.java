package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.comfyui.RawGraph.Reading;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.NodeProblem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RawGraphTest {
    private static final AssetId PHOTO = new AssetId(new UUID(7, 1));
    private static final String GOOD = """
            {"1": {"class_type": "LoadImage", "inputs": {"image": {"__type": "core/ASSET", "info": {"id": "%s"}}}},
             "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["3", 1]}},
             "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base.safetensors"}},
             "4": {"class_type": "Lora & more", "inputs": {"lora": {"on": true, "name/x": "fine.pt"}, "l": ["a", "b"]}},
             "12": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}}
            """.formatted(PHOTO);

    @Test
    void read_soundGraph_saysWhatItNeedsAndHolds() {
        RawGraph graph = valid(GOOD);

        assertThat(graph.nodes()).isEqualTo(5);
        assertThat(graph.requires())
                .containsExactlyInAnyOrder(
                        "node:LoadImage",
                        "node:CLIPTextEncode",
                        "node:CheckpointLoaderSimple",
                        "node:Lora %26 more",
                        "node:SaveImage",
                        "model:base.safetensors");
        assertThat(graph.assets()).containsExactly(PHOTO);
        assertThat(graph.texts())
                .containsExactly(
                        entry("/2/inputs/text", "a cat"),
                        entry("/3/inputs/ckpt_name", "base.safetensors"),
                        entry("/4/inputs/lora/name~1x", "fine.pt"),
                        entry("/4/inputs/l/0", "a"),
                        entry("/4/inputs/l/1", "b"),
                        entry("/12/inputs/filename_prefix", "x"));
        assertThat(graph.isOutput("12")).isTrue();
        assertThat(graph.isOutput("1")).isFalse();
    }

    @Test
    void graph_assets_becomeNames_inACopy() {
        RawGraph raw = valid(GOOD);

        ObjectNode graph = raw.graph(asset -> "up.png");

        assertThat(graph.at("/1/inputs/image").textValue()).isEqualTo("up.png");
        assertThat(raw.graph(asset -> "again.png").at("/1/inputs/image").textValue())
                .isEqualTo("again.png");
    }

    @Test
    void graph_numbers_stayAsTheyWereSent() {
        String seed =
                "{\"1\":{\"class_type\":\"SaveX\",\"inputs\":{\"seed\":18446744073709551615,\"cfg\":7.0,\"s\":0.1}}}";

        assertThat(valid(seed).graph(Object::toString)).hasToString(seed);
    }

    @Test
    void read_nothingSaves_theLastNodesCount() {
        RawGraph graph = valid("{\"1\":{\"class_type\":\"A\",\"inputs\":{}},"
                + "\"2\":{\"class_type\":\"B\",\"inputs\":{\"x\":[\"1\",0]}}}");

        assertThat(graph.isOutput("2")).isTrue();
        assertThat(graph.isOutput("1")).isFalse();
    }

    @Test
    void read_editorsFormat_hasItsOwnCode() {
        Reading.Invalid invalid = invalid("{\"last_node_id\":9,\"nodes\":[{\"id\":1}],\"links\":[]}");

        assertThat(invalid.code()).isEqualTo("workflow_format_ui");
        assertThat(invalid.message()).contains("Export (API)");
    }

    @Test
    void read_severalProblems_tellsAllByNode() {
        Reading.Invalid invalid = invalid("""
                {"12": {"class_type": "A", "inputs": {"model": ["77", 0], "x": "\\ud800"}},
                 "13": {"inputs": {}},
                 "14": 5,
                 "15": {"class_type": "B"},
                 "16": {"class_type": "C", "inputs": {"x": 1e999}}}
                """);

        assertThat(invalid.code()).isEqualTo("invalid_workflow");
        assertThat(invalid.nodeErrors())
                .containsExactly(
                        entry(
                                "12",
                                List.of(
                                        new NodeProblem("model", "link_to_missing_node"),
                                        new NodeProblem("x", "invalid_text"))),
                        entry("13", List.of(new NodeProblem("class_type", "missing_class_type"))),
                        entry("14", List.of(new NodeProblem("", "invalid_node"))),
                        entry("15", List.of(new NodeProblem("inputs", "missing_inputs"))),
                        entry("16", List.of(new NodeProblem("x", "invalid_number"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "LoadImage | image | \"someone-elses.png\" | not_an_asset",
                "LoadImageMask | image | \"x.png\" | not_an_asset",
                "LoadImageOutput | image | \"ComfyUI_00001_.png [output]\" | not_an_asset",
                "VHS_LoadVideo | video | \"x.mp4\" | not_an_asset",
                "VHS_LoadVideoPath | video | \"/data/x.mp4\" | not_an_asset",
                "LoadImageSetFromFolderNode | folder | \"others\" | not_an_asset",
                "Image Load | image_path | \"/etc/x.png\" | not_an_asset",
                "LoadAudio | audio | \"x.wav\" | not_an_asset",
                "Anything | x | \"ComfyUI_00001_.png [output]\" | not_an_asset",
                "Anything | x | {\"deep\": [\"x [temp] \"]} | not_an_asset",
                "Anything | x | {\"__type\": \"core/ASSET\"} | invalid_asset",
                "Anything | x | {\"__type\": \"core/ASSET\", \"info\": {\"id\": \"5\"}} | invalid_asset",
                "Anything | x | {\"__type\": \"core/ASSET\", \"info\": {\"id\": 5}} | invalid_asset",
                "Anything | x | {\"__type\": \"other\", \"info\": {\"id\": \"00000000-0000-0007-0000-000000000001\"}} | invalid_asset"
            })
    void read_fileThatIsNotTheUsers_isRefused(String classType, String field, String value, String reason) {
        Reading.Invalid invalid =
                invalid("{\"1\":{\"class_type\":\"" + classType + "\",\"inputs\":{\"" + field + "\":" + value + "}}}");

        assertThat(invalid.nodeErrors()).containsExactly(entry("1", List.of(new NodeProblem(field, reason))));
    }

    @ParameterizedTest
    @CsvSource({
        "LoadImage, image, false",
        "VHS_LoadVideoPath, video, false",
        "Image Load, image_path, false",
        "LoadImage, x, true",
        "UploadImages, images, true"
    })
    void read_linkWhereALoaderWantsAFile_isRefused(String classType, String field, boolean valid) {
        Reading reading = RawGraph.read("{\"1\":{\"class_type\":\"" + classType + "\",\"inputs\":{\"" + field
                + "\":[\"2\",0]}},\"2\":{\"class_type\":\"PrimitiveString\",\"inputs\":{\"value\":\"/etc/x.png\"}}}");

        assertThat(reading).isInstanceOf(valid ? Reading.Valid.class : Reading.Invalid.class);
    }

    @Test
    void read_loaderOfAModel_takesItsName() {
        RawGraph graph = valid(
                "{\"1\":{\"class_type\":\"ImageOnlyCheckpointLoader\",\"inputs\":{\"ckpt_name\":\"svd.safetensors\"}}}");

        assertThat(graph.requires()).contains("model:svd.safetensors");
    }

    @Test
    void read_atTheLimitOfNodes_isTaken_andOneMoreIsNot() {
        assertThat(valid(chain(Graph.MAX_NODES)).nodes()).isEqualTo(2000);
        assertThat(invalid(chain(Graph.MAX_NODES + 1)).problems())
                .extracting(GraphProblem::reason)
                .containsExactly("too_many_nodes");
    }

    @Test
    void read_longCircle_isFoundAndToldInBounds() {
        String ring = chain(2000).replaceFirst("\"inputs\":\\{\\}", "\"inputs\":{\"x\":[\"1999\",0]}");

        assertThat(invalid(ring).problems())
                .hasSize(100)
                .extracting(GraphProblem::reason)
                .containsOnly("cycle");
    }

    @Test
    void read_hostileTexts_areRefusedInBounds() {
        String node = "{\"1\":{\"class_type\":\"A\",\"inputs\":{\"x\":%s}}}";

        assertThat(reasons(node.formatted("[".repeat(100_000)))).containsExactly("invalid_json");
        assertThat(reasons(node.formatted("[".repeat(40) + "]".repeat(40)))).containsExactly("invalid_json");
        assertThat(reasons(node.formatted("9".repeat(101)))).containsExactly("invalid_json");
        assertThat(reasons(node.formatted("1e999999999"))).containsExactly("invalid_number");
        assertThat(reasons(node.formatted("NaN"))).containsExactly("invalid_json");
        assertThat(reasons(node.formatted("1") + "x")).containsExactly("invalid_json");
        assertThat(reasons(node.formatted("1,\"x\":2"))).containsExactly("invalid_json");
        assertThat(reasons(" ".repeat(Graph.MAX_BYTES) + GOOD)).containsExactly("too_large");
        assertThat(reasons("é".repeat(Graph.MAX_BYTES / 2 + 1))).containsExactly("too_large");
        assertThat(reasons("{\"a b\":{\"class_type\":\"A\",\"inputs\":{}}}")).containsExactly("invalid_node_id");
        assertThat(reasons("{\"1\":{\"class_type\":\"" + "A".repeat(196) + "\",\"inputs\":{}}}"))
                .containsExactly("invalid_class_type");
        assertThat(reasons("{\"1\":{\"class_type\":\"" + "&".repeat(66) + "\",\"inputs\":{}}}"))
                .containsExactly("invalid_class_type");
        assertThat(reasons("{\"1\":{\"class_type\":\"A\\nB\",\"inputs\":{}}}")).containsExactly("invalid_class_type");
        assertThat(RawGraph.read(new byte[Graph.MAX_BYTES + 1])).isInstanceOf(Reading.Invalid.class);
        assertThat(RawGraph.read(new byte[] {'{', (byte) 0xff, '}'})).isInstanceOf(Reading.Invalid.class);
    }

    @Test
    void read_malformed_neverRepeatsWhatWasSent() {
        Reading.Invalid invalid = invalid("{\"1\": {\"text\": a secret prompt}}");

        assertThat(invalid.message()).contains("line 1, column").doesNotContain("secret");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void read_mutilatedBytes_isAnAnswerAndNeverAnException(long seed) {
        Random random = new Random(seed);
        byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 2000; i++) {
            byte[] bad = good.clone();
            for (int j = 0; j <= random.nextInt(4); j++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Reading reading = RawGraph.read(bad);
            if (reading instanceof Reading.Valid valid) {
                assertThat(valid.graph().graph(Object::toString).toString()).isNotEmpty();
                valid.graph().requires().forEach(tag -> assertThat(tag).doesNotContain("&", "|"));
            } else {
                assertThat(((Reading.Invalid) reading).message()).isNotEmpty();
            }
        }
    }

    private static String chain(int nodes) {
        return IntStream.range(0, nodes)
                .mapToObj(i -> "\"" + i + "\":{\"class_type\":\"A\",\"inputs\":{"
                        + (i == 0 ? "" : "\"x\":[\"" + (i - 1) + "\",0]") + "}}")
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static List<String> reasons(String json) {
        return invalid(json).problems().stream().map(GraphProblem::reason).toList();
    }

    private static RawGraph valid(String json) {
        Reading reading = RawGraph.read(json.getBytes(StandardCharsets.UTF_8));
        assertThat(reading).isInstanceOf(Reading.Valid.class);
        return ((Reading.Valid) reading).graph();
    }

    private static Reading.Invalid invalid(String json) {
        Reading reading = RawGraph.read(json);
        assertThat(reading).isInstanceOf(Reading.Invalid.class);
        return (Reading.Invalid) reading;
    }
}
