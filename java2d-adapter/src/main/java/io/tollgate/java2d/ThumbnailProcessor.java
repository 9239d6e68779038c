package io.tollgate.java2d;

import io.tollgate.queue.delivery.MediaProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Set;

/**
 * Makes a small still picture: of JPEG, PNG and WebP, of the first frame of a GIF or of an H.264 film in MP4. Opaque
 * ones become JPEG, others PNG; small ones are not enlarged. Safe for use by many threads; works on the caller's
 * thread, and takes memory as {@link Java2dLimits} says.
 */
public final class ThumbnailProcessor implements MediaProcessor {
    private static final String MP4 = "video/mp4";
    private static final Set<String> TYPES = Set.of("image/jpeg", "image/png", "image/webp", "image/gif", MP4);

    private final int side;
    private final Java2dLimits limits;

    /** @param side the longest side of a thumbnail, in pixels, 16 to 2048 */
    public ThumbnailProcessor(int side, Java2dLimits limits) {
        if (side < 16 || side > 2048) {
            throw new IllegalArgumentException("side must be 16 to 2048: " + side);
        }
        this.side = side;
        this.limits = limits;
    }

    @Override
    public Kind kind() {
        return Kind.THUMBNAIL;
    }

    @Override
    public boolean accepts(String contentType) {
        return TYPES.contains(contentType.toLowerCase(Locale.ROOT));
    }

    @Override
    public String process(InputStream in, String contentType, OutputStream out) throws IOException {
        StopSign never = new StopSign();
        byte[] file = PictureReader.bytes(in, limits, never);
        Picture picture = contentType.toLowerCase(Locale.ROOT).equals(MP4)
                ? new Mp4Reader(file, limits).first()
                : PictureReader.read(file, limits, never);
        Picture small = picture.fit(side, never);
        if (small.opaque()) {
            JpegWriter.write(small.rows(), out, never, y -> {});
            return "image/jpeg";
        }
        PngWriter.write(small.rows(), out, y -> {});
        return "image/png";
    }
}
