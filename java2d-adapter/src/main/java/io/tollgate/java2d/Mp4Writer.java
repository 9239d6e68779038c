package io.tollgate.java2d;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jcodec.codecs.h264.H264Encoder;
import org.jcodec.codecs.h264.encode.RateControl;
import org.jcodec.codecs.h264.io.model.SeqParameterSet;
import org.jcodec.codecs.h264.io.model.SliceType;
import org.jcodec.codecs.h264.io.model.VUIParameters;
import org.jcodec.common.Codec;
import org.jcodec.common.MuxerTrack;
import org.jcodec.common.VideoCodecMeta;
import org.jcodec.common.VideoEncoder;
import org.jcodec.common.io.FileChannelWrapper;
import org.jcodec.common.io.NIOUtils;
import org.jcodec.common.model.ColorSpace;
import org.jcodec.common.model.Packet;
import org.jcodec.common.model.Size;
import org.jcodec.containers.mp4.muxer.MP4Muxer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a film as H.264 in MP4, without sound: baseline profile, constant quality, Rec. 709 colors in video range and
 * marked so, which phones, browsers and messengers play.
 */
final class Mp4Writer implements Closeable {
    /**
     * The quantizer, 0 to 51: smaller is better and longer. JCodec's coarser chroma drifts within a frame: at 18 and
     * over, dark areas got a cast of purple, at 12 no channel was off by more than 3. More key frames don't help: of a
     * zoom into the sample photo, decoded by ffmpeg, the signal-to-noise ratio of the chroma falls from 50 dB at 12 to
     * 42 at 16 and 37 at 20 with a key frame a second, and from 50 to 43 and 38 with nothing but key frames, which take
     * 40 % more.
     */
    private static final int QUANTIZER = 12;

    /**
     * How much coarser a frame is tried again that has too much detail: JCodec gives a frame a byte a pixel inside and
     * fails beyond. Noise needs one step, and real photos with fine structure sometimes do.
     */
    private static final int STEP = 6;

    private static final int COARSEST = 36;

    private final int width;
    private final int height;
    private final int fps;
    private final FileChannelWrapper file;
    private final MP4Muxer muxer;
    private final Quality quality;
    private final H264Encoder encoder;
    private final org.jcodec.common.model.Picture picture;
    private final ByteBuffer buffer;
    private @Nullable MuxerTrack track;
    private int frames;

    /**
     * @param width even
     * @param height even
     */
    Mp4Writer(Path path, int width, int height, int fps, StopSign stop) throws IOException {
        this.width = width;
        this.height = height;
        this.fps = fps;
        file = NIOUtils.writableChannel(path.toFile());
        muxer = MP4Muxer.createMP4MuxerToChannel(file);
        quality = new Quality(stop);
        encoder = new Rec709Encoder(quality);
        encoder.setKeyInterval(fps);
        picture = org.jcodec.common.model.Picture.create(width, height, ColorSpace.YUV420J);
        buffer = ByteBuffer.allocate(encoder.estimateBufferSize(picture));
    }

    /**
     * Adds a frame.
     *
     * @param pixels packed, of the film's size; not kept
     */
    void add(int[] pixels) throws IOException {
        toYuv(pixels);
        VideoEncoder.EncodedFrame frame = encode();
        if (track == null) {
            track = muxer.addVideoTrack(
                    Codec.H264, VideoCodecMeta.createSimpleVideoCodecMeta(new Size(width, height), ColorSpace.YUV420));
        }
        Packet.FrameType type = frame.isKeyFrame() ? Packet.FrameType.KEY : Packet.FrameType.INTER;
        track.addFrame(Packet.createPacket(NIOUtils.clone(frame.getData()), frames, fps, 1, frames, type, null));
        frames++;
    }

    private VideoEncoder.EncodedFrame encode() throws IOException {
        try {
            buffer.clear();
            return encoder.encodeFrame(picture, buffer);
        } catch (BufferOverflowException tooMuchDetail) {
            return encodeCoarser(tooMuchDetail);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Tries a frame again as one that needs no frame before it, since the one that failed left the encoder in between.
     */
    private VideoEncoder.EncodedFrame encodeCoarser(BufferOverflowException cause) throws IOException {
        while (quality.quantizer < COARSEST) {
            quality.quantizer += STEP;
            try {
                buffer.clear();
                return new VideoEncoder.EncodedFrame(encoder.encodeIDRFrame(picture, buffer), true);
            } catch (BufferOverflowException still) {
                cause.addSuppressed(still);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
        throw cause;
    }

    /** Completes the file. Without it, {@link #close} leaves a torso. */
    void finish() throws IOException {
        muxer.finish();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Rec. 709, video range, 4:2:0 with the mean of each four pixels; JCodec wants samples less 128. */
    private void toYuv(int[] pixels) {
        byte[] luma = picture.getPlaneData(0);
        byte[] cb = picture.getPlaneData(1);
        byte[] cr = picture.getPlaneData(2);
        int chroma = 0;
        for (int y = 0; y < height; y += 2) {
            for (int x = 0; x < width; x += 2) {
                int at = y * width + x;
                int a = pixels[at];
                int b = pixels[at + 1];
                int c = pixels[at + width];
                int d = pixels[at + width + 1];
                luma[at] = luma(a);
                luma[at + 1] = luma(b);
                luma[at + width] = luma(c);
                luma[at + width + 1] = luma(d);
                int red = ((a >> 16) & 255) + ((b >> 16) & 255) + ((c >> 16) & 255) + ((d >> 16) & 255);
                int green = ((a >> 8) & 255) + ((b >> 8) & 255) + ((c >> 8) & 255) + ((d >> 8) & 255);
                int blue = (a & 255) + (b & 255) + (c & 255) + (d & 255);
                // 16.16, the sum of four
                cb[chroma] = (byte) ((28784 * blue - 6596 * red - 22189 * green + (1 << 17)) >> 18);
                cr[chroma] = (byte) ((28784 * red - 26145 * green - 2639 * blue + (1 << 17)) >> 18);
                chroma++;
            }
        }
    }

    private static byte luma(int pixel) {
        int scaled = 11966 * ((pixel >> 16) & 255) + 40254 * ((pixel >> 8) & 255) + 4064 * (pixel & 255);
        return (byte) (((scaled + (1 << 15)) >> 16) + 16 - 128);
    }

    /** Says in the stream which colors it means; players guess otherwise, each its own way. */
    private static final class Rec709Encoder extends H264Encoder {
        private static final int BT_709 = 1;
        private static final int UNSPECIFIED_FORMAT = 5;

        Rec709Encoder(Quality quality) {
            super(quality);
        }

        @Override
        public SeqParameterSet initSPS(Size size) {
            SeqParameterSet parameters = super.initSPS(size);
            VUIParameters usability = new VUIParameters();
            usability.videoSignalTypePresentFlag = true;
            usability.videoFormat = UNSPECIFIED_FORMAT;
            usability.videoFullRangeFlag = false;
            usability.colourDescriptionPresentFlag = true;
            usability.colourPrimaries = BT_709;
            usability.transferCharacteristics = BT_709;
            usability.matrixCoefficients = BT_709;
            parameters.vuiParams = usability;
            return parameters;
        }
    }

    /** Also asked at each block of 16 x 16 pixels, which is when a frame can be given up. */
    private static final class Quality implements RateControl {
        private final StopSign stop;
        private int quantizer = QUANTIZER;

        Quality(StopSign stop) {
            this.stop = stop;
        }

        @Override
        public int startPicture(Size size, int maxSize, SliceType sliceType) {
            return quantizer;
        }

        @Override
        public int initialQpDelta() {
            try {
                stop.check();
            } catch (StopSign.StoppedException e) {
                throw new UncheckedIOException(e);
            }
            return 0;
        }

        @Override
        public int accept(int bits) {
            return 0;
        }
    }
}
