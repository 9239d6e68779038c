package io.tollgate.java2d;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Computes the sample photo of {@code tollgate demo}: mountains over a lake in evening light, from nothing but noise,
 * so that it is ours. Run {@link #main} with the path of the file to write; the same code gives the same picture.
 */
final class SampleLandscape {
    private static final int WIDTH = 1600;
    private static final int HEIGHT = 1066;
    private static final int FINE = 2; // computed at twice the size and scaled down
    private static final double[] SUN = unit(-0.80, 0.36, -0.30);
    private static final double EYE = 0.035;
    private static final double FOCAL = 1.6;

    private final int w = WIDTH * FINE;
    private final int h = HEIGHT * FINE;
    private final int horizon = (int) (h * 0.60);
    private final double[][] light = new double[3][w * h];

    private SampleLandscape() {}

    public static void main(String[] args) throws IOException {
        StopSign never = new StopSign();
        Picture picture = new SampleLandscape().picture().scale(WIDTH, HEIGHT, never);
        try (OutputStream out = Files.newOutputStream(Path.of(args[0]))) {
            JpegWriter.write(picture.rows(), out, never, y -> {});
        }
    }

    private Picture picture() {
        for (int x = 0; x < w; x++) {
            sky(x);
            land(x);
        }
        water();
        trees();
        Picture picture = Picture.empty(w, h);
        for (int i = 0; i < w * h; i++) {
            int row = i / w;
            double across = (double) (i % w) / w - 0.5;
            double down = (double) row / h - 0.5;
            double vignette = 1 - 0.22 * Math.pow(Math.hypot(across, down) * 1.4, 2.4);
            int pixel = Picture.OPAQUE;
            for (int c = 0; c < 3; c++) {
                double v = Math.max(0, light[c][i]) * vignette * 1.0;
                double film = v * (2.51 * v + 0.03) / (v * (2.43 * v + 0.59) + 0.14); // Narkowicz' ACES fit
                double dither = (hash(i, c) - 0.5) / 255;
                pixel |= Srgb.encoded((float) (film + dither * film)) << (16 - 8 * c);
            }
            picture.pixels()[i] = pixel;
        }
        return picture;
    }

    private void set(int x, int y, double[] color) {
        for (int c = 0; c < 3; c++) {
            light[c][y * w + x] = color[c];
        }
    }

    private void sky(int x) {
        for (int y = 0; y <= horizon; y++) {
            set(x, y, skyAt((x - w / 2.0) / h / FOCAL, (horizon - y) / (double) h / FOCAL));
        }
    }

    private static double[] skyAt(double dx, double up) {
        double t = Math.min(1, Math.max(0, up) / 0.5);
        double warm = Math.exp(-t * 5.2);
        double[] color = mix(new double[] {0.055, 0.125, 0.30}, new double[] {0.23, 0.34, 0.52}, Math.exp(-t * 2.2));
        double side = 0.55 + 0.45 * Math.exp(-Math.pow((dx + 0.5) * 1.6, 2));
        color = mix(color, new double[] {1.05, 0.62, 0.36}, warm * 0.85 * side);
        // clouds lie on a plane: near the horizon they are far and flat
        double depth = 1 / (up + 0.10);
        double u = dx * depth * 1.3;
        double v = depth * 1.9;
        double cover = fbm(u + 3.1, v * 0.9 + 8.4, 6) + 0.35 * fbm(u * 0.35 + 20, v * 0.3, 3);
        double density = smooth(0.08, 0.55, cover) * smooth(0.0, 0.10, up) * (1 - 0.35 * smooth(0.25, 0.5, up));
        double lit = smooth(-0.25, 0.35, fbm(u + 3.1, v * 0.9 + 8.4, 6) - fbm(u + 2.9, v * 0.9 + 8.7, 6));
        double[] cloud = mix(
                new double[] {0.30, 0.27, 0.36},
                new double[] {1.25, 0.80, 0.58},
                0.25 + 0.75 * lit * (0.45 + 0.55 * Math.exp(-t * 1.5)));
        return mix(color, cloud, density * 0.78);
    }

    /** Marches along one column from near to far and draws what rises above the nearer ground. */
    private void land(int x) {
        double dx = (x - w / 2.0) / h / FOCAL;
        int top = horizon + 1;
        double z = 1.2;
        while (z < 26 && top > 0) {
            double px = dx * z;
            double ground = ground(px, z);
            int y = (int) (horizon - (ground - EYE * 0.2) / z * h * FOCAL);
            if (ground > 0 && y < top) {
                double[] color = landAt(px, z, ground, dx);
                for (int row = Math.max(0, y); row < top; row++) {
                    set(x, row, color);
                }
                top = Math.max(0, y);
            }
            z *= 1.0011;
        }
    }

    private static double ground(double x, double z) {
        double warpX = x + 0.28 * fbm(x * 0.5 + 5, z * 0.5, 3);
        double warpZ = z + 0.28 * fbm(x * 0.5, z * 0.5 + 9, 3);
        double ridge = ridged(warpX * 0.30 + 1.7, warpZ * 0.30 + 4.2, 10);
        double rise = smooth(4.2, 12.5, z + 1.1 * fbm(x * 0.4, 3.3, 2));
        double valley = 0.34 + 0.66 * smooth(0.4, 4.2, Math.abs(x + 0.25 * (z - 8)));
        double peaks = 2.5 * ridge * rise * valley;
        double hills =
                0.32 * (fbm(x * 0.8 + 11, z * 0.8, 7) + 0.25) * smooth(2.6, 5, z) * smooth(0.2, 2.2, Math.abs(x));
        return peaks + hills - 0.10 + 0.10 * smooth(3.2, 5.0, z + 1.2 * fbm(x * 0.7, 1.5, 3));
    }

    private static double[] landAt(double x, double z, double ground, double dx) {
        double e = 0.0022 * z;
        double nx = ground(x - e, z) - ground(x + e, z);
        double nz = ground(x, z - e) - ground(x, z + e);
        double[] normal = unit(nx, 2 * e, nz);
        double sun = Math.max(0, normal[0] * SUN[0] + normal[1] * SUN[1] + normal[2] * SUN[2]);
        // a few steps towards the sun tell whether something stands in its light
        double shadow = 1;
        for (int step = 1; step <= 14; step++) {
            double t = 0.05 * step * step * 0.35;
            double over = ground(x + SUN[0] * t, z + SUN[2] * t) - (ground + SUN[1] * t);
            shadow = Math.min(shadow, 1 - smooth(-0.02, 0.06 + 0.03 * t, over));
        }
        double steep = 1 - normal[1];
        double patch = fbm(x * 6, z * 6, 5);
        double[] rock = mix(new double[] {0.085, 0.075, 0.072}, new double[] {0.21, 0.175, 0.15}, 0.5 + patch);
        double[] grass = mix(
                new double[] {0.050, 0.075, 0.028}, new double[] {0.13, 0.125, 0.045}, 0.5 + fbm(x * 14, z * 14, 4));
        double[] forest = mix(
                new double[] {0.014, 0.030, 0.016}, new double[] {0.035, 0.055, 0.024}, 0.5 + fbm(x * 40, z * 40, 4));
        double high = ground + 0.25 * patch;
        double[] color = mix(forest, grass, smooth(0.22, 0.55, high + 0.3 * fbm(x * 2.2, z * 2.2, 4)));
        color = mix(color, rock, Math.max(smooth(0.42, 0.85, high), smooth(0.34, 0.5, steep)));
        double snow = smooth(0.72, 1.15, ground + 0.45 * patch) * (1 - smooth(0.30, 0.46, steep + 0.25 * patch));
        color = mix(color, new double[] {0.86, 0.88, 0.93}, snow);
        double sky = 0.5 + 0.5 * normal[1];
        double[] shaded = new double[3];
        double[] sunlight = {2.75, 1.72, 1.02};
        double[] skylight = {0.30, 0.39, 0.60};
        for (int c = 0; c < 3; c++) {
            shaded[c] = color[c] * (sun * shadow * sunlight[c] + sky * skylight[c] + 0.03);
        }
        double haze = 1 - Math.exp(-Math.max(0, z - 3) * 0.038 - 0.16 * Math.exp(-ground * 5) * smooth(3.5, 9, z));
        double[] air = mix(
                new double[] {0.36, 0.42, 0.56},
                new double[] {0.82, 0.58, 0.46},
                0.55 * Math.exp(-Math.pow((dx + 0.5) * 1.6, 2)));
        return mix(shaded, air, haze);
    }

    /** The lake mirrors what is above it, the less the steeper one looks down, and stretched by small waves. */
    private void water() {
        for (int y = horizon + 1; y < h; y++) {
            double down = (y - horizon) / (double) h / FOCAL;
            double far = EYE * 6 / down;
            double sharp = Math.min(1, down * 9);
            for (int x = 0; x < w; x++) {
                double dx = (x - w / 2.0) / h / FOCAL;
                double px = dx * far;
                double wave = fbm(px * 9, far * 30, 4) * 0.6 + fbm(px * 34 + 7, far * 95, 3) * 0.4;
                double breeze = smooth(-0.15, 0.4, fbm(px * 0.9 + 4, far * 2.4 + 2, 3));
                double strength = (0.25 + 0.75 * breeze) * sharp;
                int fromY = (int) Math.round(2 * horizon - y + wave * strength * h * 0.05 - strength * h * 0.004);
                int fromX = (int) Math.round(x + wave * strength * h * 0.006);
                int at = Math.max(0, Math.min(horizon, fromY)) * w + Math.max(0, Math.min(w - 1, fromX));
                double mirror = 0.90 - 0.62 * Math.pow(Math.min(1, down / 0.42), 0.8) + 0.05 * wave;
                double[] deep = {0.012, 0.036, 0.050};
                double[] color = new double[3];
                for (int c = 0; c < 3; c++) {
                    color[c] = light[c][at] * mirror + deep[c] * (1 - mirror) * 2;
                }
                double mist = 0.30 * Math.exp(-down * 46);
                set(x, y, mix(color, new double[] {0.62, 0.54, 0.52}, mist));
            }
        }
    }

    /** Dark firs on the near bank frame the view. */
    private void trees() {
        double[] bank = new double[w];
        for (int x = 0; x < w; x++) {
            double u = (double) x / w;
            double left = 0.135 * Math.pow(Math.max(0, 1 - u / 0.46), 1.3);
            double right = 0.10 * Math.pow(Math.max(0, (u - 0.66) / 0.34), 1.4);
            bank[x] = h * (1.004 - left - right - 0.012 * fbm(u * 14, 2.2, 5));
            for (int y = (int) Math.max(0, bank[x]); y < h; y++) {
                double depth = (y - bank[x]) / (0.06 * h);
                double tuft = 0.5 + fbm(x * 0.035, y * 0.08, 5);
                double rim = Math.exp(-depth * 2.2);
                set(x, y, new double[] {
                    0.010 + 0.050 * tuft * rim, 0.013 + 0.045 * tuft * rim, 0.007 + 0.016 * tuft * rim
                });
            }
        }
        double[][] places = {
            {0.008, 0.40}, {0.036, 0.52}, {0.066, 0.33}, {0.094, 0.44}, {0.128, 0.28}, {0.152, 0.20}, {0.187, 0.24},
            {0.222, 0.13}, {0.262, 0.10}, {0.86, 0.12}, {0.893, 0.21}, {0.925, 0.30}, {0.957, 0.24}, {0.985, 0.38}
        };
        for (double[] place : places) {
            fir((int) (place[0] * w), place[1] * h, bank);
        }
    }

    private void fir(int middle, double size, double[] bank) {
        double foot = bank[Math.max(0, Math.min(w - 1, middle))] + 0.012 * h;
        double half = size * 0.17;
        for (int y = (int) (foot - size); y < foot; y++) {
            if (y < 0 || y >= h) {
                continue;
            }
            double t = (y - (foot - size)) / size;
            for (int x = (int) (middle - half * 1.3); x <= middle + half * 1.3; x++) {
                if (x < 0 || x >= w) {
                    continue;
                }
                double away = Math.abs(x - middle);
                // branches droop: tiers whose lower rim hangs outwards
                double tiers = 15 + size / h * 12;
                double tier = (t - 0.22 * away / size) * tiers
                        + 1.1 * fbm(middle * 0.37 + (x < middle ? 5 : 9), t * tiers * 0.7, 2);
                double part = tier - Math.floor(tier);
                double reach = half
                        * Math.pow(t, 0.82)
                        * (0.42 + 0.58 * part)
                        * (0.86 + 0.5 * fbm(x * 0.045 + middle, y * 0.06, 4));
                double trunk = size * 0.008 * (0.3 + t);
                if (away < Math.max(reach, trunk) && t < 0.985) {
                    double rim = smooth(0.35, 1.0, away / Math.max(1, reach)) * (x < middle ? 1 : 0.12);
                    double needles = 0.5 + fbm(x * 0.14, y * 0.2, 4);
                    set(x, y, new double[] {
                        0.006 + 0.070 * rim * needles, 0.010 + 0.050 * rim * needles, 0.008 + 0.018 * rim * needles
                    });
                }
            }
        }
    }

    private static double ridged(double x, double y, int octaves) {
        double sum = 0;
        double weight = 1;
        double size = 0.5;
        double px = x;
        double py = y;
        for (int i = 0; i < octaves; i++) {
            double n = 1 - Math.sqrt(Math.pow(noise(px, py), 2) + 0.003) * 1.5;
            n = Math.max(0, n) * Math.max(0, n) * weight;
            weight = Math.max(0, Math.min(1, n * 1.9));
            sum += n * size;
            size *= 0.5;
            double turned = 1.62 * px + 1.18 * py;
            py = -1.18 * px + 1.62 * py + 1.3;
            px = turned;
        }
        return sum;
    }

    private static double fbm(double x, double y, int octaves) {
        double sum = 0;
        double size = 0.5;
        double px = x;
        double py = y;
        for (int i = 0; i < octaves; i++) {
            sum += size * noise(px, py);
            size *= 0.5;
            double turned = 1.6 * px + 1.2 * py;
            py = -1.2 * px + 1.6 * py + 0.7;
            px = turned;
        }
        return sum;
    }

    /** Gradient noise, about -1 to 1; Perlin, "Improving noise", 2002. */
    private static double noise(double x, double y) {
        int ix = (int) Math.floor(x);
        int iy = (int) Math.floor(y);
        double fx = x - ix;
        double fy = y - iy;
        double u = fx * fx * fx * (fx * (fx * 6 - 15) + 10);
        double v = fy * fy * fy * (fy * (fy * 6 - 15) + 10);
        double top = slope(ix, iy, fx, fy) * (1 - u) + slope(ix + 1, iy, fx - 1, fy) * u;
        double bottom = slope(ix, iy + 1, fx, fy - 1) * (1 - u) + slope(ix + 1, iy + 1, fx - 1, fy - 1) * u;
        return 1.4 * (top * (1 - v) + bottom * v);
    }

    private static double slope(int ix, int iy, double fx, double fy) {
        double angle = 2 * Math.PI * hash(ix, iy);
        return Math.cos(angle) * fx + Math.sin(angle) * fy;
    }

    private static double hash(int x, int y) {
        int n = x * 0x27d4eb2d + y * 0x165667b1 + 0x51ed270b;
        n = (n ^ (n >>> 15)) * 0x2c1b3c6d;
        n = (n ^ (n >>> 12)) * 0x297a2d39;
        return ((n ^ (n >>> 15)) & 0xffffff) / (double) 0x1000000;
    }

    private static double smooth(double from, double to, double value) {
        double t = Math.max(0, Math.min(1, (value - from) / (to - from)));
        return t * t * (3 - 2 * t);
    }

    private static double[] mix(double[] a, double[] b, double part) {
        double t = Math.max(0, Math.min(1, part));
        return new double[] {a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t};
    }

    private static double[] unit(double x, double y, double z) {
        double length = Math.sqrt(x * x + y * y + z * z);
        return new double[] {x / length, y / length, z / length};
    }
}
