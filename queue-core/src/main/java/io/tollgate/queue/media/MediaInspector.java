package io.tollgate.queue.media;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Looks into a file that a user brings, before it can be an input: a picture of more pixels than are ever decoded is
 * found by its header, not by running out of memory. Safe for use by many threads; may block, for files are read, but
 * decodes nothing, whatever a file promises.
 */
@FunctionalInterface
public interface MediaInspector {
    /**
     * What is wrong with a file, as the end of a sentence that starts with its name; empty if nothing was found, or if
     * it is of a kind that this doesn't know.
     *
     * @param contentType its media type, as {@link ContentTypes#sniff} found it
     * @return one line
     * @throws IOException if the file can't be read; never for what is in it
     */
    Optional<String> problem(Path file, String contentType) throws IOException;

    /**
     * How large a picture or film says it is; empty if this doesn't know its kind, or finds it broken.
     *
     * @param contentType its media type, as {@link ContentTypes#sniff} found it
     * @throws IOException if the file can't be read; never for what is in it
     */
    default Optional<PixelSize> pixels(Path file, String contentType) throws IOException {
        return Optional.empty();
    }
}
