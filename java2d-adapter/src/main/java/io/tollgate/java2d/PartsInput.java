package io.tollgate.java2d;

import java.io.IOException;
import java.util.List;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * The chosen parts of a file in memory, one after the other, for a decoder; stops it when told to, and when it reads on
 * and on past the end: the WebP decoder takes what is missing for zeros, at the price of an exception a byte, and made
 * minutes of a file of some hundred bytes.
 */
final class PartsInput extends ImageInputStreamImpl {
    /** What decoders may ask for past the end, which those that look some bits ahead do, in calls. */
    private static final int MOST_AT_END = 64;

    private final byte[] file;
    private final int[][] parts;
    private final long[] starts;
    private final long length;
    private final StopSign stop;
    private int current;
    private int atEnd;

    PartsInput(byte[] file, List<int[]> parts, StopSign stop) {
        this.file = file;
        this.parts = parts.toArray(int[][]::new);
        this.stop = stop;
        starts = new long[this.parts.length];
        long at = 0;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = at;
            at += this.parts[i][1];
        }
        length = at;
    }

    @Override
    public int read() throws IOException {
        checkClosed();
        bitOffset = 0;
        stop.check();
        int left = find();
        if (left == 0) {
            return end();
        }
        int value = file[offset()] & 255;
        streamPos++;
        return value;
    }

    @Override
    public int read(byte[] into, int at, int count) throws IOException {
        checkClosed();
        bitOffset = 0;
        stop.check();
        if (count == 0) {
            return 0;
        }
        int left = find();
        if (left == 0) {
            return end();
        }
        int taken = Math.min(count, left);
        System.arraycopy(file, offset(), into, at, taken);
        streamPos += taken;
        return taken;
    }

    @Override
    public long length() {
        return length;
    }

    private int end() throws IOException {
        atEnd++;
        if (atEnd > MOST_AT_END) {
            throw new IOException("the file goes on past its end");
        }
        return -1;
    }

    private int offset() {
        return parts[current][0] + (int) (streamPos - starts[current]);
    }

    /** Moves to the part with the position in it, and says how much of it is left; 0 at the end. */
    private int find() {
        if (streamPos >= length) {
            return 0;
        }
        if (streamPos < starts[current]) {
            current = 0;
        }
        while (streamPos >= starts[current] + parts[current][1]) {
            current++;
        }
        return (int) (starts[current] + parts[current][1] - streamPos);
    }
}
