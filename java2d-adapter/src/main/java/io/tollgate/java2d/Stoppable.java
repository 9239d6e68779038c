package io.tollgate.java2d;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** A stream that refuses to go on when told to stop. Does not close what it writes to. */
final class Stoppable extends FilterOutputStream {
    private final StopSign stop;

    Stoppable(OutputStream out, StopSign stop) {
        super(out);
        this.stop = stop;
    }

    @Override
    public void write(int b) throws IOException {
        stop.check();
        out.write(b);
    }

    @Override
    public void write(byte[] bytes, int at, int length) throws IOException {
        stop.check();
        out.write(bytes, at, length);
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
