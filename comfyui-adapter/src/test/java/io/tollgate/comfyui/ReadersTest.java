package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.event.Progress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small readers and rules, hostile bytes included. */
final class ReadersTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- hostile bytes

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>busy</html>",
                "[]",
                "null",
                "{\"queue_running\": []}",
                "{\"queue_running\": {}}",
                "{\"queue_running\": [[1]], \"queue_pending\": []}"
            })
    void queue_thatIsNone_isNoEmptyQueue(String body) {
        assertThatThrownBy(() -> QueueView.parse(bytes(body)))
                .isInstanceOfSatisfying(
                        ComfyException.class, e -> assertThat(e.error()).isInstanceOf(ComfyError.Protocol.class));
    }

    @Test
    void queue_withVeryDeepPrompt_isRefusedWithoutHarm() {
        String deep = "{\"queue_running\": [[1, \"x\", " + "[".repeat(100_000) + "]".repeat(100_000)
                + ", {}]], \"queue_pending\": []}";

        assertThatThrownBy(() -> QueueView.parse(bytes(deep))).isInstanceOf(ComfyException.class);
    }

    @Test
    void queue_withHugeForeignInput_isRead() {
        String huge = "{\"queue_running\": [[1, \"x\", {\"1\": {\"class_type\": \"A\", \"inputs\": {\"b\": \""
                + "A".repeat(30 << 20) + "\"}}}, {}, []]], \"queue_pending\": []}";

        assertThat(QueueView.parse(bytes(huge)).running()).hasSize(1);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void anything_cutOrChanged_isReadOrRefusedButNeverElse(long seed) {
        Random random = new Random(seed);
        String history = """
                {"5d0c1f0a-0000-4000-8000-000000000001": {"prompt": [1, "5d0c1f0a-0000-4000-8000-000000000001",
                {"1": {"class_type": "A", "inputs": {}}}, {"tollgate": {"run": "5d0c1f0a-0000-4000-8000-000000000001",
                "outputs": ["1"]}}, ["1"]], "outputs": {"1": {"images": [{"filename": "a.png", "subfolder": "",
                "type": "output"}]}}, "status": {"status_str": "error", "completed": false, "messages":
                [["execution_start", {"x": 1}], ["execution_error", {"node_id": "1", "node_type": "A",
                "exception_type": "E", "exception_message": "m"}]]}, "meta": {}}}""";
        for (int i = 0; i < 2_000; i++) {
            byte[] broken = bytes(history);
            for (int change = 0; change <= random.nextInt(3); change++) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            byte[] body =
                    random.nextBoolean() ? java.util.Arrays.copyOf(broken, random.nextInt(broken.length)) : broken;
            try {
                HistoryEntry.parseAll(body).forEach(entry -> Endings.problem(entry, List.of()));
            } catch (ComfyException e) {
                assertThat(e.error()).isInstanceOf(ComfyError.Protocol.class);
            }
            try {
                Frame.parse(new String(body, StandardCharsets.UTF_8));
            } catch (IOException e) {
                assertThat(e).isNotNull(); // a hint that is dropped
            }
            Refusals.read(body, List.of());
            PreviewFrame.parse(body);
        }
    }

    @Test
    void protocolError_showsHowTheBodyBegins() {
        ComfyError error = ComfyError.protocol("GET /system_stats", bytes("<html>\n\u001b[31mBad gateway"));

        assertThat(error.message()).contains("<html>").contains("Bad gateway").doesNotContain("\u001b", "\n");
    }

    @Test
    void protocolError_thatMayHoldPrompts_showsNothingOfThem() {
        assertThat(ComfyError.protocol("GET /queue", bytes("a stranger's words"))
                        .message())
                .doesNotContain("stranger");
        assertThat(ComfyError.protocol("GET /history", 500, bytes("a stranger's words"), List.of())
                        .message())
                .contains("500")
                .doesNotContain("stranger");
        assertThat(Refusals.read(bytes("oops: a red fox"), List.of("a red fox")).message())
                .contains("oops")
                .doesNotContain("fox");
    }

    // ---- messages

    @Test
    void preview_ofEitherType_isRead() {
        byte[] png = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 1, 2, 3};
        byte[] label = bytes("{\"prompt_id\": \"p\", \"node_id\": \"7\"}");
        byte[] plain =
                ByteBuffer.allocate(8 + png.length).putInt(1).putInt(2).put(png).array();
        byte[] labeled = ByteBuffer.allocate(8 + label.length + png.length)
                .putInt(4)
                .putInt(label.length)
                .put(label)
                .put(png)
                .array();

        assertThat(PreviewFrame.parse(plain)).hasValueSatisfying(frame -> {
            assertThat(frame.promptId()).isEmpty();
            assertThat(frame.preview().contentType()).isEqualTo("image/png");
            assertThat(frame.preview().bytes()).isEqualTo(png);
        });
        assertThat(PreviewFrame.parse(labeled)).hasValueSatisfying(frame -> {
            assertThat(frame.promptId()).contains("p");
            assertThat(frame.preview().nodeId()).contains("7");
        });
        assertThat(PreviewFrame.parse(ByteBuffer.allocate(12)
                        .putInt(4)
                        .putInt(Integer.MAX_VALUE)
                        .array()))
                .isEmpty();
    }

    @Test
    void progress_overNodes_isWeightedAndNeverGoesBack() throws IOException {
        RunProgress progress = new RunProgress(Map.of("1", "Load", "2", "KSampler", "3", "Save", "4", "Show"));

        assertThat(after(progress, "{\"type\": \"execution_cached\", \"data\": {\"nodes\": [\"1\"]}}"))
                .isEqualTo(0.25);
        assertThat(after(progress, "{\"type\": \"executing\", \"data\": {\"node\": \"2\"}}"))
                .isNull();
        assertThat(after(progress, "{\"type\": \"progress\", \"data\": {\"value\": 10, \"max\": 20}}"))
                .isEqualTo(0.375);
        assertThat(after(progress, "{\"type\": \"progress\", \"data\": {\"value\": 5, \"max\": 20}}"))
                .isEqualTo(0.375);
        assertThat(after(progress, "{\"type\": \"progress\", \"data\": {\"value\": NaN, \"max\": 0}}"))
                .isNull();
        assertThat(after(progress, "{\"type\": \"executing\", \"data\": {\"node\": \"3\"}}"))
                .isEqualTo(0.5);
        assertThat(
                        after(
                                progress,
                                "{\"type\": \"progress_state\", \"data\": {\"nodes\": {\"3\": {\"state\": \"finished\"}, \"9.1\": {\"state\": \"finished\"}}}}"))
                .isEqualTo(0.75);
        assertThat(after(progress, "{\"type\": \"executed\", \"data\": {\"node\": \"4\"}}"))
                .isEqualTo(1);
    }

    private static @org.jspecify.annotations.Nullable Double after(RunProgress progress, String frame)
            throws IOException {
        return progress.after(Frame.parse(frame)).map(Progress::fraction).orElse(null);
    }

    // ---- outputs

    private static List<Produced> outputs(String json) throws IOException {
        JsonNode tree = Json.MAPPER.readTree(json);
        ComfySettings settings = ComfySettings.of(URI.create("http://localhost:1"));
        try (Bench bench = new Bench(Path.of("target"))) {
            ComfyHttp http = new ComfyHttp(
                    HttpClient.newHttpClient(),
                    settings,
                    bench.executor,
                    bench.timers,
                    InstantSource.system(),
                    CallWatcher.NONE);
            return new Outputs(http).read(tree, node -> !node.equals("ignored"));
        }
    }

    @Test
    void outputs_underAnyKey_areFound() throws IOException {
        List<Produced> found = outputs("""
                {"1": {"images": [{"filename": "a.png", "subfolder": "s", "type": "output"}], "animated": [true]},
                 "2": {"gifs": [{"filename": "b.MP4", "subfolder": "", "type": "output", "format": "video/h264-mp4"}]},
                 "3": {"audio": [{"filename": "c.flac", "subfolder": "", "type": "output"}]},
                 "4": {"3d": [{"filename": "d.glb", "subfolder": "", "type": "output"}]},
                 "5": {"text": ["hello"], "other": ["no text"]},
                 "6": {"images": [{"filename": "t.png", "subfolder": "", "type": "temp"}]},
                 "ignored": {"images": [{"filename": "x.png", "subfolder": "", "type": "output"}]}}""");

        assertThat(found.stream().map(Produced::name))
                .containsExactly("a.png", "b.MP4", "c.flac", "d.glb", "text-5-4.txt");
        assertThat(found.stream().map(Produced::contentType))
                .containsExactly("image/png", "video/mp4", "audio/flac", "model/gltf-binary", "text/plain");
    }

    @Test
    void outputs_ofPreviewsOnly_count() throws IOException {
        assertThat(outputs("{\"6\": {\"images\": [{\"filename\": \"t.png\", \"type\": \"temp\"}]}}"))
                .hasSize(1);
    }

    @Test
    void outputs_withHostileNames_areMadeSafe() throws IOException {
        List<Produced> found = outputs("""
                {"../../x": {"images": [{"filename": "../../etc/passwd", "type": "output"},
                                        {"filename": "a\\u0000\\u202egnp.exe", "type": "output"},
                                        {"filename": 7}, "text", null, [[]], {"filename": ""}]}}""");

        assertThat(found)
                .hasSize(2)
                .allSatisfy(one -> assertThat(one.name()).isNotBlank().doesNotContain("/", "\\", "\u0000", "\u202e"));
    }

    // ---- versions, words, tags

    @ParameterizedTest
    @CsvSource({
        "0.3.44, false, false, false, false",
        "0.3.45, true, false, false, false",
        "v0.3.57-3-gabc, true, true, false, false",
        "0.6.0, true, true, true, false",
        "0.25.9, true, true, true, false",
        "0.26.0, true, true, true, true",
        "1.0, true, true, true, true",
        "nightly, false, false, false, false",
        "'', false, false, false, false",
        "99999999999.1.1, false, false, false, false",
    })
    void features_ofVersion(String told, boolean ownIds, boolean interrupt, boolean jobs, boolean cancel) {
        Features features = Features.of(told, false, false);

        assertThat(List.of(features.ownIds(), features.interruptById(), features.jobs(), features.jobsCancel()))
                .containsExactly(ownIds, interrupt, jobs, cancel);
    }

    @Test
    void features_ofUnknownVersion_areWhatItShows() {
        assertThat(Features.of("", true, false).ownIds()).isTrue();
        assertThat(Features.of("", true, false).interruptById()).isFalse();
        assertThat(Features.of("", true, true).jobsCancel()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "cannot identify image file '/comfyui/input/a b.png'; cannot identify image file '… b.png'",
                "open C:\\models\\x.safetensors failed; open … failed",
                "expected image/png or 1/2; expected image/png or 1/2",
                "see ~/secret/file.txt now; see … now",
            })
    void wording_ofServer_losesPaths(String said, String shown) {
        assertThat(Wording.line(said, List.of())).isEqualTo(shown);
    }

    @Test
    void wording_ofServer_losesTheUsersWordsAndFurtherLines() {
        assertThat(Wording.line("bad text: a red fox\nTraceback", List.of("a red fox")))
                .isEqualTo("bad text: …");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bad: say \"hi\"\nit's ü",
                "bad: 'say \"hi\"\\nit\\'s ü'",
                "bad: say \\\"hi\\\"\\nit's ü",
                "bad: say \\\"hi\\\"\\nit's \\u00fc"
            })
    void wording_ofTheUsersWords_losesEveryFormOfThem(String said) {
        assertThat(Wording.line(said, List.of("say \"hi", "say \"hi\"\nit's ü")))
                .doesNotContain("say", "hi", "it", "ü", "00fc");
    }

    @Test
    void wording_ofALongSecret_losesItWhole() {
        String secret = "word ".repeat(2_000);

        assertThat(Wording.line("bad text: " + secret + "; end", List.of("word", secret)))
                .isEqualTo("bad text: …; end");
    }

    @Test
    void catalog_inEitherForm_givesNodesAndModels() {
        assertThat(NodeCatalog.tags(bytes("""
                                {"A": {"input": {"required": {"m": [["x.safetensors", "y.txt"], {"tooltip": "z.ckpt"}]},
                                                 "optional": {"n": ["COMBO", {"options": ["sub/q.gguf"], "default": "d.pt"}]}},
                                       "output": ["w.pth"]},
                                 "B&C": 7}""")))
                .containsExactlyInAnyOrder("node:A", "node:B%26C", "model:x.safetensors", "model:sub/q.gguf");
    }

    // ---- limits

    @Test
    void limiter_full_letsCallsWaitInOrderAndRefusesMore() {
        CallLimiter limiter = new CallLimiter(1, 2);
        CallLimiter.Permit first = limiter.acquire().join();
        CompletableFuture<CallLimiter.Permit> second = limiter.acquire();
        CompletableFuture<CallLimiter.Permit> third = limiter.acquire();

        assertThat(limiter.acquire()).isCompletedExceptionally();
        assertThat(second).isNotDone();
        first.close();
        first.close();

        assertThat(second).isDone();
        assertThat(third).isNotDone();
        third.cancel(false);
        second.join().close();
        assertThat(limiter.acquire()).isDone();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x", "http://u:p@x", "http://x?a=b", "http://x#y", "x", "http:///p"})
    void settings_withAnotherAddress_areRefused(String base) {
        assertThatThrownBy(() -> ComfySettings.of(URI.create(base)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("base");
    }

    @Test
    void label_inExtraData_isReadByAnybody() throws IOException {
        var extra = Json.MAPPER.createObjectNode();
        var run = Bench.newRunId();
        RunLabel.write(extra, run, List.of("3", "4"));
        try (var json = Json.FACTORY.createParser(extra.toString())) {
            json.nextToken();

            assertThat(RunLabel.read(json)).isEqualTo(new RunLabel(Optional.of(run), List.of("3", "4")));
        }
    }
}
