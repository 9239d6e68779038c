package io.tollgate.java2d;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Writes an endless animation as GIF 89a, frame by frame. A frame of {@value #BITS}-bit colors may bring its own. */
final class GifWriter implements AutoCloseable {
    private static final int BITS = 8;
    private static final int CLEAR = 1 << BITS;
    private static final int END = CLEAR + 1;
    private static final int MOST_CODES = 1 << 12;
    private static final int TABLE = 1 << 14;

    private final OutputStream out;
    private final int width;
    private final int height;
    private final int[] keys = new int[TABLE];
    private final short[] codes = new short[TABLE];
    private final byte[] block = new byte[255];
    private int filled;
    private int bits;
    private int bitCount;

    /**
     * Starts a file.
     *
     * @param colors the palette of frames without one, at most 256
     */
    GifWriter(OutputStream out, int width, int height, int[] colors) throws IOException {
        this.out = out;
        this.width = width;
        this.height = height;
        out.write("GIF89a".getBytes(US_ASCII));
        little(width);
        little(height);
        out.write(0xf7); // 256 colors of 8 bits
        out.write(0);
        out.write(0);
        palette(colors);
        out.write(new byte[] {0x21, (byte) 0xff, 11});
        out.write("NETSCAPE2.0".getBytes(US_ASCII));
        out.write(new byte[] {3, 1, 0, 0, 0}); // for ever
    }

    /**
     * Adds a frame.
     *
     * @param indexes a palette index for each pixel
     * @param colors its own palette; empty for the file's
     * @param transparent the index that lets nothing be seen, or -1
     * @param delay how long it is shown, in hundredths of a second
     */
    void add(byte[] indexes, int[] colors, int transparent, int delay) throws IOException {
        out.write(new byte[] {0x21, (byte) 0xf9, 4});
        out.write(transparent < 0 ? 1 << 2 : (2 << 2) | 1); // leave it, or clear it before the next
        little(delay);
        out.write(Math.max(0, transparent));
        out.write(0);
        out.write(0x2c);
        little(0);
        little(0);
        little(width);
        little(height);
        out.write(colors.length == 0 ? 0 : 0x80 | 7);
        if (colors.length > 0) {
            palette(colors);
        }
        compress(indexes);
    }

    /** Ends the file. Does not close the stream. */
    @Override
    public void close() throws IOException {
        out.write(0x3b);
        out.flush();
    }

    private void palette(int[] colors) throws IOException {
        byte[] bytes = new byte[3 << BITS];
        for (int i = 0; i < colors.length; i++) {
            bytes[3 * i] = (byte) (colors[i] >> 16);
            bytes[3 * i + 1] = (byte) (colors[i] >> 8);
            bytes[3 * i + 2] = (byte) colors[i];
        }
        out.write(bytes);
    }

    /** LZW with codes that grow; the GIF 89a specification, appendix F. */
    private void compress(byte[] indexes) throws IOException {
        out.write(BITS);
        int size = BITS + 1;
        int next = END + 1;
        Arrays.fill(keys, -1);
        code(CLEAR, size);
        int prefix = indexes[0] & 255;
        for (int i = 1; i < indexes.length; i++) {
            int suffix = indexes[i] & 255;
            int key = (prefix << 8) | suffix;
            int slot = (key * 0x9e3779b1) >>> 18;
            while (keys[slot] != -1 && keys[slot] != key) {
                slot = (slot + 1) & (TABLE - 1);
            }
            if (keys[slot] == key) {
                prefix = codes[slot];
                continue;
            }
            code(prefix, size);
            if (next < MOST_CODES) {
                keys[slot] = key;
                codes[slot] = (short) next;
                if (next == 1 << size) {
                    size++;
                }
                next++;
            } else {
                code(CLEAR, size);
                Arrays.fill(keys, -1);
                size = BITS + 1;
                next = END + 1;
            }
            prefix = suffix;
        }
        code(prefix, size);
        code(END, size);
        if (bitCount > 0) {
            put((byte) bits);
        }
        bits = 0;
        bitCount = 0;
        flush();
        out.write(0);
    }

    private void code(int code, int size) throws IOException {
        bits |= code << bitCount;
        bitCount += size;
        while (bitCount >= 8) {
            put((byte) bits);
            bits >>>= 8;
            bitCount -= 8;
        }
    }

    private void put(byte value) throws IOException {
        block[filled++] = value;
        if (filled == block.length) {
            flush();
        }
    }

    private void flush() throws IOException {
        if (filled > 0) {
            out.write(filled);
            out.write(block, 0, filled);
            filled = 0;
        }
    }

    private void little(int value) throws IOException {
        out.write(value);
        out.write(value >> 8);
    }
}
