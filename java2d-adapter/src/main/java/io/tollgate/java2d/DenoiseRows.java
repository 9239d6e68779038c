package io.tollgate.java2d;

/*
 * A bilateral filter over the 21 pixels around each (5 x 5 without corners): near pixels of like color are averaged, so
 * grain goes and edges stay. Tomasi and Manduchi, "Bilateral filtering for gray and color images", 1998.
 */
/** Takes grain out of rows and leaves edges. */
final class DenoiseRows extends WindowRows {
    private static final int REACH = 2;
    private static final double SPREAD = 1.6;
    private static final int UNIT = 1 << 10;

    private final int[] dx = new int[21];
    private final int[] dy = new int[21];
    private final short[][] weights = new short[21][1021];

    /** @param strength over 0, at most 1 */
    DenoiseRows(Rows source, double strength) {
        super(source, REACH);
        double like = 3 + 25 * strength;
        int tap = 0;
        for (int y = -REACH; y <= REACH; y++) {
            for (int x = -REACH; x <= REACH; x++) {
                if (Math.abs(x) == REACH && Math.abs(y) == REACH) {
                    continue;
                }
                dx[tap] = x;
                dy[tap] = y;
                double near = Math.exp(-(x * x + y * y) / (2 * SPREAD * SPREAD));
                for (int i = 0; i < weights[tap].length; i++) {
                    double difference = i / 4.0;
                    weights[tap][i] =
                            (short) Math.round(UNIT * near * Math.exp(-difference * difference / (2 * like * like)));
                }
                tap++;
            }
        }
    }

    @Override
    void make(int at, int[] row) {
        int width = row.length;
        int[][] rows = new int[2 * REACH + 1][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = source(at + i - REACH);
        }
        int[] middle = rows[REACH];
        for (int x = 0; x < width; x++) {
            int own = middle[x];
            int r0 = (own >> 16) & 255;
            int g0 = (own >> 8) & 255;
            int b0 = own & 255;
            int red = 0;
            int green = 0;
            int blue = 0;
            int total = 0;
            boolean inner = x >= REACH && x < width - REACH;
            for (int tap = 0; tap < dx.length; tap++) {
                int from = inner ? x + dx[tap] : Math.max(0, Math.min(x + dx[tap], width - 1));
                int pixel = rows[dy[tap] + REACH][from];
                int r = (pixel >> 16) & 255;
                int g = (pixel >> 8) & 255;
                int b = pixel & 255;
                int weight = weights[tap][Math.abs(r - r0) + 2 * Math.abs(g - g0) + Math.abs(b - b0)];
                red += weight * r;
                green += weight * g;
                blue += weight * b;
                total += weight;
            }
            float scale = 1f / total;
            row[x] = (own & Picture.OPAQUE)
                    | (int) (red * scale + 0.5f) << 16
                    | (int) (green * scale + 0.5f) << 8
                    | (int) (blue * scale + 0.5f);
        }
    }
}
