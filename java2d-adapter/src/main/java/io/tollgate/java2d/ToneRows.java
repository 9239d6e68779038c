package io.tollgate.java2d;

import java.io.IOException;

/*
 * Stretches the luma between its darkest and brightest half percent, and lifts or lowers the middle a little if the
 * picture is dark or pale. Works on luma alone and keeps the hue: no color cast. Gentle: the gain is bounded, and a fog
 * or a night stays one.
 */
/** Gives flat pictures more contrast, and leaves good ones nearly alone. */
final class ToneRows implements Rows {
    private static final double TAIL = 0.005;
    private static final double MAX_GAIN = 1.7;
    private static final double WHOLE = 0.85;

    private final Rows source;
    private final float[] target = new float[256];
    private final float[] color = new float[256];

    ToneRows(Rows source, Picture measured, StopSign stop) throws IOException {
        this.source = source;
        learn(histogram(measured, stop));
    }

    private static long[] histogram(Picture picture, StopSign stop) throws IOException {
        long[] counts = new long[256];
        for (int y = 0; y < picture.height(); y += 2) {
            stop.check();
            for (int x = y / 2 % 2; x < picture.width(); x += 2) {
                int pixel = picture.pixels()[y * picture.width() + x];
                if (pixel >>> 24 > 127) {
                    counts[Srgb.luma(pixel)]++;
                }
            }
        }
        return counts;
    }

    private void learn(long[] counts) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        double low = percentile(counts, total, TAIL);
        double high = percentile(counts, total, 1 - TAIL);
        double middle = percentile(counts, total, 0.5);
        if (high - low < 8) { // a flat color is meant to be one
            low = 0;
            high = 255;
            middle = 128;
        }
        double gain = 255 / (high - low);
        if (gain > MAX_GAIN) { // keep the middle of the range where it is
            double center = low / (255 - (high - low)); // how much of the free room lies below
            double range = 255 / MAX_GAIN;
            low = low - center * (range - (high - low));
            high = low + range;
        }
        double where = Math.max(0.02, Math.min(0.98, (middle - low) / (high - low)));
        double gamma = Math.max(0.85, Math.min(1.12, Math.log(0.45) / Math.log(where)));
        for (int i = 0; i < 256; i++) {
            double stretched = Math.max(0, Math.min(1, (i - low) / (high - low)));
            double toned = 255 * Math.pow(stretched, gamma);
            target[i] = (float) (i + WHOLE * (toned - i));
            double ratio = i == 0 ? 1 : target[i] / i;
            color[i] = (float) Math.max(0.8, Math.min(1.35, ratio));
        }
    }

    private static double percentile(long[] counts, long total, double part) {
        long sum = 0;
        for (int i = 0; i < 256; i++) {
            sum += counts[i];
            if (sum >= part * total) {
                return i;
            }
        }
        return 255;
    }

    @Override
    public int width() {
        return source.width();
    }

    @Override
    public int height() {
        return source.height();
    }

    @Override
    public boolean opaque() {
        return source.opaque();
    }

    @Override
    public void next(int[] row) throws IOException {
        source.next(row);
        for (int x = 0; x < row.length; x++) {
            int pixel = row[x];
            int luma = Srgb.luma(pixel);
            float to = target[luma];
            float red = ((pixel >> 16) & 255) - luma;
            float green = ((pixel >> 8) & 255) - luma;
            float blue = (pixel & 255) - luma;
            float strength = color[luma];
            float up = Math.max(red, Math.max(green, blue)) * strength;
            float down = Math.min(red, Math.min(green, blue)) * strength;
            // less colorful rather than cut off, which would change the hue
            if (to + up > 255) {
                strength *= (255 - to) / up;
                down = Math.min(red, Math.min(green, blue)) * strength;
            }
            if (to + down < 0) {
                strength *= -to / down;
            }
            row[x] = (pixel & Picture.OPAQUE)
                    | cut(to + red * strength) << 16
                    | cut(to + green * strength) << 8
                    | cut(to + blue * strength);
        }
    }

    private static int cut(float value) {
        return Math.max(0, Math.min(255, Math.round(value)));
    }
}
