package io.tollgate.http;

import io.tollgate.queue.access.KeyId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * One open stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). What is told
 * is written as fast as its reader reads; of what is only shown, the newest of each name waits. A reader that leaves
 * too much waiting is dropped, and told why if it still reads. Safe for use by many threads.
 */
final class EventStream implements EventSource.Follower, EventStreams.Live {
    private static final byte[] BEAT = ": \n\n".getBytes(StandardCharsets.UTF_8);

    private final Writer.Target target;
    private final KeyId key;
    private final Consumer<EventStream> gone;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Backlog backlog;
    private final Pump pump = new Pump();
    private boolean begun;
    private boolean writing;
    private volatile boolean lastWritten;
    private boolean finished;
    private @Nullable Runnable unfollow;

    EventStream(Writer.Target target, KeyId key, int mostWaiting, Consumer<EventStream> gone) {
        this.target = target;
        this.key = key;
        this.backlog = new Backlog(mostWaiting);
        this.gone = gone;
    }

    /**
     * Follows, and sends the head once that went well.
     *
     * @throws RuntimeException if it did not: nothing is sent then, so that the call can be answered otherwise
     */
    void begin(EventSource source) {
        Response response = target.response();
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Accel-Buffering", "no"); // a proxy must not collect it
        // silent is what a stream is most of the time; a reader that went away fails the next heartbeat
        target.request().addIdleTimeoutListener(idle -> isStuck());
        target.request().addFailureListener(this::fail);
        backlog.tell(BEAT);
        Runnable stop;
        try {
            stop = source.follow(
                    Optional.ofNullable(target.request().getHeaders().get("Last-Event-ID")), this);
        } catch (RuntimeException problem) {
            finish();
            throw problem;
        }
        boolean late;
        lock.lock();
        try {
            begun = true;
            unfollow = stop;
            late = finished;
        } finally {
            lock.unlock();
        }
        if (late) {
            stop.run();
        } else {
            pump.iterate();
        }
    }

    /** Whether its reader has not taken yet what was written last. */
    private boolean isStuck() {
        lock.lock();
        try {
            return writing;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void tell(EventSource.Event event) {
        write(frame(event));
    }

    @Override
    public void show(EventSource.Event event) {
        backlog.show(event.name(), frame(event));
        pump.iterate();
    }

    @Override
    public void end() {
        backlog.end();
        pump.iterate();
    }

    /** A sign of life, unless something waits to be written anyway. */
    @Override
    public KeyId key() {
        return key;
    }

    @Override
    public void beat() {
        if (!isStuck()) {
            write(BEAT);
        }
    }

    /** Ends it with a last event that says why. */
    @Override
    public CompletableFuture<Void> close(String reason) {
        backlog.tell(frame(new EventSource.Event("close", "", ApiJson.bytes(Map.of("reason", reason)))));
        end();
        return over.copy();
    }

    @Override
    public void cut() {
        fail(new TimeoutException("a stream's reader is too slow"));
    }

    private void write(byte[] frame) {
        if (backlog.tell(frame)) {
            pump.iterate();
        } else {
            cut();
        }
    }

    /** What is to be written next; empty if nothing is. */
    private Optional<ByteBuffer> next() {
        lock.lock();
        try {
            writing = false;
            if (!begun || finished || lastWritten) {
                return Optional.empty();
            }
            Backlog.Taken taken = backlog.take(Integer.MAX_VALUE);
            if (taken.frames().isEmpty() && !taken.last()) {
                return Optional.empty();
            }
            lastWritten = taken.last();
            writing = true;
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            taken.frames().forEach(bytes::writeBytes);
            return Optional.of(ByteBuffer.wrap(bytes.toByteArray()));
        } finally {
            lock.unlock();
        }
    }

    /** One write at a time, each of all that waits. */
    private final class Pump extends IteratingCallback {
        @Override
        protected Action process() {
            Optional<ByteBuffer> bytes = next();
            if (bytes.isEmpty()) {
                return lastWritten ? Action.SUCCEEDED : Action.IDLE;
            }
            target.response().write(lastWritten, bytes.get(), this);
            return Action.SCHEDULED;
        }

        @Override
        protected void onCompleteSuccess() {
            if (finish()) {
                target.callback().succeeded();
            }
        }

        @Override
        protected void onCompleteFailure(Throwable problem) {
            fail(problem);
        }
    }

    private void fail(Throwable problem) {
        if (finish()) {
            target.callback().failed(problem);
        }
    }

    /** Stops following. Returns whether it had not been stopped before: the call is answered only once. */
    private boolean finish() {
        Runnable stop;
        lock.lock();
        try {
            if (finished) {
                return false;
            }
            finished = true;
            backlog.drop();
            stop = unfollow;
        } finally {
            lock.unlock();
        }
        if (stop != null) {
            stop.run();
        }
        gone.accept(this);
        over.complete(null);
        return true;
    }

    private static byte[] frame(EventSource.Event event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(event.data().length + 80);
        if (!event.id().isEmpty()) {
            bytes.writeBytes(("id: " + event.id() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        bytes.writeBytes(("event: " + event.name() + "\ndata: ").getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(event.data());
        bytes.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }
}
