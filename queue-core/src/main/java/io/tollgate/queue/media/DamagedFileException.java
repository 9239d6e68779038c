package io.tollgate.queue.media;

import java.io.IOException;
import java.nio.file.Path;

/** A file of a store is not what the store wrote. Reading it again won't help. */
final class DamagedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedFileException(Path file, String what) {
        super("damaged file " + file + ": " + what);
    }

    DamagedFileException(Path file, String what, Throwable cause) {
        super("damaged file " + file + ": " + what, cause);
    }
}
