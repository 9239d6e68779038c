package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer, before it is sent, so that a fault can spoil it.
 *
 * @param headers all but the length
 * @param body the whole body, or empty if there is a file
 * @param file a part of a file, streamed
 * @param chunked whether the body is sent without a length, as the real server does with some empty ones
 */
record Reply(
        int status,
        Map<String, String> headers,
        Bytes body,
        @Nullable FilePart file,
        boolean chunked) {

    static final String JSON = "application/json; charset=utf-8";
    static final String TEXT = "text/plain; charset=utf-8";

    /** So many bytes of a file, from an offset on. */
    record FilePart(Path path, long offset, long length) {}

    static Reply json(JsonNode body) {
        return json(200, body);
    }

    static Reply json(int status, JsonNode body) {
        return bytes(status, JSON, Json.write(body).getBytes(StandardCharsets.UTF_8));
    }

    static Reply text(int status, String body) {
        return bytes(status, TEXT, body.getBytes(StandardCharsets.UTF_8));
    }

    static Reply bytes(int status, String type, byte[] body) {
        return new Reply(status, Map.of("Content-Type", type), Bytes.of(body), null, false);
    }

    static Reply empty(int status) {
        return new Reply(status, Map.of(), Bytes.NONE, null, false);
    }

    static Reply error(int status, String message) {
        return json(status, Json.object().put("error", message));
    }

    /** What aiohttp answers when a handler raises. */
    static Reply broken() {
        return text(500, "500 Internal Server Error\n\nServer got itself in trouble")
                .with("Connection", "close");
    }

    /** What the real server's static files answer for a path that is none. */
    static Reply nothingThere() {
        return new Reply(404, Map.of("Content-Type", "application/octet-stream"), Bytes.NONE, null, true);
    }

    Reply with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, more, body, file, chunked);
    }

    long length() {
        return file == null ? body.length() : file.length();
    }
}
