package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real server said, read by our readers: every answer and every message of every recording. */
final class RecordingsTest {
    private static final Path RECORDINGS = Path.of("..", "comfyui-simulator", "src", "test", "resources", "recordings");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Stream<Path> recordings() throws IOException {
        try (Stream<Path> files = Files.list(RECORDINGS)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream();
        }
    }

    private static List<JsonNode> events(Path file) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        MAPPER.readTree(file.toFile()).path("events").forEach(events::add);
        return events;
    }

    private static List<JsonNode> events(String name) throws IOException {
        return events(RECORDINGS.resolve(name));
    }

    private static byte[] body(JsonNode event) throws IOException {
        return MAPPER.writeValueAsBytes(event.path("response").path("json"));
    }

    private static String path(JsonNode event) {
        return event.path("request").path("method").asText() + " "
                + event.path("request").path("path").asText();
    }

    private static boolean isGood(JsonNode event) {
        return event.path("response").path("status").asInt() == 200
                && event.path("response").has("json");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recordings")
    void frames_ofServer_areRead(Path file) throws IOException {
        for (JsonNode event : events(file)) {
            if (event.path("frame").asText().equals("text") && event.has("json")) {
                JsonNode sent = event.path("json");

                Frame frame = Frame.parse(MAPPER.writeValueAsString(sent));

                assertThat(frame.type()).isEqualTo(sent.path("type").asText());
                assertThat(frame.promptId())
                        .isEqualTo(Optional.ofNullable(
                                sent.path("data").path("prompt_id").textValue()));
                String type = frame.type();
                boolean nothing = type.equals("executing")
                        && sent.path("data").path("node").isNull();
                boolean end = nothing
                        || Set.of("execution_success", "execution_error", "execution_interrupted")
                                .contains(type);
                assertThat(frame.isEnd()).isEqualTo(end);
                if (type.equals("status")) {
                    assertThat(frame.remaining())
                            .isEqualTo(sent.path("data")
                                    .path("status")
                                    .path("exec_info")
                                    .path("queue_remaining")
                                    .asInt());
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recordings")
    void queues_ofServer_areRead(Path file) throws IOException {
        for (JsonNode event : events(file)) {
            if (path(event).endsWith("GET /queue") && isGood(event)) {
                JsonNode queue = event.path("response").path("json");

                QueueView view = QueueView.parse(body(event));

                assertThat(view.running()).hasSize(queue.path("queue_running").size());
                assertThat(view.pending()).hasSize(queue.path("queue_pending").size());
                assertThat(view.strangers())
                        .isEqualTo(view.running().size() + view.pending().size());
                for (int i = 0; i < view.pending().size(); i++) {
                    assertThat(view.pending().get(i).promptId())
                            .isEqualTo(
                                    queue.path("queue_pending").path(i).path(1).asText());
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recordings")
    void histories_ofServer_areRead(Path file) throws IOException {
        for (JsonNode event : events(file)) {
            if (path(event).startsWith("GET /history") && isGood(event)) {
                JsonNode history = event.path("response").path("json");

                List<HistoryEntry> entries = HistoryEntry.parseAll(body(event));

                assertThat(entries).hasSize(history.size());
                for (HistoryEntry entry : entries) {
                    JsonNode told = history.path(entry.item().promptId());
                    JsonNode messages = told.path("status").path("messages");
                    String last = messages.path(messages.size() - 1).path(0).asText();
                    assertThat(entry.succeeded())
                            .isEqualTo(told.path("status")
                                    .path("status_str")
                                    .asText()
                                    .equals("success"));
                    assertThat(entry.interrupted()).isEqualTo(last.equals("execution_interrupted"));
                    assertThat(entry.problem().isPresent()).isEqualTo(last.equals("execution_error"));
                    assertThat(entry.outputs()).isEqualTo(told.path("outputs"));
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recordings")
    void refusals_ofServer_areReadAsWhatIsWrong(Path file) throws IOException {
        for (JsonNode event : events(file)) {
            if (path(event).endsWith("POST /prompt")
                    && event.path("response").path("status").asInt() == 400) {
                ComfyError error = Refusals.read(body(event), List.of());

                assertThat(error).isInstanceOf(ComfyError.Refused.class);
                assertThat(error.message()).isNotBlank().hasLineCount(1).doesNotContain("/comfyui");
                String type = event.path("response")
                        .path("json")
                        .path("error")
                        .path("type")
                        .asText();
                String message = event.path("response")
                        .path("json")
                        .path("error")
                        .path("message")
                        .asText();
                boolean told = type.equals("missing_node_type") && message.contains("not found");
                boolean lacks = told || message.contains("does not exist");
                assertThat(error.kind().code().equals("incapable")).as(type).isEqualTo(lacks);
            }
        }
    }

    @Test
    void errors_ofServer_areToldApart() throws IOException {
        List<String> kinds = new ArrayList<>();
        for (JsonNode event : events("ws-04-error.json")) {
            if (path(event).startsWith("GET /history/") && isGood(event)) {
                for (HistoryEntry entry : HistoryEntry.parseAll(body(event))) {
                    Endings.problem(entry, List.of()).ifPresent(problem -> {
                        kinds.add(problem.kind().code());
                        assertThat(problem.failure().message())
                                .startsWith("node ")
                                .doesNotContain("/comfyui", "Traceback", "tensor");
                    });
                }
            }
        }

        assertThat(kinds).contains("backend", "out_of_memory", "bad_input");
    }

    @Test
    void versions_ofServers_areReadFromTheirStats() throws IOException {
        for (String name : List.of("compat-v0.3.44.json", "compat-v0.3.64.json", "http-01-idle.json")) {
            String told = events(name).stream()
                    .filter(event -> path(event).equals("GET /system_stats"))
                    .findFirst()
                    .orElseThrow()
                    .path("response")
                    .path("json")
                    .path("system")
                    .path("comfyui_version")
                    .asText();

            Features features = Features.of(told, false, false);

            assertThat(features.ownIds()).isEqualTo(!told.equals("0.3.44"));
            assertThat(features.interruptById()).isEqualTo(!told.equals("0.3.44"));
            assertThat(features.jobs()).isEqualTo(told.equals("0.27.0"));
            assertThat(features.jobsCancel()).isEqualTo(told.equals("0.27.0"));
        }
    }

    /** The list is cut in the recording, so it is the readable start that is read here, node by node. */
    @Test
    void nodes_ofServer_areRead() throws IOException {
        for (JsonNode event : events("http-01-idle.json")) {
            if (path(event).startsWith("GET /object_info/") && isGood(event)) {
                String asked = path(event).substring("GET /object_info/".length());
                boolean there = !event.path("response").path("json").isEmpty();

                assertThat(NodeCatalog.tags(body(event)).contains(Tags.node(asked)))
                        .as(asked.toLowerCase(Locale.ROOT))
                        .isEqualTo(there);
            }
        }
    }
}
