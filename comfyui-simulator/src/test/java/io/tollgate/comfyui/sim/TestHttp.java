package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** Plain HTTP calls to a simulator, and prompts to send. */
final class TestHttp {

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final ComfySimulator simulator;

    TestHttp(ComfySimulator simulator) {
        this.simulator = simulator;
    }

    HttpResponse<byte[]> call(String method, String path, Map<String, String> headers, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(simulator.url() + path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        method.equals("POST")
                                ? HttpRequest.BodyPublishers.ofByteArray(body)
                                : HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::header);
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return call("GET", path, Map.of(), new byte[0]);
    }

    HttpResponse<byte[]> post(String path, JsonNode body) throws IOException, InterruptedException {
        return call("POST", path, Map.of(), Json.write(body).getBytes(StandardCharsets.UTF_8));
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return Json.read(get(path).body());
    }

    /** Posts a prompt with an id of its own. Returns the id. */
    String submit(ObjectNode prompt, String client) throws IOException, InterruptedException {
        String id = UUID.randomUUID().toString();
        HttpResponse<byte[]> answer = post("/prompt", request(prompt, client, id));
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(new String(answer.body(), StandardCharsets.UTF_8));
        }
        return Json.read(answer.body()).path("prompt_id").asText();
    }

    static ObjectNode request(ObjectNode prompt, String client, String id) {
        ObjectNode request = Json.object().put("client_id", client).put("prompt_id", id);
        request.set("prompt", prompt);
        return request;
    }

    static ObjectNode node(ObjectNode prompt, String id, String type) {
        return prompt.putObject(id).put("class_type", type).putObject("inputs");
    }

    static ObjectNode link(ObjectNode inputs, String name, String from, int slot) {
        inputs.putArray(name).add(from).add(slot);
        return inputs;
    }

    /** EmptyImage to SaveImage. */
    static ObjectNode small(int color) {
        ObjectNode prompt = Json.object();
        node(prompt, "1", "EmptyImage")
                .put("width", 64)
                .put("height", 64)
                .put("batch_size", 1)
                .put("color", color);
        link(node(prompt, "2", "SaveImage").put("filename_prefix", "probe"), "images", "1", 0);
        return prompt;
    }

    /** SleepProgress to SaveImage. */
    static ObjectNode sleepy(double seconds, int steps, long seed) {
        ObjectNode prompt = Json.object();
        node(prompt, "1", "SleepProgress")
                .put("seconds", seconds)
                .put("steps", steps)
                .put("seed", seed);
        link(node(prompt, "2", "SaveImage").put("filename_prefix", "sleepy"), "images", "1", 0);
        return prompt;
    }
}
