package io.tollgate.queue.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The line at the top of a media directory that says what can read it. A directory without one is new, or of a program
 * that wrote none; that one is refused rather than misread.
 */
final class MediaFormat {
    private static final String FILE = "format";
    private static final String LINE = "tollgate-media=2";
    private static final int MAX_BYTES = 1000;

    /** Makes the names in a directory durable. */
    interface Force {
        void names(Path directory) throws IOException;
    }

    private MediaFormat() {}

    /**
     * Makes sure that a directory is in the form that this program reads, and writes so into a new one.
     *
     * @throws IOException if it is in another; nothing was changed
     */
    static void require(Path root, Force force) throws IOException {
        String line;
        try (var bytes = Files.newInputStream(root.resolve(FILE))) {
            line = new String(bytes.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
        } catch (NoSuchFileException e) {
            if (Files.exists(root.resolve("assets")) || Files.exists(root.resolve("content"))) {
                throw unread(root, "was written by an earlier version");
            }
            write(root, force);
            return;
        }
        if (!line.equals(LINE)) {
            throw unread(root, "is in the form '" + line + "', and this version reads '" + LINE + "'");
        }
    }

    private static IOException unread(Path root, String why) {
        return new IOException("the media directory " + root + " " + why
                + "; nothing was read or changed. Move it away to begin with an empty one, or use the version that"
                + " wrote it");
    }

    /** A process that is as far at the same time writes the same. */
    private static void write(Path root, Force force) throws IOException {
        Path written = Files.createTempFile(root, FILE, ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(LINE + "\n");
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(written, root.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
            force.names(root);
        } finally {
            Files.deleteIfExists(written);
        }
    }
}
