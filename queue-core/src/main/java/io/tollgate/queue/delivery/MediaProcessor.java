package io.tollgate.queue.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Changes or derives a file on its way to the user, such as a watermark or a thumbnail. Safe for use by many threads.
 */
public interface MediaProcessor {
    /** What it does: the word by which delivery rules ask for it. */
    Kind kind();

    /** Whether it can work on files of this media type, such as {@code image/png}. */
    boolean accepts(String contentType);

    /**
     * Reads one file and writes another.
     *
     * @param contentType the media type of {@code in}
     * @return the media type of what was written
     * @throws IOException if {@code in} is not what it says or {@code out} can't be written
     */
    String process(InputStream in, String contentType, OutputStream out) throws IOException;

    /** The kinds of processors. */
    enum Kind {
        /** Marks a file as made by a free user; not having it is a perk. */
        WATERMARK,
        /** Makes a small still picture of a file. */
        THUMBNAIL
    }
}
