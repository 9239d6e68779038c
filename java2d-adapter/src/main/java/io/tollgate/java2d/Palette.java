package io.tollgate.java2d;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/*
 * Colors are counted in boxes of 5 bits a channel, and the space is cut in two where that lowers the squared error most,
 * until there are enough parts; the mean of a part is a color of the palette (after Wu, "Efficient statistical
 * computations for optimal color quantization", Graphics Gems II, 1991, but cutting at the mean of the axis with the
 * most variance). Dithering is ordered (a void-and-cluster-like 8 x 8 Bayer matrix): unlike error diffusion it doesn't
 * crawl from frame to frame.
 */
/** At most 256 colors that stand for all of a film, and the nearest one for each color. */
final class Palette {
    private static final int BITS = 5;
    private static final int SIDE = 1 << BITS;
    private static final int[] BAYER = bayer();

    private final int[] colors;
    private final byte[] nearest;
    private final float spread;

    private Palette(int[] colors, byte[] nearest, float spread) {
        this.colors = colors;
        this.nearest = nearest;
        this.spread = spread;
    }

    /** The colors, packed; at most as many as asked for. */
    int[] colors() {
        return colors;
    }

    /** The index for a pixel. */
    byte index(int rgb) {
        return nearest[cell(rgb)];
    }

    /** The index for the pixel at (x, y), dithered. */
    byte dithered(int rgb, int x, int y) {
        int shift = Math.round((BAYER[((y & 7) << 3) | (x & 7)] - 31.5f) * spread);
        int red = cut(((rgb >> 16) & 255) + shift);
        int green = cut(((rgb >> 8) & 255) + shift);
        int blue = cut((rgb & 255) + shift);
        return nearest[cell((red << 16) | (green << 8) | blue)];
    }

    private static int cell(int rgb) {
        return (((rgb >> 19) & 31) << 10) | (((rgb >> 11) & 31) << 5) | ((rgb >> 3) & 31);
    }

    private static int cut(int value) {
        return Math.max(0, Math.min(255, value));
    }

    private static int[] bayer() {
        int[] matrix = new int[64];
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 8; x++) {
                int value = 0;
                for (int bit = 0; bit < 3; bit++) {
                    int a = (x >> bit) & 1;
                    int b = (y >> bit) & 1;
                    value |= (((a ^ b) << 1) | b) << (2 * (2 - bit));
                }
                matrix[(y << 3) | x] = value;
            }
        }
        return matrix;
    }

    /** Counts colors for a palette. */
    static final class Builder {
        private final long[] count = new long[SIDE * SIDE * SIDE];
        private final long[][] sum = new long[3][SIDE * SIDE * SIDE];

        /** Counts every {@code every}th pixel. */
        Builder add(int[] pixels, int every) {
            for (int i = 0; i < pixels.length; i += every) {
                int cell = cell(pixels[i]);
                count[cell]++;
                sum[0][cell] += (pixels[i] >> 16) & 255;
                sum[1][cell] += (pixels[i] >> 8) & 255;
                sum[2][cell] += pixels[i] & 255;
            }
            return this;
        }

        Palette build(int most) {
            List<Box> boxes = new ArrayList<>();
            int[] cells = new int[count.length];
            int used = 0;
            for (int i = 0; i < count.length; i++) {
                if (count[i] > 0) {
                    cells[used++] = i;
                }
            }
            boxes.add(new Box(Arrays.copyOf(cells, used)));
            while (boxes.size() < most) {
                Box widest = boxes.stream()
                        .max(Comparator.comparingDouble(box -> box.error))
                        .orElseThrow();
                if (widest.error < 1e-6 || widest.cells.length < 2) {
                    break;
                }
                boxes.remove(widest);
                boxes.addAll(widest.split());
            }
            int[] colors = new int[boxes.size()];
            for (int i = 0; i < colors.length; i++) {
                colors[i] = boxes.get(i).color();
            }
            return new Palette(colors, nearest(colors), spread(colors));
        }

        private static byte[] nearest(int[] colors) {
            byte[] nearest = new byte[SIDE * SIDE * SIDE];
            for (int cell = 0; cell < nearest.length; cell++) {
                int red = ((cell >> 10) & 31) * 255 / 31;
                int green = ((cell >> 5) & 31) * 255 / 31;
                int blue = (cell & 31) * 255 / 31;
                int best = 0;
                int least = Integer.MAX_VALUE;
                for (int i = 0; i < colors.length; i++) {
                    int r = ((colors[i] >> 16) & 255) - red;
                    int g = ((colors[i] >> 8) & 255) - green;
                    int b = (colors[i] & 255) - blue;
                    int distance = 3 * r * r + 6 * g * g + 2 * b * b;
                    if (distance < least) {
                        least = distance;
                        best = i;
                    }
                }
                nearest[cell] = (byte) best;
            }
            return nearest;
        }

        /** How far dithering must reach: the usual distance of a color to its neighbor, over the matrix' 64 steps. */
        private static float spread(int[] colors) {
            double total = 0;
            for (int color : colors) {
                int least = Integer.MAX_VALUE;
                for (int other : colors) {
                    if (other != color) {
                        int r = ((color >> 16) & 255) - ((other >> 16) & 255);
                        int g = ((color >> 8) & 255) - ((other >> 8) & 255);
                        int b = (color & 255) - (other & 255);
                        least = Math.min(least, r * r + g * g + b * b);
                    }
                }
                total += least == Integer.MAX_VALUE ? 0 : Math.sqrt(least);
            }
            return (float) Math.min(24, total / colors.length) / 64;
        }

        /** A part of the color space. */
        private final class Box {
            private final int[] cells;
            private double error;
            private int axis;
            private double mean;

            Box(int[] cells) {
                this.cells = cells;
                long n = 0;
                for (int cell : cells) {
                    n += count[cell];
                }
                double most = -1;
                for (int channel = 0; channel < 3; channel++) {
                    double total = 0;
                    double squares = 0;
                    for (int cell : cells) {
                        double value = (double) sum[channel][cell] / count[cell];
                        total += value * count[cell];
                        squares += value * value * count[cell];
                    }
                    double variance = n == 0 ? 0 : squares - total * total / n;
                    error += variance;
                    if (variance > most) {
                        most = variance;
                        axis = channel;
                        mean = n == 0 ? 0 : total / n;
                    }
                }
            }

            List<Box> split() {
                int[] low = new int[cells.length];
                int[] high = new int[cells.length];
                int lows = 0;
                int highs = 0;
                for (int cell : cells) {
                    if ((double) sum[axis][cell] / count[cell] <= mean) {
                        low[lows++] = cell;
                    } else {
                        high[highs++] = cell;
                    }
                }
                return List.of(new Box(Arrays.copyOf(low, lows)), new Box(Arrays.copyOf(high, highs)));
            }

            int color() {
                long n = 0;
                long[] total = new long[3];
                for (int cell : cells) {
                    n += count[cell];
                    for (int channel = 0; channel < 3; channel++) {
                        total[channel] += sum[channel][cell];
                    }
                }
                long half = Math.max(1, n) / 2;
                n = Math.max(1, n);
                return (int)
                        ((((total[0] + half) / n) << 16) | (((total[1] + half) / n) << 8) | ((total[2] + half) / n));
            }
        }
    }
}
