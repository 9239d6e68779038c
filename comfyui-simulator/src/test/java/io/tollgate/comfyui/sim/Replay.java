package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Plays a recording again: the same calls and sockets in the same order, each when all that came before it has come.
 * Then every answer and every frame is compared. Frames about steps on the way are left out, as time decides which
 * there are; counts of the queue are compared in an order of their own, as they race with the worker's frames.
 */
final class Replay {

    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final List<String> HEADERS = List.of(
            "content-type",
            "allow",
            "accept-ranges",
            "content-disposition",
            "content-range",
            "transfer-encoding",
            "connection");

    private final String name;
    private final JsonNode recording;
    private final ComfySimulator simulator;
    private final TestHttp http;
    private final Likeness likeness;
    private final Map<String, TestSocket> sockets = new LinkedHashMap<>();
    private final Map<String, List<JsonNode>> recorded = new LinkedHashMap<>();
    private final Set<Integer> taken = new HashSet<>();
    private final Map<String, String> headerValues = new HashMap<>();
    private final Set<String> manyOutputs = new HashSet<>();
    private final Map<String, Correction> corrections;

    /**
     * @param ids ids of the recordings of the same server, and what stands for them now
     * @param corrections what to do otherwise, by the label of the exchange
     */
    Replay(String name, ComfySimulator simulator, Map<String, String> ids, Map<String, Correction> corrections) {
        this.name = name;
        this.simulator = simulator;
        this.corrections = corrections;
        likeness = new Likeness(ids);
        http = new TestHttp(simulator);
        recording = load(name + ".json");
    }

    /**
     * Where the recording is not followed.
     *
     * @param why the reason
     * @param sent what to send in place of what, as the recording shows something else than was sent; may be empty
     * @param instead a header that comes with another value, and which; may be empty
     */
    record Correction(String why, Map<String, String> sent, Map<String, String> instead) {}

    static JsonNode load(String file) {
        try (InputStream in = Replay.class.getResourceAsStream("/recordings/" + file)) {
            if (in == null) {
                throw new IllegalArgumentException("no such recording: " + file);
            }
            return Json.read(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Plays it and returns the differences; empty if it is alike. */
    List<String> play() throws IOException, InterruptedException {
        JsonNode events = recording.path("events");
        for (int i = 0; i < events.size(); i++) {
            JsonNode event = events.path(i);
            if (event.has("request")) {
                takeEarly(i, events);
                catchUp("exchange " + i);
                exchange(i, event, events);
            } else if (event.has("frame")) {
                take(i, event);
            } else if (event.has("event")) {
                socketEvent(i, event, events);
            } else {
                note(event.path("note").asText());
            }
        }
        catchUp("the end");
        sockets.values().forEach(TestSocket::abort);
        recorded.forEach(this::compareFrames);
        return likeness.differences();
    }

    private void take(int at, JsonNode event) {
        if (taken.add(at)) {
            recorded.computeIfAbsent(event.path("ws").asText(), key -> new ArrayList<>())
                    .add(event);
        }
    }

    /**
     * A frame that was seen at once after a call was sent can't come of it: an answer took half a millisecond or more.
     */
    private void takeEarly(int call, JsonNode events) {
        double sent = events.path(call).path("t_ms").asDouble();
        for (int i = call + 1; i < events.size() && events.path(i).path("t_ms").asDouble() <= sent + 0.45; i++) {
            if (events.path(i).has("frame")) {
                take(i, events.path(i));
            }
        }
    }

    private void note(String note) {
        if (note.startsWith("signal ")) {
            catchUp(note);
            simulator.kill();
        } else if (note.startsWith("started again")) {
            simulator.start();
        }
    }

    private void socketEvent(int at, JsonNode event, JsonNode events) {
        String label = event.path("ws").asText();
        switch (event.path("event").asText()) {
            case "connecting" -> {
                catchUp("connecting " + label);
                awaitNodeSeenBy(label, at, events);
                recorded.putIfAbsent(label, new ArrayList<>());
                sockets.put(
                        label,
                        TestSocket.open(
                                simulator,
                                likeness.translated(event.path("path").asText()),
                                true));
            }
            case "sent" -> socket(label).send(Json.write(event.path("json"))).join();
            case "closed" -> {
                if (event.path("msg_type").asText().equals("257")) {
                    simulator.kill();
                    int code = socket(label).awaitClose(PATIENCE);
                    if (code != event.path("close_code").asInt()) {
                        likeness.differ("event " + at + " close of " + label, event.path("close_code"), code);
                    }
                } else {
                    catchUp("close of " + label);
                    int before = simulator.sockets();
                    socket(label).close();
                    await(
                            () -> simulator.sockets() < before
                                    || socket(label).frames().isEmpty(),
                            300);
                }
            }
            default -> {}
        }
    }

    private TestSocket socket(String label) {
        TestSocket socket = sockets.get(label);
        if (socket == null) {
            throw new IllegalStateException("no socket " + label);
        }
        return socket;
    }

    /** A socket that is told where the worker is must come when the worker is there. */
    private void awaitNodeSeenBy(String label, int at, JsonNode events) {
        for (int i = at + 1; i < Math.min(at + 6, events.size()); i++) {
            JsonNode json = events.path(i).path("json");
            if (events.path(i).path("ws").asText().equals(label)
                    && json.path("type").asText().equals("executing")
                    && !json.path("data").has("prompt_id")) {
                String node = json.path("data").path("node").asText();
                await(() -> node.equals(simulator.node()), PATIENCE.toMillis());
            }
        }
    }

    private static void await(BooleanSupplier condition, long millis) {
        long until = System.nanoTime() + millis * 1_000_000;
        while (!condition.getAsBoolean() && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    /** Waits until each open socket has had what had come to it by now. */
    private void catchUp(String before) {
        sockets.forEach((label, socket) -> {
            List<JsonNode> past = recorded.getOrDefault(label, List.of());
            List<JsonNode> firm = past.stream()
                    .filter(frame -> !isOnTheWay(frame.path("json")))
                    .toList();
            long statuses = firm.stream().filter(Replay::isStatus).count();
            @Nullable JsonNode last = past.isEmpty() ? null : past.get(past.size() - 1);
            boolean came = socket.await(
                    frames -> {
                        List<JsonNode> now = frames.stream()
                                .map(frame -> frame.json() == null ? (JsonNode) Json.object() : frame.json())
                                .toList();
                        List<JsonNode> firmNow =
                                now.stream().filter(json -> !isOnTheWay(json)).toList();
                        long statusesNow = firmNow.stream()
                                .filter(json -> json.path("type").asText().equals("status"))
                                .count();
                        boolean step = last == null
                                || !isOnTheWay(last.path("json"))
                                || firmNow.size() > firm.size()
                                || now.stream().anyMatch(json -> isAsFar(json, last.path("json")));
                        return step && statusesNow >= statuses && firmNow.size() >= firm.size();
                    },
                    PATIENCE);
            learnSid(past, socket.frames());
            if (!came) {
                likeness.differ("frames of " + label + " before " + before, types(firm), typesOf(socket.frames()));
            }
        });
    }

    /** The id that the server gave to a socket without one is needed for what comes next. */
    private void learnSid(List<JsonNode> past, List<TestSocket.Frame> frames) {
        if (!past.isEmpty() && !frames.isEmpty()) {
            JsonNode sid = past.get(0).path("json").path("data").path("sid");
            if (sid.isTextual() && likeness.id(sid.asText()).equals(sid.asText())) {
                likeness.know(sid.asText(), frames.get(0).data().path("sid").asText());
            }
        }
    }

    private static boolean isStatus(JsonNode frame) {
        return frame.path("json").path("type").asText().equals("status");
    }

    /** Whether a frame tells of a step that is not the last. */
    private static boolean isOnTheWay(JsonNode json) {
        JsonNode data = json.path("data");
        if (json.path("type").asText().equals("progress")) {
            return data.path("value").asDouble() < data.path("max").asDouble();
        }
        if (json.path("type").asText().equals("progress_state")) {
            for (JsonNode node : data.path("nodes")) {
                double value = node.path("value").asDouble();
                if (node.path("state").asText().equals("running")
                        && value > 0
                        && value < node.path("max").asDouble()) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isAsFar(JsonNode json, JsonNode recordedStep) {
        return json.path("type").asText().startsWith("progress")
                && json.path("data")
                        .path("prompt_id")
                        .asText()
                        .equals(likeness.id(
                                recordedStep.path("data").path("prompt_id").asText()))
                && far(json) >= far(recordedStep);
    }

    private static double far(JsonNode json) {
        if (json.path("type").asText().equals("progress")) {
            return json.path("data").path("value").asDouble();
        }
        double far = -1;
        for (JsonNode node : json.path("data").path("nodes")) {
            if (node.path("state").asText().equals("running")) {
                far = node.path("value").asDouble();
            }
        }
        return far;
    }

    private void exchange(int at, JsonNode event, JsonNode events) throws IOException, InterruptedException {
        JsonNode request = event.path("request");
        JsonNode response = event.path("response");
        @Nullable Correction correction = corrections.get(event.path("label").asText());
        String method = request.path("method").asText();
        String path = likeness.translated(request.path("path").asText())
                .replace("[", "%5B")
                .replace("]", "%5D");
        Map<String, String> headers = new LinkedHashMap<>();
        request.path("headers")
                .properties()
                .forEach(entry -> headers.put(
                        entry.getKey(),
                        headerValues
                                .getOrDefault(
                                        entry.getValue().asText(),
                                        entry.getValue().asText())
                                .replace("127.0.0.1:8188", simulator.url().getAuthority())));
        String text = request.has("json")
                ? likeness.translated(Json.write(request.path("json")))
                : request.path("body_text").asText();
        if (correction != null) {
            for (Map.Entry<String, String> sent : correction.sent().entrySet()) {
                text = text.replace(sent.getKey(), sent.getValue());
            }
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        if (request.has("multipart")) {
            body = multipart(at, request.path("multipart").asText(), events, headers);
        }
        if (response.path("status").asInt() == 413) {
            body = ("{\"prompt\": \"" + "a".repeat(105_100_223 - 14) + "\"}").getBytes(StandardCharsets.UTF_8);
        }
        if (request.has("json")) {
            rememberManyOutputs(Json.read(body).path("prompt"));
        }
        if (!simulator.isUp()) {
            return;
        }
        HttpResponse<byte[]> came = http.call(method, path, headers, body);
        String where =
                "exchange " + at + " " + method + " " + request.path("path").asText();
        compareAnswer(where, response, came, correction == null ? Map.of() : correction.instead());
    }

    private void rememberManyOutputs(JsonNode prompt) {
        long outputs = 0;
        for (JsonNode node : prompt) {
            String type = node.path("class_type").asText();
            outputs += type.startsWith("Save") || type.equals("PreviewImage") ? 1 : 0;
        }
        if (outputs > 1) {
            manyOutputs.add(Json.write(prompt));
        }
    }

    private void compareAnswer(
            String where, JsonNode response, HttpResponse<byte[]> came, Map<String, String> instead) {
        if (response.path("status").asInt() != came.statusCode()) {
            likeness.differ(where + " status", response, new String(came.body(), StandardCharsets.UTF_8));
            return;
        }
        Map<String, String> wanted = new HashMap<>();
        response.path("headers")
                .properties()
                .forEach(entry -> wanted.put(
                        entry.getKey().toLowerCase(java.util.Locale.ROOT),
                        entry.getValue().asText()));
        wanted.putAll(instead);
        for (String header : HEADERS) {
            String expected = String.valueOf(wanted.get(header)).replaceAll("/\\d+$", "/N");
            String actual = came.headers()
                    .firstValue(header)
                    .map(value -> value.replaceAll("/\\d+$", "/N"))
                    .orElse("null");
            if (!expected.equals(actual)) {
                likeness.differ(where + " header " + header, expected, actual);
            }
        }
        for (String header : List.of("etag", "last-modified")) {
            if (wanted.containsKey(header) != came.headers().firstValue(header).isPresent()) {
                likeness.differ(
                        where + " header " + header, wanted, came.headers().map());
            }
            came.headers().firstValue(header).ifPresent(value -> headerValues.put(wanted.get(header), value));
        }
        byte[] bytes = came.body();
        if (response.has("json")) {
            likeness.compare(where, response.path("json"), Json.read(bytes));
        } else if (response.has("body_text_first_2000")) {
            String text = response.path("body_text_first_2000").asText();
            if (text.length() == response.path("body_length").asInt()) {
                likeness.compare(where, Json.read(text.getBytes(StandardCharsets.UTF_8)), Json.read(bytes));
            }
        } else if (response.has("body_text")) {
            String expected = response.path("body_text").asText();
            String actual = new String(bytes, StandardCharsets.UTF_8);
            if (!expected.equals(actual)) {
                likeness.differ(where, expected, actual);
            }
        } else if (came.statusCode() == 206 && response.path("body_length").asInt() != bytes.length) {
            likeness.differ(where + " length", response.path("body_length"), bytes.length);
        }
    }

    /** A form like the recorded one. Pictures are our own, as the recording has only their sizes. */
    private static byte[] multipart(int at, String told, JsonNode events, Map<String, String> headers) {
        Matcher shape =
                Pattern.compile("image=<(\\d+) bytes>; filename=([^;]*)(.*)").matcher(told);
        StringBuilder form = new StringBuilder();
        byte[] file = new byte[0];
        String fileName = null;
        String rest = "";
        if (shape.matches()) {
            int size = Integer.parseInt(shape.group(1));
            fileName = shape.group(2);
            rest = shape.group(3);
            file = size < 70
                    ? "hello".substring(0, size).getBytes(StandardCharsets.UTF_8)
                    : Pictures.encoded(Pictures.filled(8, 8, size), "png");
        } else if (told.startsWith("image=") && told.contains(".png")) {
            fileName = "corrupt.png";
            file = "this is not an image".getBytes(StandardCharsets.UTF_8);
        } else if (told.endsWith(".html") || told.endsWith(".svg")) {
            fileName = told;
            file = events.path(at + 1)
                    .path("response")
                    .path("body_text")
                    .asText()
                    .getBytes(StandardCharsets.UTF_8);
        } else if (told.equals("image=text")) {
            rest = "; image=text";
        } else {
            rest = "; " + told;
        }
        String mark = "----mark";
        headers.put("Content-Type", "multipart/form-data; boundary=" + mark);
        for (String field : rest.split("; ", -1)) {
            if (field.contains("=")) {
                String value = field.substring(field.indexOf('=') + 1);
                form.append("--" + mark + "\r\nContent-Disposition: form-data; name=\""
                        + field.substring(0, field.indexOf('=')) + "\"\r\n\r\n" + value + "\r\n");
            }
        }
        if (fileName != null) {
            form.append("--" + mark + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + fileName
                    + "\"\r\nContent-Type: image/png\r\n\r\n");
        }
        byte[] head = form.toString().getBytes(StandardCharsets.UTF_8);
        byte[] tail = ((fileName == null ? "" : "\r\n") + "--" + mark + "--\r\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[head.length + file.length + tail.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(file, 0, all, head.length, file.length);
        System.arraycopy(tail, 0, all, head.length + file.length, tail.length);
        return all;
    }

    private void compareFrames(String label, List<JsonNode> past) {
        List<TestSocket.Frame> came = socket(label).frames();
        List<JsonNode> expected =
                past.stream().filter(frame -> !isOnTheWay(frame.path("json"))).toList();
        List<TestSocket.Frame> actual = came.stream()
                .filter(frame -> frame.json() == null || !isOnTheWay(frame.json()))
                .toList();
        compareStatuses(label, expected, actual);
        List<JsonNode> others =
                expected.stream().filter(frame -> !isStatus(frame)).toList();
        List<TestSocket.Frame> othersNow =
                actual.stream().filter(frame -> !frame.type().equals("status")).toList();
        if (others.size() != othersNow.size()) {
            likeness.differ("frames of " + label, types(others), typesOf(othersNow));
            return;
        }
        for (int i = 0; i < others.size(); i++) {
            JsonNode frame = others.get(i);
            if (frame.path("frame").asText().equals("binary")) {
                compareBinary("frame " + i + " of " + label, frame, othersNow.get(i));
            } else if (!isOfManyOutputs(othersNow.get(i))) {
                likeness.compare(
                        "frame " + i + " of " + label,
                        frame.path("json"),
                        othersNow.get(i).shown());
            }
        }
    }

    /** Which output of several comes first is up to Python's hashes, new for each process. */
    private boolean isOfManyOutputs(TestSocket.Frame frame) {
        String id = frame.data().path("prompt_id").asText();
        if (manyOutputs.isEmpty() || id.isEmpty()) {
            return false;
        }
        try {
            JsonNode prompt =
                    http.json("/history/" + id).path(id).path("prompt").path(2);
            return manyOutputs.contains(Json.write(prompt)) && prompt.toString().contains("PreviewImage");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void compareStatuses(String label, List<JsonNode> expected, List<TestSocket.Frame> actual) {
        ArrayNode wanted = Json.array();
        expected.stream().filter(Replay::isStatus).forEach(frame -> wanted.add(frame.path("json")));
        ArrayNode came = Json.array();
        actual.stream().filter(frame -> frame.type().equals("status")).forEach(frame -> came.add(frame.json()));
        likeness.compare("statuses of " + label, wanted, came);
    }

    private void compareBinary(String where, JsonNode recordedFrame, TestSocket.Frame came) {
        byte[] bytes = came.bytes().array();
        if (came.json() != null
                || bytes.length < 12
                || bytes[3] != recordedFrame.path("event_type").asInt()) {
            likeness.differ(where, recordedFrame, came.type());
            return;
        }
        if (bytes[3] == 4) {
            int length = ((bytes[6] & 0xFF) << 8) | (bytes[7] & 0xFF);
            ObjectNode metadata = (ObjectNode)
                    Json.read(new String(bytes, 8, length, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
            likeness.compare(where, recordedFrame.path("metadata_json"), metadata);
        } else if (bytes[7] != recordedFrame.path("image_format_code").asInt()) {
            likeness.differ(where + " format", recordedFrame, bytes[7]);
        }
    }

    private static List<String> types(List<JsonNode> frames) {
        return frames.stream()
                .map(frame ->
                        frame.has("json") ? frame.path("json").path("type").asText() : "binary")
                .toList();
    }

    private static List<String> typesOf(List<TestSocket.Frame> frames) {
        return frames.stream().map(TestSocket.Frame::type).toList();
    }

    @Override
    public String toString() {
        return name;
    }
}
