package io.tollgate.java2d;

import io.tollgate.queue.delivery.MediaProcessor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Set;

/**
 * Puts a small mark into the corner of pictures: JPEG, PNG, WebP (which becomes PNG) and GIF, animated ones frame by
 * frame. Films are not accepted. Whatever metadata a file had is gone. Safe for use by many threads; works on the
 * caller's thread, and takes memory as {@link Java2dLimits} says.
 */
public final class WatermarkProcessor implements MediaProcessor {
    /** What the mark says unless told otherwise. */
    public static final String DEFAULT_TEXT = "made with Tollgate";

    private static final Set<String> TYPES = Set.of("image/jpeg", "image/png", "image/webp", "image/gif");

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

    /** Goes by the bytes, not by {@code contentType}. */
    @Override
    public String process(InputStream in, String contentType, OutputStream out) throws IOException {
        StopSign never = new StopSign();
        byte[] file = PictureReader.bytes(in, limits, never);
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
}
