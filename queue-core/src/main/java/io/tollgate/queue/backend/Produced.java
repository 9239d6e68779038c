package io.tollgate.queue.backend;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A file that a run made, still at its backend. It stays readable until the run is {@linkplain GenerationBackend#forget
 * forgotten}.
 *
 * @param name a file name without a path, such as {@code photo.png}
 * @param nodeId the part of the workflow that made it, if the backend has such parts
 * @param contentType its media type, such as {@code image/png}
 * @param content opens its bytes, as often as asked
 */
public record Produced(String name, Optional<String> nodeId, String contentType, Content content) {
    /** Bytes that can be read more than once. */
    @FunctionalInterface
    public interface Content {
        /**
         * Opens the bytes from the start; the caller closes them.
         *
         * @throws IOException if they can't be had any more
         */
        InputStream open() throws IOException;
    }
}
