package io.tollgate.java2d;

import io.tollgate.queue.media.MediaInspector;
import io.tollgate.queue.media.PixelSize;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Measures MP4 and QuickTime films by the headers of their tracks; finds nothing wrong with any file. Safe for use by
 * many threads.
 *
 * <p>Source: ISO/IEC 14496-12, sections 4.2 (boxes) and 8.3.2 (track header).
 */
public final class FilmInspector implements MediaInspector {
    private static final Set<String> TYPES = Set.of("video/mp4", "video/quicktime");
    private static final int MAX_BOXES = 1_000;
    private static final int HEADER = 8;
    private static final int LONG_HEADER = 16;
    /** The size at the end of a track header, in 16.16 fixed point. */
    private static final int SIZE_BYTES = 8;

    private static final int MIN_TRACK_HEADER = 84;

    @Override
    public Optional<String> problem(Path file, String contentType) {
        return Optional.empty();
    }

    @Override
    public Optional<PixelSize> pixels(Path file, String contentType) throws IOException {
        if (!TYPES.contains(contentType)) {
            return Optional.empty();
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            return new Walk(bytes).largest(0, bytes.length());
        }
    }

    /** One walk through the boxes of a file; ends after so many, whatever the file says. */
    private static final class Walk {
        private final RandomAccessFile bytes;
        private int seen;

        Walk(RandomAccessFile bytes) {
            this.bytes = bytes;
        }

        /** The largest track among the boxes from {@code from} to {@code end}. */
        Optional<PixelSize> largest(long from, long end) throws IOException {
            Optional<PixelSize> largest = Optional.empty();
            long at = from;
            while (at + HEADER <= end && seen++ < MAX_BOXES) {
                bytes.seek(at);
                long length = bytes.readInt() & 0xffffffffL;
                int type = bytes.readInt();
                int header = HEADER;
                if (length == 1 && at + LONG_HEADER <= end) {
                    length = bytes.readLong();
                    header = LONG_HEADER;
                } else if (length == 0) { // to the end of the file
                    length = end - at;
                }
                if (length < header || length > end - at) {
                    return largest; // cut off or damaged
                }
                Optional<PixelSize> here = within(type, at + header, at + length);
                if (here.isPresent() && (largest.isEmpty() || area(here.get()) > area(largest.get()))) {
                    largest = here;
                }
                at += length;
            }
            return largest;
        }

        private Optional<PixelSize> within(int type, long from, long end) throws IOException {
            if (type == code("moov") || type == code("trak")) {
                return largest(from, end);
            }
            if (type != code("tkhd") || end - from < MIN_TRACK_HEADER) {
                return Optional.empty();
            }
            bytes.seek(end - SIZE_BYTES);
            int width = bytes.readInt() >>> 16;
            int height = bytes.readInt() >>> 16;
            // a track of sound is 0 by 0
            return width > 0 && height > 0 ? Optional.of(new PixelSize(width, height)) : Optional.empty();
        }

        private static long area(PixelSize size) {
            return (long) size.width() * size.height();
        }

        private static int code(String type) {
            return type.charAt(0) << 24 | type.charAt(1) << 16 | type.charAt(2) << 8 | type.charAt(3);
        }
    }
}
