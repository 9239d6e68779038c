package io.tollgate.java2d;

import java.io.IOException;
import java.util.Arrays;

/*
 * Lanczos (three lobes) in linear light, so that fine bright and dark detail keeps its brightness. Scaling up, what the
 * lobes overshoot is pulled most of the way back between the two nearest pixels, row-wise and column-wise, so that edges
 * get no halos. Scaling down, the kernel is widened, so that nothing flickers. Transparent pixels have no say in colors.
 * Holds as many rows as the kernel is high: memory is some hundred bytes for each pixel of one result row.
 */
/** Scales rows to another size. */
final class ScaleRows implements Rows {
    private static final float LOBES = 3;
    private static final float CALM = 0.8f;

    private final Rows source;
    private final int width;
    private final int height;
    private final int channels;
    private final Taps across;
    private final Taps down;
    private final int[] row;
    private final float[] line;
    private final float[][] ring;
    private final float[] sum;
    private int loaded;
    private int y;

    ScaleRows(Rows source, int width, int height) {
        this.source = source;
        this.width = width;
        this.height = height;
        channels = source.opaque() ? 3 : 4;
        across = Taps.of(source.width(), width);
        down = Taps.of(source.height(), height);
        row = new int[source.width()];
        line = new float[source.width() * channels];
        ring = new float[down.count][width * channels];
        sum = new float[width * channels];
    }

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
        return source.opaque();
    }

    @Override
    public void next(int[] out) throws IOException {
        int first = down.first[y];
        while (loaded < first + down.count && loaded < source.height()) {
            source.next(row);
            toLinear();
            across(ring[loaded % down.count]);
            loaded++;
        }
        Arrays.fill(sum, 0);
        for (int tap = 0; tap < down.count; tap++) {
            float weight = down.weights[y * down.count + tap];
            if (weight != 0) {
                add(ring[(first + tap) % down.count], weight);
            }
        }
        if (down.up) {
            calm(ring[down.near[y] % down.count], ring[Math.min(down.near[y] + 1, source.height() - 1) % down.count]);
        }
        toPacked(out);
        y++;
    }

    private void toLinear() {
        int at = 0;
        for (int pixel : row) {
            float r = Srgb.linear((pixel >> 16) & 255);
            float g = Srgb.linear((pixel >> 8) & 255);
            float b = Srgb.linear(pixel & 255);
            if (channels == 4) {
                float alpha = (pixel >>> 24) / 255f;
                line[at++] = r * alpha;
                line[at++] = g * alpha;
                line[at++] = b * alpha;
                line[at++] = alpha;
            } else {
                line[at++] = r;
                line[at++] = g;
                line[at++] = b;
            }
        }
    }

    private void across(float[] out) {
        int last = (source.width() - 1) * channels;
        int at = 0;
        for (int x = 0; x < width; x++) {
            int from = across.first[x] * channels;
            int weights = x * across.count;
            int near = across.near[x] * channels;
            int next = Math.min(near + channels, last);
            for (int c = 0; c < channels; c++) {
                float value = 0;
                int index = from + c;
                for (int tap = weights; tap < weights + across.count; tap++) {
                    value += across.weights[tap] * line[index];
                    index += channels;
                }
                out[at++] = across.up ? calm(value, line[near + c], line[next + c]) : value;
            }
        }
    }

    private void add(float[] from, float weight) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * from[i];
        }
    }

    private void calm(float[] above, float[] below) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] = calm(sum[i], above[i], below[i]);
        }
    }

    private static float calm(float value, float a, float b) {
        float within = Math.max(Math.min(a, b), Math.min(Math.max(a, b), value));
        return value + CALM * (within - value);
    }

    private void toPacked(int[] out) {
        int at = 0;
        for (int x = 0; x < width; x++) {
            float r = sum[at++];
            float g = sum[at++];
            float b = sum[at++];
            int alpha = 255;
            if (channels == 4) {
                float a = Math.max(0, Math.min(1, sum[at++]));
                alpha = Math.round(a * 255);
                if (alpha > 0) {
                    r /= a;
                    g /= a;
                    b /= a;
                }
            }
            out[x] = alpha << 24 | Srgb.encoded(r) << 16 | Srgb.encoded(g) << 8 | Srgb.encoded(b);
        }
    }

    /** Which source positions make up each result position, along one axis. */
    private static final class Taps {
        private final int count;
        private final boolean up;
        private final int[] first;
        private final int[] near;
        private final float[] weights;

        private Taps(int count, boolean up, int results) {
            this.count = count;
            this.up = up;
            first = new int[results];
            near = new int[results];
            weights = new float[results * count];
        }

        static Taps of(int from, int to) {
            double ratio = (double) from / to;
            double wide = Math.max(1, ratio);
            int wanted = (int) Math.ceil(LOBES * wide) * 2;
            Taps taps = new Taps(Math.min(wanted, from), to > from, to);
            for (int i = 0; i < to; i++) {
                double center = (i + 0.5) * ratio - 0.5;
                int begin = (int) Math.floor(center) - wanted / 2 + 1;
                int start = Math.max(0, Math.min(begin, from - taps.count));
                double total = 0;
                double[] own = new double[taps.count];
                for (int k = begin; k < begin + wanted; k++) {
                    double weight = lanczos((k - center) / wide);
                    // past the border the outermost pixel goes on
                    own[Math.max(0, Math.min(k, from - 1)) - start] += weight;
                    total += weight;
                }
                for (int k = 0; k < taps.count; k++) {
                    taps.weights[i * taps.count + k] = (float) (own[k] / total);
                }
                taps.first[i] = start;
                taps.near[i] = Math.max(0, Math.min((int) Math.floor(center), from - 1));
            }
            return taps;
        }

        private static double lanczos(double x) {
            if (Math.abs(x) < 1e-9) {
                return 1;
            }
            if (Math.abs(x) >= LOBES) {
                return 0;
            }
            double t = Math.PI * x;
            return LOBES * Math.sin(t) * Math.sin(t / LOBES) / (t * t);
        }
    }
}
