package io.tollgate.comfyui;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A download whose reader doesn't wait for ever: when a single read takes too long, the download is dropped and the
 * read fails. How slow the reader itself is doesn't matter. To be used by one thread.
 */
final class StallGuard extends FilterInputStream {
    private static final String STALLED = "the download stood still and was dropped";

    private final Runnable atClose;
    private final @Nullable ScheduledFuture<?> watch;
    private volatile boolean reading;
    private volatile boolean stalled;
    private final AtomicLong reads = new AtomicLong();
    private long readsSeen = -1;

    StallGuard(InputStream bytes, Duration longest, ScheduledExecutorService timers, Runnable atClose) {
        super(bytes);
        this.atClose = atClose;
        ScheduledFuture<?> started = null;
        try {
            long millis = Math.max(1, longest.toMillis());
            started = timers.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            stalled = true; // closed meanwhile: the first read fails
        }
        watch = started;
    }

    /** Nothing is stalled that hasn't been the same read at the look before. */
    private void look() {
        long now = reads.get();
        if (reading && readsSeen == now) {
            stalled = true;
            try {
                in.close();
            } catch (IOException e) {
                // the reader is told by the flag
            }
        }
        readsSeen = reading ? now : -1;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        reading = true;
        int count;
        try {
            count = in.read(buffer, offset, length);
        } catch (IOException e) {
            throw stalled ? new IOException(STALLED, e) : e;
        } finally {
            reading = false;
            reads.incrementAndGet();
        }
        if (stalled) {
            throw new IOException(STALLED);
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        byte[] dropped = new byte[(int) Math.min(8192, Math.max(0, count))];
        int skipped = dropped.length == 0 ? 0 : read(dropped, 0, dropped.length);
        return Math.max(0, skipped);
    }

    @Override
    public void close() throws IOException {
        if (watch != null) {
            watch.cancel(false);
        }
        try {
            in.close();
        } finally {
            atClose.run();
        }
    }
}
