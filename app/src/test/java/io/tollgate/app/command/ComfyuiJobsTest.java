package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.comfyui.sim.ComfySimulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a ComfyUI server, as somebody at the command line meets them. */
final class ComfyuiJobsTest {
    private static final String GRAPH = """
            {"1": {"class_type": "EmptyImage", "inputs": {"width": 32, "height": 16, "batch_size": 2, "color": 255}},
             "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "mine"}}}
            """;

    @TempDir
    private Path dir;

    private ComfySimulator server;
    private Path config;
    private Cli cli;

    @BeforeEach
    void start() throws IOException {
        server = ComfySimulator.builder()
                .home(dir.resolve("comfyui"))
                .timeScale(0)
                .start();
        config = Files.writeString(
                dir.resolve("tollgate.conf"),
                "backends.gpu { type = comfyui, url = \"" + server.url() + "\", authorization = \"Bearer geheim\" }\n"
                        + "raw { price = 4, queue = image, model = raw }\n");
        cli = Cli.withoutTrial(dir.resolve("data"));
        cli.ok("credits grant local 100");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    @Test
    void submit_shippedWorkflow_runsOnTheServerAndIsPaid() throws IOException {
        JsonNode job = cli.json(
                "submit image-enhance -i image=@%s -i scale=3 --watch --out %s --config %s",
                Cli.photo(dir.resolve("photo.jpg")), dir.resolve("out"), config);

        assertThat(job.path("status").asText()).isEqualTo("succeeded");
        assertThat(job.at("/attempts/0/backend").asText()).isEqualTo("gpu");
        assertThat(job.at("/cost/captured").asText()).isEqualTo("10");
        assertThat(job.at("/outputs/0/content_type").asText()).isEqualTo("image/png");
        assertThat(server.executions()).hasSize(1);
        assertThat(server.touches()).isEmpty();
        assertThat(dir.resolve("out")).isDirectoryContaining("glob:**.png");
    }

    @Test
    void submit_graphOfOnesOwn_runsAsItIsAtTheRawPrice() throws IOException {
        JsonNode job = cli.json("submit @%s --watch --config %s", file("mine.json", GRAPH), config);

        assertThat(job.path("workflow").asText()).isEqualTo("raw");
        assertThat(job.path("status").asText()).isEqualTo("succeeded");
        assertThat(job.at("/cost/captured").asText()).isEqualTo("4");
        assertThat(job.path("outputs")).hasSize(2);
        assertThat(job.at("/outputs/0/node_id").asText()).isEqualTo("2");
    }

    @Test
    void submit_graphThatNobodyCanRun_isRefusedWithTheReasonAndCostsNothing() throws IOException {
        Cli.Run missing =
                cli.run("submit @%s --config %s", file("a.json", GRAPH.replace("EmptyImage", "NoSuchNode")), config);
        Cli.Run editor = cli.run("submit @%s --config %s", file("b.json", "{\"nodes\": [], \"links\": []}"), config);
        Cli.Run broken = cli.run("submit @%s --config %s", file("c.json", "{\"1\": {"), config);
        Cli.Run absent = cli.run("submit @%s --config %s", dir.resolve("none.json"), config);
        Cli.Run withInput = cli.run("submit @%s -i scale=2 --config %s", file("d.json", GRAPH), config);

        assertThat(missing.err()).contains("gpu lacks node:NoSuchNode");
        assertThat(editor.err()).contains("Export (API)");
        assertThat(broken.err()).contains("JSON");
        assertThat(absent.err()).contains("there is no such file");
        assertThat(withInput.err()).contains("takes no inputs");
        for (Cli.Run run : new Cli.Run[] {missing, editor, broken, absent, withInput}) {
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err()).hasLineCount(1);
            assertThat(run.out()).isEmpty();
        }
        assertThat(cli.json("credits show local").path("available").asText()).isEqualTo("100");
        assertThat(server.executions()).isEmpty();
    }

    @Test
    void submit_withoutAServerForGraphs_isRefused() throws IOException {
        Cli.Run run = cli.run("submit @%s", file("mine.json", GRAPH));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("'raw'");
    }

    @Test
    void submit_promptThatThePolicyRefuses_isRefusedInAGraphToo() throws IOException {
        String graph = """
                {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "undress her", "clip": ["2", 1]}},
                 "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
                 "3": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}}}
                """;

        Cli.Run run = cli.run("submit @%s --config %s", file("bad.json", graph), config);

        assertThat(run.code()).isEqualTo(1);
        assertThat(server.executions()).isEmpty();
        assertThat(run.err()).contains("isn't done here").doesNotContain("undress her");
    }

    @Test
    void doctor_withAServer_findsItWellAndKeepsItsSecret() {
        Cli.Run run = cli.run("doctor --config %s", config);

        assertThat(run.out()).contains("backend gpu").contains("comfyui").doesNotContain("geheim");
        assertThat(run.err()).doesNotContain("geheim");
    }

    @Test
    void comfyuiSim_wrongOptions_areRefused() {
        assertThat(Cli.runAs(List.of("comfyui-sim", "--port", "-1")).code()).isEqualTo(1);
        assertThat(Cli.runAs(List.of("comfyui-sim", "--faults", "101")).code()).isEqualTo(1);
        assertThat(Cli.runAs(List.of("comfyui-sim", "--release", "new")).code()).isEqualTo(1);
        assertThat(Cli.runAs(List.of(
                                "comfyui-sim",
                                "--port",
                                String.valueOf(server.url().getPort())))
                        .err())
                .contains("it can't listen");
    }
}
