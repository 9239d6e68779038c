package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.job.JobId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.eclipse.jetty.util.IteratingCallback;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open WebSocket (RFC 6455), over which a client says what it wants to follow. Messages are read one after the
 * other, and written as fast as the client reads; a client that leaves too much waiting, sends too much, or gives no
 * sign of life is dropped. Public only since Jetty calls it from outside of this package. Safe for use by many threads.
 */
public final class JobSocket implements Session.Listener.AutoDemanding, Subscriptions.Sink, EventStreams.Live {
    /** The most messages that may wait for a slow reader and must arrive. */
    static final int MAX_WAITING = 1_024;

    /** The most messages that a client may send at once, and the most warnings that it is given then. */
    static final int MAX_BURST = 100;

    /** How many more it may send each second. */
    static final int MESSAGES_A_SECOND = 10;

    /** How many heartbeats may go by without a sign of life from the client. */
    private static final int MAX_MISSED = 3;

    private static final Problem TOO_MANY = Problem.of(
            429,
            "rate_limited",
            "no more than " + MAX_BURST + " messages at once, and " + MESSAGES_A_SECOND + " a second");
    private static final String TOO_SLOW = "too slow a reader";
    private static final int MAX_REF = 64;
    private static final Logger LOG = LoggerFactory.getLogger(JobSocket.class);

    private final KeyId key;
    private final Subscriptions subscriptions;
    private final EventStreams streams;
    private final HttpWatcher watcher;
    private final Runnable leave;
    private final ReentrantLock lock = new ReentrantLock();
    private final Backlog backlog = new Backlog(MAX_WAITING);
    private final Pump pump = new Pump();
    private final CompletableFuture<Void> parted = new CompletableFuture<>();
    private final AtomicInteger missed = new AtomicInteger();
    private final Bucket messages = bucket();
    private final Bucket warnings = bucket();
    private volatile @Nullable Session session;
    private volatile @Nullable Farewell farewell; // not null as soon as nothing more is read or followed

    /** How it is closed once all is written. */
    private record Farewell(int code, String reason) {}

    /**
     * Makes it; it works as soon as it is opened.
     *
     * @param key what opened it
     * @param streams among which it is while it is open
     * @param leave is run when it is closed, perhaps twice
     */
    JobSocket(
            KeyId key,
            Function<Subscriptions.Sink, Subscriptions> subscriptions,
            EventStreams streams,
            HttpWatcher watcher,
            Runnable leave) {
        this.key = key;
        this.subscriptions = subscriptions.apply(this);
        this.streams = streams;
        this.watcher = watcher;
        this.leave = leave;
    }

    private static Bucket bucket() {
        return Bucket.builder()
                .addLimit(Bandwidth.builder()
                        .capacity(MAX_BURST)
                        .refillGreedy(MESSAGES_A_SECOND, Duration.ofSeconds(1))
                        .build())
                .build();
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        streams.add(this);
        pump.iterate();
    }

    @Override
    public void onWebSocketText(String text) {
        missed.set(0);
        if (farewell != null) {
            return;
        }
        if (!messages.tryConsume(1)) {
            watcher.limited("messages");
            if (warnings.tryConsume(1)) {
                tell(SocketMessage.error(TOO_MANY, Optional.empty(), Optional.empty()));
            } else {
                end(StatusCode.POLICY_VIOLATION, "too many messages");
            }
            return;
        }
        Asked asked = new Asked();
        try {
            asked.read(text);
        } catch (RuntimeException problem) {
            tell(SocketMessage.error(told(problem), asked.job, asked.ref));
        }
    }

    /** What a client asks, as far as it could be read. */
    private final class Asked {
        private Optional<JobId> job = Optional.empty();
        private Optional<String> ref = Optional.empty();

        /** Reads it and does it. */
        void read(String text) {
            Body body = new Body(parsed(text));
            ref = body.text("ref", MAX_REF);
            String type = body.needed("type", 20);
            switch (type) {
                case "subscribe" -> {
                    boolean all = which(body);
                    Optional<String> after = body.text("last_event_id", 20);
                    if (all && after.isPresent()) {
                        body.wrong("last_event_id", "is of one job; give a job_id");
                    }
                    body.done();
                    if (all) {
                        subscriptions.subscribeAll(ref);
                    } else {
                        subscriptions.subscribe(job.orElseThrow(), after, ref);
                    }
                }
                case "unsubscribe" -> {
                    boolean all = which(body);
                    body.done();
                    if (all) {
                        subscriptions.unsubscribeAll(ref);
                    } else {
                        subscriptions.unsubscribe(job.orElseThrow(), ref);
                    }
                }
                case "ping" -> {
                    body.done();
                    tell(SocketMessage.pong(ref));
                }
                default ->
                    throw new ProblemException(Problem.invalid("type", "must be subscribe, unsubscribe or ping"));
            }
        }

        /** Returns whether all jobs are meant, and notes else which. */
        private boolean which(Body body) {
            job = body.text("job_id", "a job's id", JobId::parse);
            Optional<String> jobs = body.text("jobs", 10);
            if (jobs.isPresent() && !jobs.get().equals("all")) {
                body.wrong("jobs", "must be all");
            }
            if (job.isPresent() && jobs.isPresent()) {
                body.wrong("jobs", "can't be given beside a job_id");
            } else if (job.isEmpty() && jobs.isEmpty()) {
                body.wrong("job_id", "is needed, or jobs");
            }
            return jobs.isPresent();
        }
    }

    private static JsonNode parsed(String text) {
        JsonNode read;
        try {
            read = ApiJson.read(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ProblemException(Problem.of(400, "invalid_json", "the message is not valid JSON"));
        }
        if (read == null || !read.isObject()) {
            throw new ProblemException(Problem.of(400, "invalid_json", "the message must be a JSON object"));
        }
        return read;
    }

    /** What is our fault is logged, and not told. */
    private static Problem told(RuntimeException problem) {
        return Problems.of(problem).orElseGet(() -> {
            LOG.atError().setMessage("socket failed").setCause(problem).log();
            return Problem.of(500, "internal", "something went wrong here");
        });
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        callback.succeed();
        end(StatusCode.BAD_DATA, "text only");
    }

    @Override
    public void onWebSocketPong(ByteBuffer payload) {
        missed.set(0);
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        LOG.atDebug()
                .setMessage("socket broke")
                .addKeyValue("problem", cause.getClass().getSimpleName())
                .log();
        gone();
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        gone();
        callback.succeed();
    }

    @Override
    public void tell(SocketMessage message) {
        if (backlog.tell(message.json())) {
            pump.iterate();
        } else {
            drop();
        }
    }

    @Override
    public void show(String name, SocketMessage message) {
        backlog.show(name, message.json());
        pump.iterate();
    }

    @Override
    public KeyId key() {
        return key;
    }

    @Override
    public void beat() {
        Session open = session;
        if (open == null) {
            return;
        }
        // who is told goodbye answers; who is not has more time
        if (missed.incrementAndGet() > (farewell == null ? MAX_MISSED : 1)) {
            cut();
        } else if (farewell == null) {
            open.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
        }
    }

    @Override
    public CompletableFuture<Void> close(String reason) {
        tell(SocketMessage.close(reason));
        end(StatusCode.SHUTDOWN, reason);
        return parted.copy();
    }

    @Override
    public void cut() {
        Session open = session;
        gone();
        if (open != null) {
            open.disconnect();
        }
    }

    /** Ends it once all is written that waits. */
    private void end(int code, String reason) {
        if (part(code, reason)) {
            backlog.end();
            pump.iterate();
        }
    }

    /** Ends it, and what waits is not written any more. */
    private void drop() {
        if (part(StatusCode.POLICY_VIOLATION, TOO_SLOW)) {
            backlog.drop();
            Session open = session;
            if (open != null) {
                open.close(StatusCode.POLICY_VIOLATION, TOO_SLOW, Callback.from(() -> {}, problem -> cut()));
            }
        }
    }

    /** Reads and follows nothing any more. Returns whether it did until now. */
    private boolean part(int code, String reason) {
        lock.lock();
        try {
            if (farewell != null) {
                return false;
            }
            farewell = new Farewell(code, reason);
        } finally {
            lock.unlock();
        }
        missed.set(0);
        subscriptions.close();
        return true;
    }

    private void gone() {
        part(StatusCode.NORMAL, "");
        backlog.drop();
        streams.remove(this);
        leave.run();
        parted.complete(null);
    }

    /** One message at a time; the farewell behind the last. */
    private final class Pump extends IteratingCallback {
        @Override
        protected Action process() {
            Session open = session;
            if (open == null) {
                return Action.IDLE;
            }
            Backlog.Taken taken = backlog.take(1);
            if (!taken.frames().isEmpty()) {
                open.sendText(
                        new String(taken.frames().get(0), StandardCharsets.UTF_8),
                        Callback.from(this::succeeded, this::failed));
                return Action.SCHEDULED;
            }
            Farewell last = farewell;
            if (!taken.last() || last == null) {
                return Action.IDLE;
            }
            open.close(
                    last.code(),
                    last.reason(),
                    Callback.from(() -> parted.complete(null), problem -> JobSocket.this.cut()));
            return Action.SUCCEEDED;
        }

        @Override
        protected void onCompleteFailure(Throwable problem) {
            gone();
        }
    }
}
