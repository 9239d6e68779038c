package io.tollgate.queue.media;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The one check of files that users bring, for every way in: it is not empty, it begins like a picture, film or sound,
 * and no inspector finds anything wrong. Safe for use by many threads.
 */
public final class InputCheck {
    private final List<MediaInspector> inspectors;

    /** @param inspectors are asked one after the other, until one finds something */
    public InputCheck(List<MediaInspector> inspectors) {
        this.inspectors = List.copyOf(inspectors);
    }

    /**
     * What is wrong with a file, as the end of a sentence that starts with its name; empty if nothing is.
     *
     * @throws IOException if it can't be read
     */
    public Optional<String> problem(Path file) throws IOException {
        if (Files.size(file) == 0) {
            return Optional.of("is empty");
        }
        String type;
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
            type = ContentTypes.sniff(bytes);
        }
        if (type.equals(ContentTypes.UNKNOWN)) {
            return Optional.of("is no picture, film or sound that is known here, whatever its name says");
        }
        for (MediaInspector inspector : inspectors) {
            Optional<String> problem = inspector.problem(file, type);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }
}
