package io.tollgate.java2d;

/** The curve between sRGB's 8 bits and linear light, as tables. IEC 61966-2-1. */
final class Srgb {
    private static final int STEPS = 1 << 14; // finer than the darkest of the 256 steps
    private static final float[] LINEAR = new float[256];
    private static final byte[] ENCODED = new byte[STEPS + 1];

    static {
        for (int i = 0; i < 256; i++) {
            double v = i / 255.0;
            LINEAR[i] = (float) (v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
        }
        for (int i = 0; i <= STEPS; i++) {
            double v = (double) i / STEPS;
            double encoded = v <= 0.0031308 ? v * 12.92 : 1.055 * Math.pow(v, 1 / 2.4) - 0.055;
            ENCODED[i] = (byte) Math.round(encoded * 255);
        }
    }

    private Srgb() {}

    /** From 0..255 to 0..1. */
    static float linear(int encoded) {
        return LINEAR[encoded];
    }

    /** From linear light, cut to 0..1, to 0..255. */
    static int encoded(float linear) {
        if (!(linear > 0)) {
            return 0;
        }
        return linear >= 1 ? 255 : ENCODED[(int) (linear * STEPS + 0.5f)] & 255;
    }

    /** The luma of a packed pixel, 0..255, by Rec. 709. */
    static int luma(int rgb) {
        return (54 * ((rgb >> 16) & 255) + 183 * ((rgb >> 8) & 255) + 19 * (rgb & 255) + 128) >> 8;
    }
}
