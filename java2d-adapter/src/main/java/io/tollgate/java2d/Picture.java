package io.tollgate.java2d;

import java.awt.Point;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBufferInt;
import java.awt.image.DirectColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;

/**
 * A decoded picture in memory: sRGB, 8 bits a channel, packed as {@code 0xAARRGGBB}, not premultiplied, row by row from
 * the top. 4 bytes a pixel.
 */
final class Picture {
    static final int OPAQUE = 0xff000000;

    private final int width;
    private final int height;
    private final int[] pixels;
    private final boolean opaque;

    /** @param opaque whether every alpha is 255 */
    Picture(int width, int height, int[] pixels, boolean opaque) {
        this.width = width;
        this.height = height;
        this.pixels = pixels;
        this.opaque = opaque;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** Its own array, not a copy. */
    int[] pixels() {
        return pixels;
    }

    /** Whether every alpha is 255. */
    boolean opaque() {
        return opaque;
    }

    static Picture empty(int width, int height) {
        return new Picture(width, height, new int[Math.multiplyExact(width, height)], true);
    }

    /** Pulls all rows. */
    static Picture of(Rows rows, StopSign stop) throws IOException {
        int width = rows.width();
        int[] pixels = new int[Math.multiplyExact(width, rows.height())];
        int[] row = new int[width];
        for (int y = 0; y < rows.height(); y++) {
            stop.check();
            rows.next(row);
            System.arraycopy(row, 0, pixels, y * width, width);
        }
        return new Picture(width, rows.height(), pixels, rows.opaque());
    }

    /** Its rows, from the top. */
    Rows rows() {
        return new Rows() {
            private int y;

            @Override
            public int width() {
                return width;
            }

            @Override
            public int height() {
                return height;
            }

            @Override
            public boolean opaque() {
                return opaque;
            }

            @Override
            public void next(int[] row) {
                System.arraycopy(pixels, y * width, row, 0, width);
                y++;
            }
        };
    }

    /** A view on the same pixels that can be drawn on and drawn. */
    BufferedImage image() {
        DirectColorModel model = opaque
                ? new DirectColorModel(24, 0xff0000, 0xff00, 0xff)
                : (DirectColorModel) ColorModel.getRGBdefault();
        int[] masks = opaque ? new int[] {0xff0000, 0xff00, 0xff} : new int[] {0xff0000, 0xff00, 0xff, OPAQUE};
        WritableRaster raster = Raster.createPackedRaster(
                new DataBufferInt(pixels, pixels.length), width, height, width, masks, new Point());
        return new BufferedImage(model, raster, false, null);
    }

    /** The same over one color, without transparency; itself if it has none. Changes this one's pixels. */
    Picture flatten(int rgb, StopSign stop) throws IOException {
        if (opaque) {
            return this;
        }
        for (int y = 0; y < height; y++) {
            stop.check();
            for (int i = y * width; i < (y + 1) * width; i++) {
                pixels[i] = over(pixels[i], rgb);
            }
        }
        return new Picture(width, height, pixels, true);
    }

    /** This one, scaled with care to exactly this size. */
    Picture scale(int newWidth, int newHeight, StopSign stop) throws IOException {
        return newWidth == width && newHeight == height ? this : of(new ScaleRows(rows(), newWidth, newHeight), stop);
    }

    /** This one, scaled down so that neither side is longer than {@code side}; itself if none is. */
    Picture fit(int side, StopSign stop) throws IOException {
        int longer = Math.max(width, height);
        if (longer <= side) {
            return this;
        }
        double scale = (double) side / longer;
        return scale((int) Math.max(1, Math.round(width * scale)), (int) Math.max(1, Math.round(height * scale)), stop);
    }

    /** A part of it; itself if that is all of it. */
    Picture cut(int left, int top, int cutWidth, int cutHeight) {
        if (cutWidth == width && cutHeight == height) {
            return this;
        }
        int[] part = new int[cutWidth * cutHeight];
        for (int y = 0; y < cutHeight; y++) {
            System.arraycopy(pixels, (top + y) * width + left, part, y * cutWidth, cutWidth);
        }
        return new Picture(cutWidth, cutHeight, part, opaque);
    }

    static int over(int argb, int rgb) {
        int alpha = argb >>> 24;
        if (alpha == 255) {
            return argb;
        }
        int red = mix((argb >> 16) & 255, (rgb >> 16) & 255, alpha);
        int green = mix((argb >> 8) & 255, (rgb >> 8) & 255, alpha);
        int blue = mix(argb & 255, rgb & 255, alpha);
        return OPAQUE | red << 16 | green << 8 | blue;
    }

    private static int mix(int above, int below, int alpha) {
        return (above * alpha + below * (255 - alpha) + 127) / 255;
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
