package io.tollgate.java2d;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jcodec.api.FrameGrab;
import org.jcodec.api.JCodecException;
import org.jcodec.api.MediaInfo;
import org.jcodec.common.DemuxerTrackMeta;
import org.jcodec.common.io.ByteBufferSeekableByteChannel;
import org.jcodec.common.model.ColorSpace;
import org.jcodec.common.model.Size;
import org.jspecify.annotations.Nullable;

/** Reads the frames of an H.264 film, one after the other. Used by one thread. */
final class Mp4Reader {
    private static final int USUAL_RATE = 24;
    private static final int FASTEST = 60;

    private final FrameGrab grab;

    /** @throws BadPictureException if it is no film that can be read, or has too many pixels a frame */
    Mp4Reader(byte[] file, Java2dLimits limits) throws IOException {
        try {
            grab = FrameGrab.createFrameGrab(ByteBufferSeekableByteChannel.readFromByteBuffer(ByteBuffer.wrap(file)));
            MediaInfo info = grab.getMediaInfo();
            Size size = info == null ? null : info.getDim();
            if (size != null && (long) size.getWidth() * size.getHeight() > limits.maxInputPixels()) {
                throw new BadPictureException(
                        "the film has more than " + PictureReader.megapixels(limits.maxInputPixels()) + " a frame");
            }
        } catch (JCodecException | RuntimeException e) {
            // a decoder for friendly files: whatever it trips over, the file is none it can read
            throw new BadPictureException("the film can't be read", e);
        }
    }

    /** Frames a second, as a whole number. */
    int fps() {
        DemuxerTrackMeta meta = grab.getVideoTrack().getMeta();
        if (meta == null || meta.getTotalDuration() <= 0) {
            return USUAL_RATE;
        }
        long rate = Math.round(meta.getTotalFrames() / meta.getTotalDuration());
        return (int) Math.max(1, Math.min(FASTEST, rate));
    }

    /** The first frame. */
    Picture first() throws IOException {
        Picture picture = next();
        if (picture == null) {
            throw new BadPictureException("the film has no frames");
        }
        return picture;
    }

    /** The next frame; null after the last. */
    @Nullable Picture next() throws IOException {
        try {
            org.jcodec.common.model.Picture frame = grab.getNativeFrame();
            return frame == null ? null : toRgb(frame);
        } catch (RuntimeException e) {
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
