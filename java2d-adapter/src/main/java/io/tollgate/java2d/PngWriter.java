package io.tollgate.java2d;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes rows as a PNG while they come, and nothing but pixels. PNG, third edition; filters are chosen by the least sum
 * of absolute differences, as its section 12.7 proposes.
 */
final class PngWriter {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int LEVEL = 4;
    private static final int CHUNK = 1 << 16;

    private PngWriter() {}

    /** Called after each row. */
    @FunctionalInterface
    interface Watcher {
        void wrote(int row) throws IOException;
    }

    static void write(Rows rows, OutputStream to, Watcher watcher) throws IOException {
        DataOutputStream out = new DataOutputStream(to);
        int channels = rows.opaque() ? 3 : 4;
        out.write(SIGNATURE);
        byte[] header = {0, 0, 0, 0, 0, 0, 0, 0, 8, (byte) (channels == 3 ? 2 : 6), 0, 0, 0};
        putInt(header, 0, rows.width());
        putInt(header, 4, rows.height());
        chunk(out, "IHDR", header, header.length);
        chunk(out, "sRGB", new byte[] {0}, 1);
        Deflater deflater = new Deflater(LEVEL);
        try {
            deflater.setStrategy(Deflater.FILTERED);
            Filters filters = new Filters(rows.width() * channels, channels);
            int[] row = new int[rows.width()];
            byte[] packed = new byte[CHUNK];
            int filled = 0;
            for (int y = 0; y < rows.height(); y++) {
                rows.next(row);
                deflater.setInput(filters.filter(row));
                boolean last = y == rows.height() - 1;
                if (last) {
                    deflater.finish();
                }
                while (last ? !deflater.finished() : !deflater.needsInput()) {
                    filled += deflater.deflate(packed, filled, CHUNK - filled);
                    if (filled == CHUNK) {
                        chunk(out, "IDAT", packed, filled);
                        filled = 0;
                    }
                }
                watcher.wrote(y);
            }
            chunk(out, "IDAT", packed, filled);
        } finally {
            deflater.end();
        }
        chunk(out, "IEND", new byte[0], 0);
        out.flush();
    }

    private static void chunk(DataOutputStream out, String type, byte[] data, int length) throws IOException {
        byte[] name = type.getBytes(US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data, 0, length);
        out.writeInt(length);
        out.write(name);
        out.write(data, 0, length);
        out.writeInt((int) crc.getValue());
    }

    private static void putInt(byte[] into, int at, int value) {
        for (int i = 0; i < 4; i++) {
            into[at + i] = (byte) (value >>> (24 - 8 * i));
        }
    }

    /** The row filters, tried on each row. */
    private static final class Filters {
        private static final int SUB = 1;
        private static final int UP = 2;
        private static final int PAETH = 4;

        private final int pixel;
        private byte[] current;
        private byte[] previous;
        private final byte[] sub;
        private final byte[] up;
        private final byte[] paeth;

        Filters(int bytes, int pixel) {
            this.pixel = pixel;
            // a pixel of zeros stands before each row
            current = new byte[bytes + pixel];
            previous = new byte[bytes + pixel];
            sub = new byte[bytes + 1];
            up = new byte[bytes + 1];
            paeth = new byte[bytes + 1];
            sub[0] = SUB;
            up[0] = UP;
            paeth[0] = PAETH;
        }

        byte[] filter(int[] row) {
            byte[] last = previous;
            previous = current;
            current = last;
            int at = pixel;
            for (int argb : row) {
                current[at++] = (byte) (argb >> 16);
                current[at++] = (byte) (argb >> 8);
                current[at++] = (byte) argb;
                if (pixel == 4) {
                    current[at++] = (byte) (argb >>> 24);
                }
            }
            int subSum = 0;
            int upSum = 0;
            int paethSum = 0;
            for (int i = pixel; i < current.length; i++) {
                int own = current[i];
                int left = current[i - pixel] & 255;
                int above = previous[i] & 255;
                int corner = previous[i - pixel] & 255;
                int toLeft = Math.abs(above - corner);
                int toAbove = Math.abs(left - corner);
                int toCorner = Math.abs(left + above - 2 * corner);
                int guess = toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
                byte bySub = (byte) (own - left);
                byte byUp = (byte) (own - above);
                byte byPaeth = (byte) (own - guess);
                int to = i - pixel + 1;
                sub[to] = bySub;
                up[to] = byUp;
                paeth[to] = byPaeth;
                subSum += Math.abs(bySub);
                upSum += Math.abs(byUp);
                paethSum += Math.abs(byPaeth);
            }
            if (paethSum <= subSum && paethSum <= upSum) {
                return paeth;
            }
            return subSum <= upSum ? sub : up;
        }
    }
}
