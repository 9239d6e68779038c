package io.tollgate.java2d;

import java.io.IOException;

/** A step that needs some rows above and below each: keeps them in a ring and repeats the outermost at the borders. */
abstract class WindowRows implements Rows {
    private final Rows source;
    private final int reach;
    private final int[][] ring;
    private int loaded;
    private int y;

    WindowRows(Rows source, int reach) {
        this.source = source;
        this.reach = reach;
        ring = new int[2 * reach + 1][source.width()];
    }

    @Override
    public final int width() {
        return source.width();
    }

    @Override
    public final int height() {
        return source.height();
    }

    @Override
    public final boolean opaque() {
        return source.opaque();
    }

    @Override
    public final void next(int[] row) throws IOException {
        while (loaded <= y + reach && loaded < height()) {
            source.next(ring[loaded % ring.length]);
            arrived(loaded, ring[loaded % ring.length]);
            loaded++;
        }
        make(y, row);
        y++;
    }

    /** The source row nearest to {@code at}; within reach of the current one. */
    final int[] source(int at) {
        return ring[slot(at)];
    }

    /** Where things that belong to source row {@code at} are kept. */
    final int slot(int at) {
        return Math.max(0, Math.min(at, height() - 1)) % ring.length;
    }

    /** A source row came. */
    void arrived(int at, int[] pixels) {}

    /** Makes result row {@code at}. */
    abstract void make(int at, int[] row);
}
