package io.tollgate.java2d;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.ImageIO;

/** Pictures to test with: soft shapes, edges and grain, as photos have; the same each time. */
final class Photos {
    private Photos() {}

    static Picture photo(int width, int height) {
        int[] pixels = new int[width * height];
        Random random = new Random(7);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double u = (double) x / width;
                double v = (double) y / height;
                boolean sun = Math.hypot(u - 0.7, (v - 0.3) * height / width) < 0.1;
                boolean hill = v > 0.65 + 0.1 * Math.sin(u * 9);
                double noise = random.nextGaussian() * 4;
                double r = hill ? 40 + 60 * u : sun ? 250 : 120 + 90 * v;
                double g = hill ? 90 - 30 * v : sun ? 235 : 160 + 40 * v;
                double b = hill ? 50 : sun ? 190 : 220 - 60 * v;
                pixels[y * width + x] =
                        Picture.OPAQUE | (cut(r + noise) << 16) | (cut(g + noise) << 8) | cut(b + noise);
            }
        }
        return new Picture(width, height, pixels, true);
    }

    static byte[] jpeg(int width, int height) {
        return encoded(rgb(photo(width, height)), "jpeg");
    }

    static byte[] png(int width, int height) {
        return encoded(rgb(photo(width, height)), "png");
    }

    static byte[] gif(int width, int height) {
        return encoded(rgb(photo(width, height)), "gif");
    }

    static BufferedImage rgb(Picture picture) {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_3BYTE_BGR);
        image.setRGB(0, 0, picture.width(), picture.height(), picture.pixels(), 0, picture.width());
        return image;
    }

    static byte[] encoded(BufferedImage image, String format) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            if (!ImageIO.write(image, format, out)) {
                throw new AssertionError("no writer for " + format);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int cut(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(value)));
    }
}
