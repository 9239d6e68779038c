package io.tollgate.http;

import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.media.Asset;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a call is answered, if all went well. */
sealed interface Answer {
    /** A document. */
    record Json(int status, Object document, Map<String, String> headers) implements Answer {
        public Json {
            headers = Map.copyOf(headers);
        }

        Json with(String header, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(header, value);
            return new Json(status, document, more);
        }
    }

    /**
     * A document that matters to whom it is sent.
     *
     * @param broken run if it could not be sent
     */
    record Handed(Json json, Runnable broken) implements Answer {}

    /** A status alone. */
    record Empty(int status) implements Answer {}

    /** Text or bytes that are at hand; not changed by anybody. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Bytes(String contentType, byte[] bytes, Map<String, String> headers) implements Answer {
        public Bytes {
            headers = Map.copyOf(headers);
        }

        Bytes(String contentType, byte[] bytes) {
            this(contentType, bytes, Map.of());
        }
    }

    /**
     * A stored file, or parts of it.
     *
     * @param shown whether a browser may show it, rather than only keep it
     */
    record Content(Asset asset, Path file, boolean shown) implements Answer {}

    /**
     * A stream of events that stays open.
     *
     * @param key who reads it, and among whose streams it counts; it ends when that stands no more
     */
    record Events(ApiKey key, EventSource source) implements Answer {}

    /**
     * A WebSocket, over which a user follows their jobs.
     *
     * @param key whose jobs, and among whose streams it counts; it ends when that stands no more
     */
    record Socket(ApiKey key) implements Answer {}

    static Answer ok(Object document) {
        return new Json(200, document, Map.of());
    }

    static Answer created(Object document) {
        return new Json(201, document, Map.of());
    }
}
