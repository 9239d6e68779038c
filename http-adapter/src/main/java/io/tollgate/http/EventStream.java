package io.tollgate.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
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
final class EventStream implements EventSource.Follower {
    /** The most events that may wait for a slow reader. */
    static final int MAX_WAITING = 256;

    private static final byte[] BEAT = ": \n\n".getBytes(StandardCharsets.UTF_8);

    private final Writer.Target target;
    private final Consumer<EventStream> gone;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final Map<String, byte[]> shown = new LinkedHashMap<>();
    private final Pump pump = new Pump();
    private boolean writing;
    private boolean ended;
    private volatile boolean lastWritten;
    private boolean finished;
    private @Nullable Runnable unfollow;

    EventStream(Writer.Target target, Consumer<EventStream> gone) {
        this.target = target;
        this.gone = gone;
    }

    /** Sends the head, then follows. */
    void begin(EventSource source) {
        Response response = target.response();
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Accel-Buffering", "no"); // a proxy must not collect it
        // silent is what a stream is most of the time; a reader that went away fails the next heartbeat
        target.request().addIdleTimeoutListener(idle -> isStuck());
        target.request().addFailureListener(problem -> {
            finish();
            target.callback().failed(problem);
        });
        offer(BEAT, null, false);
        Runnable stop =
                source.follow(Optional.ofNullable(target.request().getHeaders().get("Last-Event-ID")), this);
        boolean late;
        lock.lock();
        try {
            unfollow = stop;
            late = finished;
        } finally {
            lock.unlock();
        }
        if (late) {
            stop.run();
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
        offer(frame(event), null, false);
    }

    @Override
    public void show(EventSource.Event event) {
        offer(frame(event), event.name(), false);
    }

    @Override
    public void end() {
        offer(null, null, true);
    }

    /** A sign of life, unless something waits to be written anyway. */
    void beat() {
        if (!isStuck()) {
            offer(BEAT, null, false);
        }
    }

    /** Ends it with a last event that says why. */
    CompletableFuture<Void> close(String reason) {
        offer(frame(new EventSource.Event("close", "", ApiJson.bytes(Map.of("reason", reason)))), null, true);
        return over.copy();
    }

    private void offer(byte @Nullable [] frame, @Nullable String name, boolean last) {
        boolean slow;
        lock.lock();
        try {
            if (ended || finished) {
                return;
            }
            ended = last;
            slow = waiting.size() >= MAX_WAITING;
            if (frame != null && name == null) {
                waiting.add(frame);
            } else if (frame != null) {
                shown.put(name, frame);
            }
        } finally {
            lock.unlock();
        }
        if (slow) {
            finish();
            target.callback().failed(new TimeoutException("a stream's reader is too slow"));
        } else {
            pump.iterate();
        }
    }

    /** What is to be written next; empty if nothing is. */
    private Optional<ByteBuffer> next() {
        lock.lock();
        try {
            writing = false;
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            waiting.forEach(bytes::writeBytes);
            waiting.clear();
            shown.values().forEach(bytes::writeBytes);
            shown.clear();
            if (finished || (bytes.size() == 0 && (!ended || lastWritten))) {
                return Optional.empty();
            }
            lastWritten = ended;
            writing = true;
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
            finish();
            target.callback().succeeded();
        }

        @Override
        protected void onCompleteFailure(Throwable problem) {
            finish();
            target.callback().failed(problem);
        }
    }

    private void finish() {
        Runnable stop;
        lock.lock();
        try {
            if (finished) {
                return;
            }
            finished = true;
            waiting.clear();
            shown.clear();
            stop = unfollow;
        } finally {
            lock.unlock();
        }
        if (stop != null) {
            stop.run();
        }
        gone.accept(this);
        over.complete(null);
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
