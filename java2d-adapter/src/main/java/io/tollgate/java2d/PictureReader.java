package io.tollgate.java2d;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Transparency;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Locale;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/**
 * Decodes pictures from people who may mean harm. The format is found by the first bytes, the size is read from the
 * header and checked before anything is decoded, and decoders see only the parts of a file that hold pixels. What comes
 * out is upright, in sRGB, and without metadata: by the file's color profile if it has one for displays or cameras,
 * else by a PNG's gamma; a PNG's own primaries (cHRM) and code points for films (cICP) without a profile are not
 * heeded.
 */
final class PictureReader {
    private static final int CHUNK = 1 << 20;
    private static final int STRIP = 64;
    private static final int INKS = 4;
    private static final int YCCK = 2;
    private static final double SRGB_GAMMA = 2.2;
    private static final double NEAR = 0.05; // what eyes don't see
    private static final double LEAST_GAMMA = 0.05; // less is a mistake

    private PictureReader() {}

    /**
     * Decodes a picture; the first one of an animation.
     *
     * @throws BadPictureException if that can't or must not be done
     */
    static Picture read(byte[] file, Java2dLimits limits, StopSign stop) throws IOException {
        PictureHeader header = PictureHeader.parse(file);
        checkSize(header, limits);
        Picture stored = decode(file, header, stop);
        return upright(stored, header.orientation(), stop);
    }

    static void checkSize(PictureHeader header, Java2dLimits limits) throws BadPictureException {
        if (header.pixels() > limits.maxInputPixels()) {
            throw new BadPictureException(String.format(
                    Locale.ROOT,
                    "the picture has %d x %d pixels, %.1f megapixels; at most %s are taken",
                    header.width(),
                    header.height(),
                    header.pixels() / 1e6,
                    megapixels(limits.maxInputPixels())));
        }
    }

    /** A limit in words, such as {@code 50 megapixels}. */
    static String megapixels(long pixels) {
        return pixels % 1_000_000 == 0
                ? pixels / 1_000_000 + " megapixels"
                : String.format(Locale.ROOT, "%.2f megapixels", pixels / 1e6);
    }

    /** Reads a file to its end, if it is not too long. */
    static byte[] bytes(InputStream in, Java2dLimits limits, StopSign stop) throws IOException {
        byte[] bytes = new byte[0];
        while (true) {
            stop.check();
            byte[] more = in.readNBytes(bytes.length == 0 ? CHUNK : bytes.length);
            if (more.length == 0) {
                return bytes;
            }
            if ((long) bytes.length + more.length > limits.maxInputBytes()) {
                throw new BadPictureException("the file has more than " + limits.maxInputBytes() + " bytes");
            }
            byte[] joined = new byte[bytes.length + more.length];
            System.arraycopy(bytes, 0, joined, 0, bytes.length);
            System.arraycopy(more, 0, joined, bytes.length, more.length);
            bytes = joined;
        }
    }

    /** Opens a decoder for a file whose header is known. The caller disposes of it. */
    static ImageReader reader(PictureFormat format) throws BadPictureException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByMIMEType(format.contentType());
        ImageReader fallback = null;
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getName().startsWith("com.twelvemonkeys.")) {
                return reader;
            }
            fallback = fallback == null ? reader : fallback;
        }
        if (fallback == null) {
            throw new BadPictureException("this server can't read " + format + " pictures");
        }
        return fallback;
    }

    private static Picture decode(byte[] file, PictureHeader header, StopSign stop) throws IOException {
        ImageReader reader = reader(header.format());
        Watch watch = new Watch(stop);
        try (PartsInput in = new PartsInput(file, header.parts(), stop)) {
            reader.setInput(in, false, true);
            reader.addIIOReadProgressListener(watch);
            reader.addIIOReadWarningListener(watch);
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > header.pixels()) {
                throw new BadPictureException("the " + header.format() + " file contradicts itself");
            }
            ImageReadParam settings = new ImageReadParam();
            boolean inks = header.components() == INKS;
            Raster raster = inks ? reader.readRaster(0, settings) : null;
            BufferedImage image = inks ? null : reader.read(0, settings);
            stop.check();
            if (watch.cutOff) {
                throw new BadPictureException("the " + header.format() + " file is cut off or damaged");
            }
            if (raster != null) {
                return packInks(raster, header, stop);
            }
            return pack(Objects.requireNonNull(image), header, stop);
        } catch (BadPictureException | StopSign.StoppedException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // decoders answer nonsense with whatever they trip over
            stop.check();
            throw new BadPictureException("the " + header.format() + " file is cut off or damaged", e);
        } finally {
            reader.dispose();
        }
    }

    /** To packed sRGB, a strip at a time. */
    private static Picture pack(BufferedImage image, PictureHeader header, StopSign stop) throws IOException {
        int width = image.getWidth();
        int height = image.getHeight();
        BufferedImage source = tagged(image, header);
        boolean gray = source == image && isGray(source.getColorModel());
        boolean convert = !isPlain(source);
        int[] light = curve(header.gamma());
        boolean alpha = source.getColorModel().hasAlpha();
        Picture picture = Picture.empty(width, height);
        int[] pixels = picture.pixels();
        BufferedImage strip = new BufferedImage(width, Math.min(STRIP, height), BufferedImage.TYPE_INT_ARGB);
        ColorConvertOp toSrgb = new ColorConvertOp(
                new RenderingHints(RenderingHints.KEY_COLOR_RENDERING, RenderingHints.VALUE_COLOR_RENDER_QUALITY));
        boolean opaque = true;
        for (int y = 0; y < height; y += STRIP) {
            stop.check();
            int rows = Math.min(STRIP, height - y);
            BufferedImage part = source.getSubimage(0, y, width, rows);
            if (gray) {
                packGray(part, pixels, y * width);
            } else if (convert) {
                BufferedImage target = rows == strip.getHeight() ? strip : strip.getSubimage(0, 0, width, rows);
                toSrgb.filter(part, target);
                target.getRGB(0, 0, width, rows, pixels, y * width, width);
            } else {
                part.getRGB(0, 0, width, rows, pixels, y * width, width);
            }
            for (int i = y * width; i < (y + rows) * width; i++) {
                if (light.length > 0) {
                    int pixel = pixels[i];
                    pixels[i] = (pixel & Picture.OPAQUE)
                            | light[(pixel >> 16) & 255] << 16
                            | light[(pixel >> 8) & 255] << 8
                            | light[pixel & 255];
                }
                if (!alpha) {
                    pixels[i] |= Picture.OPAQUE;
                } else if (pixels[i] >>> 24 != 255) {
                    opaque = false;
                }
            }
        }
        return new Picture(width, height, pixels, opaque);
    }

    /** What samples of this gamma are in sRGB; empty if the same, as that of 1/2.2 is meant to be. */
    private static int[] curve(double gamma) {
        if (gamma < LEAST_GAMMA || Math.abs(gamma * SRGB_GAMMA - 1) < NEAR) {
            return new int[0];
        }
        int[] curve = new int[256];
        for (int i = 0; i < curve.length; i++) {
            curve[i] = Srgb.encoded((float) Math.pow(i / 255.0, 1 / gamma));
        }
        return curve;
    }

    /**
     * From the four inks of a JPEG, which Adobe's programs, and so all others, store inverted, to plain sRGB without a
     * press' profile: right in hue, not proof.
     */
    private static Picture packInks(Raster raster, PictureHeader header, StopSign stop) throws IOException {
        int width = raster.getWidth();
        Picture picture = Picture.empty(width, raster.getHeight());
        boolean inverted = header.adobeTransform() >= 0;
        int[] line = new int[width * INKS];
        for (int y = 0; y < raster.getHeight(); y++) {
            stop.check();
            raster.getPixels(0, y, width, 1, line);
            for (int x = 0; x < width; x++) {
                int a = line[INKS * x];
                int b = line[INKS * x + 1];
                int c = line[INKS * x + 2];
                int black = line[INKS * x + 3];
                if (header.adobeTransform() == YCCK) { // JFIF's YCbCr, of the inks
                    double cb = b - 128.0;
                    double cr = c - 128.0;
                    int luma = a;
                    a = cut(luma + 1.402 * cr);
                    b = cut(luma - 0.344136 * cb - 0.714136 * cr);
                    c = cut(luma + 1.772 * cb);
                }
                if (!inverted) {
                    a = 255 - a;
                    b = 255 - b;
                    c = 255 - c;
                    black = 255 - black;
                }
                picture.pixels()[y * width + x] =
                        Picture.OPAQUE | ((a * black / 255) << 16) | ((b * black / 255) << 8) | (c * black / 255);
            }
        }
        return picture;
    }

    private static int cut(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(value)));
    }

    private static boolean isGray(ColorModel model) {
        return !(model instanceof IndexColorModel) && model.getNumColorComponents() == 1;
    }

    /** Java takes gray for linear light and would make it paler; files mean the curve of sRGB. */
    private static void packGray(BufferedImage part, int[] pixels, int start) {
        int bands = part.getRaster().getNumBands();
        int max = (1 << part.getColorModel().getComponentSize(0)) - 1;
        int[] samples = part.getRaster()
                .getPixels(part.getMinX(), part.getMinY(), part.getWidth(), part.getHeight(), (int[]) null);
        for (int i = 0; i < samples.length / bands; i++) {
            int gray = (samples[i * bands] * 255 + max / 2) / max;
            int alpha = bands > 1 ? (samples[i * bands + 1] * 255 + max / 2) / max : 255;
            pixels[start + i] = alpha << 24 | gray << 16 | gray << 8 | gray;
        }
    }

    /** The same pixels with the file's own profile, if the decoder left it out and it fits. */
    private static BufferedImage tagged(BufferedImage image, PictureHeader header) {
        byte[] bytes = header.icc();
        ICC_Profile profile = bytes == null ? null : profile(bytes);
        if (profile == null) {
            return image;
        }
        ColorModel model = image.getColorModel();
        if (model instanceof IndexColorModel palette) {
            return profile.getNumComponents() == 3
                    ? new BufferedImage(converted(palette, profile), image.getRaster(), false, null)
                    : image;
        }
        if (!(model instanceof ComponentColorModel) || profile.getNumComponents() != model.getNumColorComponents()) {
            return image;
        }
        ComponentColorModel own = new ComponentColorModel(
                new ICC_ColorSpace(profile),
                model.hasAlpha(),
                model.isAlphaPremultiplied(),
                model.getTransparency(),
                model.getTransferType());
        WritableRaster raster = image.getRaster();
        return own.isCompatibleRaster(raster)
                ? new BufferedImage(own, raster, model.isAlphaPremultiplied(), null)
                : image;
    }

    /** The same palette in sRGB. */
    private static IndexColorModel converted(IndexColorModel palette, ICC_Profile profile) {
        int size = palette.getMapSize();
        int[] colors = new int[size];
        palette.getRGBs(colors);
        ComponentColorModel model = new ComponentColorModel(
                new ICC_ColorSpace(profile), false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);
        BufferedImage own = new BufferedImage(model, model.createCompatibleWritableRaster(size, 1), false, null);
        for (int i = 0; i < size; i++) {
            own.getRaster().setPixel(i, 0, new int[] {(colors[i] >> 16) & 255, (colors[i] >> 8) & 255, colors[i] & 255
            });
        }
        BufferedImage srgb = new BufferedImage(size, 1, BufferedImage.TYPE_INT_RGB);
        new ColorConvertOp(null).filter(own, srgb);
        for (int i = 0; i < size; i++) {
            colors[i] = (colors[i] & Picture.OPAQUE) | (srgb.getRGB(i, 0) & ~Picture.OPAQUE);
        }
        return new IndexColorModel(palette.getPixelSize(), size, colors, 0, true, -1, palette.getTransferType());
    }

    private static @Nullable ICC_Profile profile(byte[] bytes) {
        try {
            ICC_Profile profile = ICC_Profile.getInstance(bytes);
            boolean display = profile.getProfileClass() == ICC_Profile.CLASS_DISPLAY
                    || profile.getProfileClass() == ICC_Profile.CLASS_INPUT;
            return display ? profile : null;
        } catch (RuntimeException e) { // no usable profile is no reason to refuse a picture
            return null;
        }
    }

    private static boolean isPlain(BufferedImage image) {
        ColorModel model = image.getColorModel();
        return model instanceof IndexColorModel
                || (model.getColorSpace().isCS_sRGB() && model.getComponentSize(0) == 8);
    }

    /** Turns and flips a picture as its Exif orientation asks for. */
    static Picture upright(Picture stored, int orientation, StopSign stop) throws IOException {
        if (orientation == 1) {
            return stored;
        }
        int w = stored.width();
        int h = stored.height();
        boolean turned = orientation >= 5;
        Picture upright = new Picture(turned ? h : w, turned ? w : h, new int[w * h], stored.opaque());
        int[] from = stored.pixels();
        int[] to = upright.pixels();
        // where the first pixel of the stored picture goes, and how far one step right and one down move it
        int right = upright.width() - 1;
        int bottom = upright.height() - 1;
        int line = upright.width();
        int start = switch (orientation) {
            case 2, 6 -> right;
            case 3, 7 -> bottom * line + right;
            case 4, 8 -> bottom * line;
            default -> 0;
        };
        int stepX = switch (orientation) {
            case 2, 3 -> -1;
            case 5, 6 -> line;
            case 7, 8 -> -line;
            default -> 1;
        };
        int stepY = switch (orientation) {
            case 3, 4 -> -line;
            case 5, 8 -> 1;
            case 6, 7 -> -1;
            default -> line;
        };
        for (int y = 0; y < h; y++) {
            stop.check();
            int target = start + y * stepY;
            for (int i = y * w; i < (y + 1) * w; i++) {
                to[target] = from[i];
                target += stepX;
            }
        }
        return upright;
    }

    /** Draws with care; for small pictures. */
    static Graphics2D graphics(BufferedImage image) {
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setRenderingHint(RenderingHints.KEY_RENDERING, RenderingHints.VALUE_RENDER_QUALITY);
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
        return g;
    }

    /** Stops a decoder on the sign, and hears when it makes up missing pixels. */
    private static final class Watch implements IIOReadProgressListener, IIOReadWarningListener {
        private final StopSign stop;
        private boolean cutOff;

        Watch(StopSign stop) {
            this.stop = stop;
        }

        @Override
        public void warningOccurred(ImageReader source, String warning) {
            String text = warning.toLowerCase(Locale.ROOT);
            cutOff |= text.contains("premature") || text.contains("truncated") || text.contains("eoi");
        }

        @Override
        public void imageProgress(ImageReader source, float percentageDone) {
            if (stop.isRaised()) {
                source.abort();
            }
        }

        @Override
        public void sequenceStarted(ImageReader source, int minIndex) {}

        @Override
        public void sequenceComplete(ImageReader source) {}

        @Override
        public void imageStarted(ImageReader source, int imageIndex) {}

        @Override
        public void imageComplete(ImageReader source) {}

        @Override
        public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

        @Override
        public void thumbnailProgress(ImageReader source, float percentageDone) {}

        @Override
        public void thumbnailComplete(ImageReader source) {}

        @Override
        public void readAborted(ImageReader source) {}
    }
}
