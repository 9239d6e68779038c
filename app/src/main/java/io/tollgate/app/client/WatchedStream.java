package io.tollgate.app.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The body of an answer that ends with an error when nothing comes for a while, or when all of it takes too long: the
 * JDK's client bounds the time until an answer begins, and nothing after that. Read by one thread.
 */
final class WatchedStream extends FilterInputStream {
    private final ScheduledFuture<?> watch;
    private volatile long lastReadAt;
    private volatile boolean late;

    /**
     * Begins to watch.
     *
     * @param idle the longest without a byte
     * @param whole the longest for everything
     */
    WatchedStream(InputStream body, Duration idle, Duration whole, ScheduledExecutorService timer) {
        super(body);
        long begin = System.nanoTime();
        lastReadAt = begin;
        long every = Math.max(10, Math.min(idle.toMillis(), whole.toMillis()) / 8);
        watch = timer.scheduleWithFixedDelay(
                () -> {
                    long now = System.nanoTime();
                    if (now - lastReadAt > idle.toNanos() || now - begin > whole.toNanos()) {
                        late = true;
                        end();
                    }
                },
                every,
                every,
                TimeUnit.MILLISECONDS);
    }

    private void end() {
        try {
            in.close(); // wakes the reader
        } catch (IOException e) {
            // the reader finds out
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int count;
        try {
            count = in.read(bytes, from, length);
        } catch (IOException e) {
            throw late ? timedOut() : e;
        }
        if (late) {
            throw timedOut();
        }
        lastReadAt = System.nanoTime();
        return count;
    }

    private static IOException timedOut() {
        return new SocketTimeoutException("nothing came for too long");
    }

    @Override
    public void close() throws IOException {
        watch.cancel(false);
        super.close();
    }
}
