package io.tollgate.java2d;

import io.tollgate.queue.delivery.MediaProcessor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Puts a small mark into the corner of pictures: JPEG, PNG, WebP (which becomes PNG) and GIF, animated ones frame by
 * frame. H.264 films are marked frame by frame too, which takes about as long as making them. Whatever metadata a file
 * had is gone. Safe for use by many threads; works on the caller's thread, and takes memory as {@link Java2dLimits}
 * says.
 */
public final class WatermarkProcessor implements MediaProcessor {
    /** What the mark says unless told otherwise. */
    public static final String DEFAULT_TEXT = "made with Tollgate";

    private static final String MP4 = "video/mp4";
    private static final Set<String> TYPES = Set.of("image/jpeg", "image/png", "image/webp", "image/gif", MP4);

    private final Mark mark;
    private final Java2dLimits limits;

    /** @param text a few words; where a system has no means to draw text, only the sign beside them is shown */
    public WatermarkProcessor(String text, Java2dLimits limits) {
        this.mark = new Mark(text);
        this.limits = limits;
    }

    @Override
    public Kind kind() {
        return Kind.WATERMARK;
    }

    @Override
    public boolean accepts(String contentType) {
        return TYPES.contains(contentType.toLowerCase(Locale.ROOT));
    }

    /** Pictures go by the bytes, not by {@code contentType}. */
    @Override
    public String process(InputStream in, String contentType, OutputStream out) throws IOException {
        StopSign never = new StopSign();
        byte[] file = PictureReader.bytes(in, limits, never);
        if (contentType.toLowerCase(Locale.ROOT).equals(MP4)) {
            film(file, out);
            return MP4;
        }
        PictureHeader header = PictureHeader.parse(file);
        if (header.format() == PictureFormat.GIF) {
            GifRemaker.remake(file, limits, mark::draw, out);
            return PictureFormat.GIF.contentType();
        }
        Picture picture = PictureReader.read(file, limits, never);
        if (header.format() == PictureFormat.JPEG) {
            BufferedImage image = picture.image();
            mark.draw(image);
            JpegWriter.write(picture.rows(), out, never, y -> {});
            return PictureFormat.JPEG.contentType();
        }
        mark.draw(picture.image());
        PngWriter.write(picture.rows(), out, y -> {});
        return PictureFormat.PNG.contentType();
    }

    private void film(byte[] file, OutputStream out) throws IOException {
        Mp4Reader reader = new Mp4Reader(file, limits);
        Path marked = Files.createTempFile("tollgate-marked", ".mp4");
        try {
            Picture frame = reader.first();
            try (Mp4Writer writer =
                    new Mp4Writer(marked, frame.width() & ~1, frame.height() & ~1, reader.fps(), new StopSign())) {
                for (Picture next = frame; next != null; next = reader.next()) {
                    mark.draw(next.image());
                    writer.add(even(next));
                }
                writer.finish();
            }
            Files.copy(marked, out);
        } finally {
            Files.deleteIfExists(marked);
        }
    }

    /** The pixels, without the last column if their number is odd: a film has even sides. */
    private static int[] even(Picture picture) {
        int width = picture.width() & ~1;
        if (width == picture.width()) {
            return picture.pixels();
        }
        int[] pixels = new int[width * picture.height()];
        for (int y = 0; y < picture.height(); y++) {
            System.arraycopy(picture.pixels(), y * picture.width(), pixels, y * width, width);
        }
        return pixels;
    }
}
