package io.tollgate.java2d;

import java.io.IOException;

/**
 * The pixels of a picture, one row after the other from the top, as a step of a pipeline gives them: so a large result
 * never has to be in memory. Pixels are packed as in {@link Picture}. Confined to one thread.
 */
interface Rows {
    int width();

    int height();

    /** Whether every alpha is 255. */
    boolean opaque();

    /** Fills {@code row} with the next row. Called at most {@link #height} times. */
    void next(int[] row) throws IOException;
}
