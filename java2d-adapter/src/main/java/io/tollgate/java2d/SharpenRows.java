package io.tollgate.java2d;

/*
 * Unsharp masking of the luma alone, so colors stay. Differences as small as grain are left, and no pixel gets much
 * brighter or darker than the brightest and darkest around it, so edges get no halos.
 */
/** Makes the edges of rows crisper. */
final class SharpenRows extends WindowRows {
    private static final float GRAIN = 1.5f;

    private final float amount;
    private final float leeway;
    private final int stride;
    private final float[] kernel;
    private final float[][] luma;
    private final float[][] blurred;

    /**
     * @param strength over 0, at most 1
     * @param scale how much the picture was scaled up before, at least 1: its edges are that much wider
     */
    SharpenRows(Rows source, double strength, int scale) {
        super(source, reach(scale));
        amount = (float) (1.6 * strength);
        leeway = (float) (1 + 5 * strength);
        stride = scale;
        int reach = reach(scale);
        double spread = 0.9 * scale;
        kernel = new float[2 * reach + 1];
        float total = 0;
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] = (float) Math.exp(-(i - reach) * (i - reach) / (2 * spread * spread));
            total += kernel[i];
        }
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] /= total;
        }
        luma = new float[kernel.length][source.width()];
        blurred = new float[kernel.length][source.width()];
    }

    private static int reach(int scale) {
        return 2 * scale;
    }

    @Override
    void arrived(int at, int[] pixels) {
        float[] own = luma[slot(at)];
        float[] out = blurred[slot(at)];
        int width = pixels.length;
        int reach = kernel.length / 2;
        for (int x = 0; x < width; x++) {
            int p = pixels[x];
            own[x] = 0.2126f * ((p >> 16) & 255) + 0.7152f * ((p >> 8) & 255) + 0.0722f * (p & 255);
        }
        for (int x = 0; x < width; x++) {
            float sum = 0;
            boolean inner = x >= reach && x < width - reach;
            for (int k = 0; k < kernel.length; k++) {
                int from = x + k - reach;
                sum += kernel[k] * own[inner ? from : Math.max(0, Math.min(from, width - 1))];
            }
            out[x] = sum;
        }
    }

    @Override
    void make(int at, int[] row) {
        int reach = kernel.length / 2;
        int width = row.length;
        float[] mean = new float[width];
        for (int k = 0; k < kernel.length; k++) {
            float weight = kernel[k];
            float[] from = blurred[slot(at + k - reach)];
            for (int x = 0; x < width; x++) {
                mean[x] += weight * from[x];
            }
        }
        float[] above = luma[slot(at - stride)];
        float[] own = luma[slot(at)];
        float[] below = luma[slot(at + stride)];
        int[] pixels = source(at);
        for (int x = 0; x < width; x++) {
            float detail = own[x] - mean[x];
            float size = Math.abs(detail) - GRAIN;
            int pixel = pixels[x];
            if (size > 0) {
                int left = Math.max(0, x - stride);
                int right = Math.min(width - 1, x + stride);
                float low = Math.min(
                        Math.min(min(above, left, x, right), min(own, left, x, right)), min(below, left, x, right));
                float high = Math.max(
                        Math.max(max(above, left, x, right), max(own, left, x, right)), max(below, left, x, right));
                float sharp = own[x] + Math.copySign(amount * size, detail);
                sharp = Math.max(low - leeway, Math.min(high + leeway, sharp));
                int change = Math.round(sharp - own[x]);
                pixel = (pixel & Picture.OPAQUE)
                        | cut(((pixel >> 16) & 255) + change) << 16
                        | cut(((pixel >> 8) & 255) + change) << 8
                        | cut((pixel & 255) + change);
            }
            row[x] = pixel;
        }
    }

    private static float min(float[] v, int a, int b, int c) {
        return Math.min(v[a], Math.min(v[b], v[c]));
    }

    private static float max(float[] v, int a, int b, int c) {
        return Math.max(v[a], Math.max(v[b], v[c]));
    }

    private static int cut(int value) {
        return Math.max(0, Math.min(255, value));
    }
}
