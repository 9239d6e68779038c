package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The routes of a ComfyUI server that we use, typed. Every stage completes exceptionally with {@link ComfyException} if
 * the call brings no answer that makes sense. None of them touches a prompt that isn't named. Safe for use by many
 * threads.
 */
final class ComfyApi {
    private static final String JSON = "application/json";
    private static final int MOST_RECENT = 64;
    /** For one entry of the history: its graph, of 4 MB at most, its outputs and its messages. */
    private static final int LONGEST_ENTRY = 16 << 20;

    /** The slowest link that uploads are meant to get through, in bytes a second. */
    private static final long SLOWEST_UPLOAD = 16 << 10;

    private final ComfyHttp http;
    private final ComfySettings.Deadlines deadlines;
    private final ComfySettings.Longest longest;

    ComfyApi(ComfyHttp http, ComfySettings settings) {
        this.http = http;
        this.deadlines = settings.deadlines();
        this.longest = settings.longest();
    }

    /**
     * The answer to a graph that was taken.
     *
     * @param promptId the id that the server runs it under
     * @param nodeErrors what is wrong with the outputs that will not be made; empty if nothing
     */
    record Accepted(String promptId, JsonNode nodeErrors) {}

    /** The version that the server tells, empty if it tells none; asked even when it is taken to be dead. */
    CompletableFuture<String> systemStats() {
        ComfyHttp.Call call = new ComfyHttp.Call(
                "GET",
                "/system_stats",
                BodyPublishers.noBody(),
                JSON,
                "GET /system_stats",
                deadlines.call(),
                longest.answerBytes(),
                true,
                true,
                false);
        return http.send(call).thenApply(answer -> {
            byte[] body = ok(call.what(), answer);
            JsonNode stats = tree(call.what(), body);
            if (!stats.path("system").isObject()) {
                throw new ComfyException(ComfyError.protocol(call.what(), body));
            }
            return stats.path("system").path("comfyui_version").asText("");
        });
    }

    /** Whether there is an answer of that route that is none of "there is no such route". */
    CompletableFuture<Boolean> exists(String path) {
        return http.send(get(path, longest.answerBytes())).thenApply(answer -> answer.status() == 200);
    }

    CompletableFuture<QueueView> queue() {
        return http.send(get("/queue", longest.listBytes()))
                .thenApply(answer -> QueueView.parse(ok("GET /queue", answer)));
    }

    /** How a prompt ended; empty if it is not over, or not known. */
    CompletableFuture<Optional<HistoryEntry>> history(String promptId) {
        return http.send(get("/history/" + encoded(promptId), Math.min(longest.listBytes(), LONGEST_ENTRY)))
                .thenApply(answer -> HistoryEntry.parseOne(ok("GET /history", answer), promptId));
    }

    /** How the last prompts ended; bounded, for a server keeps 10,000. */
    CompletableFuture<List<HistoryEntry>> recent() {
        return http.send(get("/history?max_items=" + MOST_RECENT, longest.listBytes()))
                .thenApply(answer -> HistoryEntry.parseAll(ok("GET /history", answer)));
    }

    /**
     * Whether the server knows a prompt, waiting, running or over. Only for servers that have the route.
     *
     * @return empty if there is no such route after all
     */
    CompletableFuture<Optional<Boolean>> knows(String promptId) {
        return http.send(get("/api/jobs/" + encoded(promptId), longest.listBytes()))
                .thenApply(answer -> {
                    if (answer.status() == 404) {
                        // a missing route answers without a body
                        return answer.body().length == 0 ? Optional.empty() : Optional.of(false);
                    }
                    return Optional.of(tree("GET /api/jobs", ok("GET /api/jobs", answer))
                            .path("id")
                            .asText("")
                            .equals(promptId));
                });
    }

    /**
     * Hands over a graph. Never repeated: who gets no answer has to look.
     *
     * @param secrets texts of the user's, which no message repeats
     */
    CompletableFuture<Accepted> submit(ObjectNode body, Collection<String> secrets) {
        String what = "POST /prompt";
        return http.send(post("/prompt", what, body, deadlines.submit())).thenApply(answer -> {
            if (answer.status() == 400) {
                throw new ComfyException(Refusals.read(answer.body(), secrets));
            }
            byte[] bytes = ok(what, answer, secrets);
            JsonNode accepted = Json.read(what, bytes, secrets, Json.MAPPER::readTree);
            String id = accepted.path("prompt_id").asText("");
            if (id.isEmpty()) {
                throw new ComfyException(ComfyError.protocol(what, bytes, secrets));
            }
            return new Accepted(id, accepted.path("node_errors"));
        });
    }

    /**
     * Stops one prompt, wherever it is.
     *
     * @return empty if the server has no such route; else whether there was something to stop
     */
    CompletableFuture<Optional<Boolean>> cancel(String promptId) {
        String what = "POST /api/jobs/cancel";
        ObjectNode nothing = Json.MAPPER.createObjectNode();
        return http.send(post("/api/jobs/" + encoded(promptId) + "/cancel", what, nothing, deadlines.call()))
                .thenApply(answer -> answer.status() == 404 || answer.status() == 405
                        ? Optional.empty()
                        : Optional.of(
                                tree(what, ok(what, answer)).path("cancelled").asBoolean(false)));
    }

    /** Takes one waiting copy of one prompt out of the queue, if there is one. */
    CompletableFuture<Void> deletePending(String promptId) {
        String what = "POST /queue";
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.putArray("delete").add(promptId);
        return http.send(post("/queue", what, body, deadlines.call())).thenAccept(answer -> ok(what, answer));
    }

    /** Lets the server forget how one prompt ended. */
    CompletableFuture<Void> deleteHistory(String promptId) {
        String what = "POST /history";
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.putArray("delete").add(promptId);
        return http.send(post("/history", what, body, deadlines.call())).thenAccept(answer -> ok(what, answer));
    }

    /** Interrupts one prompt, if it runs. Only for servers that look at the id: others stop whatever runs. */
    CompletableFuture<Void> interrupt(String promptId) {
        String what = "POST /interrupt";
        ObjectNode body = Json.MAPPER.createObjectNode().put("prompt_id", promptId);
        return http.send(post("/interrupt", what, body, deadlines.call())).thenAccept(answer -> ok(what, answer));
    }

    /** The list of all nodes, as bytes: more than a megabyte. */
    CompletableFuture<byte[]> objectInfo() {
        ComfyHttp.Call call = new ComfyHttp.Call(
                "GET",
                "/object_info",
                BodyPublishers.noBody(),
                JSON,
                "GET /object_info",
                deadlines.catalog(),
                longest.listBytes(),
                true,
                false,
                false);
        return http.send(call).thenApply(answer -> ok(call.what(), answer));
    }

    /** Whether an uploaded file is still there. */
    CompletableFuture<Boolean> hasInput(String name) {
        int slash = name.lastIndexOf('/');
        String path = "/view?filename=" + encoded(name.substring(slash + 1)) + "&subfolder="
                + encoded(slash < 0 ? "" : name.substring(0, slash)) + "&type=input";
        ComfyHttp.Call call = new ComfyHttp.Call(
                "HEAD",
                path,
                BodyPublishers.noBody(),
                JSON,
                "HEAD /view",
                deadlines.call(),
                longest.answerBytes(),
                true,
                false,
                false);
        return http.send(call).thenApply(answer -> answer.status() == 200);
    }

    /**
     * Uploads a file as an input. The same bytes under the same name are kept once; other bytes get another name.
     *
     * @param name letters, digits, dots and dashes only
     * @return the name that graphs have to use
     */
    CompletableFuture<String> upload(Path file, String name, String contentType) {
        String what = "POST /upload/image";
        String boundary = "tollgate-" + UUID.randomUUID(); // nobody can put it into a file beforehand
        BodyPublisher body;
        Duration deadline;
        try {
            deadline = uploadDeadline(Files.size(file));
            body = BodyPublishers.concat(
                    text("--" + boundary + "\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\ninput\r\n--"
                            + boundary + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + name
                            + "\"\r\nContent-Type: " + contentType + "\r\n\r\n"),
                    BodyPublishers.ofFile(file),
                    text("\r\n--" + boundary + "--\r\n"));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        ComfyHttp.Call call = new ComfyHttp.Call(
                "POST",
                "/upload/image",
                body,
                "multipart/form-data; boundary=" + boundary,
                what,
                deadline,
                longest.answerBytes(),
                true, // the same bytes under the same name change nothing
                false,
                true);
        return http.send(call).thenApply(answer -> {
            byte[] bytes = ok(what, answer);
            JsonNode stored = tree(what, bytes);
            String stem = stored.path("name").asText("");
            String folder = stored.path("subfolder").asText("");
            if (stem.isEmpty() || stem.length() + folder.length() > 1_000) {
                throw new ComfyException(ComfyError.protocol(what, bytes));
            }
            return folder.isEmpty() ? stem : folder + "/" + stem;
        });
    }

    /**
     * A server that vanished without a word, as a machine that lost its power, says nothing for ever: a small file must
     * not wait as long for it as a large one may take.
     */
    private Duration uploadDeadline(long bytes) {
        Duration needed = deadlines.call().plus(Duration.ofSeconds(bytes / SLOWEST_UPLOAD));
        return needed.compareTo(deadlines.transfer()) < 0 ? needed : deadlines.transfer();
    }

    private static BodyPublisher text(String text) {
        return BodyPublishers.ofByteArray(text.getBytes(StandardCharsets.UTF_8));
    }

    private ComfyHttp.Call get(String path, int most) {
        return new ComfyHttp.Call(
                "GET",
                path,
                BodyPublishers.noBody(),
                JSON,
                "GET " + path.replaceFirst("[?].*|(?<=/history|/jobs)/.*", ""),
                deadlines.call(),
                most,
                true,
                false,
                false);
    }

    private ComfyHttp.Call post(String path, String what, ObjectNode body, Duration deadline) {
        try {
            return new ComfyHttp.Call(
                    "POST",
                    path,
                    BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)),
                    JSON,
                    what,
                    deadline,
                    longest.answerBytes(),
                    false,
                    false,
                    false);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that can't be written", e);
        }
    }

    private static JsonNode tree(String what, byte[] body) {
        return Json.read(what, body, Json.MAPPER::readTree);
    }

    /** The body of a good answer; throws what a bad one means. */
    private static byte[] ok(String what, ComfyHttp.Answer answer) {
        return ok(what, answer, List.of());
    }

    private static byte[] ok(String what, ComfyHttp.Answer answer, Collection<String> secrets) {
        int status = answer.status();
        if (status == 200) {
            return answer.body();
        }
        throw new ComfyException(
                switch (status) {
                    case 401, 403, 407 -> new ComfyError.Forbidden(status, what);
                    case 413 -> new ComfyError.TooLarge("more than the server takes: status 413 to " + what, true);
                    case 429, 502, 503, 504 -> new ComfyError.Busy(status, what);
                    default -> ComfyError.protocol(what, status, answer.body(), secrets);
                });
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
