package io.tollgate.java2d;

import io.tollgate.queue.delivery.MediaProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import org.jcodec.api.FrameGrab;
import org.jcodec.api.JCodecException;
import org.jcodec.api.MediaInfo;
import org.jcodec.common.io.ByteBufferSeekableByteChannel;
import org.jcodec.common.model.ColorSpace;
import org.jcodec.common.model.Size;

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
                ? firstFrame(file)
                : PictureReader.read(file, limits, never);
        Picture small = picture.fit(side, never);
        if (small.opaque()) {
            JpegWriter.write(small.rows(), out, never, y -> {});
            return "image/jpeg";
        }
        PngWriter.write(small.rows(), out, y -> {});
        return "image/png";
    }

    private Picture firstFrame(byte[] file) throws IOException {
        try {
            FrameGrab grab =
                    FrameGrab.createFrameGrab(ByteBufferSeekableByteChannel.readFromByteBuffer(ByteBuffer.wrap(file)));
            MediaInfo info = grab.getMediaInfo();
            Size size = info == null ? null : info.getDim();
            if (size != null && (long) size.getWidth() * size.getHeight() > limits.maxInputPixels()) {
                throw new BadPictureException(
                        "the film has more than " + PictureReader.megapixels(limits.maxInputPixels()) + " a frame");
            }
            org.jcodec.common.model.Picture frame = grab.getNativeFrame();
            if (frame == null) {
                throw new BadPictureException("the film has no frames");
            }
            return toRgb(frame);
        } catch (JCodecException | RuntimeException e) {
            // a decoder for friendly files: whatever it trips over, the file is none it can read
            throw new BadPictureException("the film can't be read", e);
        }
    }

    /** By Rec. 709 in video range, as nearly all films are; JCodec's samples are less 128. */
    private static Picture toRgb(org.jcodec.common.model.Picture frame) throws BadPictureException {
        if (frame.getColor() != ColorSpace.YUV420 && frame.getColor() != ColorSpace.YUV420J) {
            throw new BadPictureException("the film's colors can't be read");
        }
        int left = frame.getCrop() == null ? 0 : frame.getCrop().getX();
        int top = frame.getCrop() == null ? 0 : frame.getCrop().getY();
        Picture picture = Picture.empty(frame.getCroppedWidth(), frame.getCroppedHeight());
        byte[] luma = frame.getPlaneData(0);
        byte[] cb = frame.getPlaneData(1);
        byte[] cr = frame.getPlaneData(2);
        int line = frame.getWidth();
        int chromaLine = frame.getPlaneWidth(1);
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                int chroma = (y + top) / 2 * chromaLine + (x + left) / 2;
                double l = 1.164384 * (luma[(y + top) * line + x + left] + 112);
                int red = cut(l + 1.792741 * cr[chroma]);
                int green = cut(l - 0.213249 * cb[chroma] - 0.532909 * cr[chroma]);
                int blue = cut(l + 2.112402 * cb[chroma]);
                picture.pixels()[y * picture.width() + x] = Picture.OPAQUE | (red << 16) | (green << 8) | blue;
            }
        }
        return picture;
    }

    private static int cut(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(value)));
    }
}
