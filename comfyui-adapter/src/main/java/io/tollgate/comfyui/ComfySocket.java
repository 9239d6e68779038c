package io.tollgate.comfyui;

import io.github.resilience4j.core.IntervalFunction;
import io.tollgate.queue.event.Preview;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/*
 * One connection at a time, and each under a client id of its own: a server that sees two sockets with one id forgets
 * the newer one when the older one closes. What connections are told apart by is the object `Line`; news of a line that
 * isn't the present one are dropped. Messages are read one by one and at once: a socket that doesn't read stops the
 * frames of all clients of that server.
 */
/**
 * The websocket to one server: keeps it connected, notices when it is dead though open, and passes on what it brings.
 * What it brings is a hint and may be missing. Safe for use by many threads.
 */
final class ComfySocket {
    /** Hears what comes. Calls come one after the other on the executor and must return soon. */
    interface Receiver {
        /** A message about a prompt, or about the server. */
        void frame(Frame frame);

        /** A small picture; of the prompt named, or of the one that runs. */
        void preview(Optional<String> promptId, Preview preview);

        /** It is connected. What came before is lost. */
        void opened();

        /** It is not connected any more, and tries again. */
        void lost(String reason);
    }

    private static final String FLAGS =
            "{\"type\": \"feature_flags\", \"data\": {\"supports_preview_metadata\": true}}";
    /** The states of 300 nodes take 60,000 characters, and the same news comes in smaller messages too. */
    private static final int LONGEST_STATES = 256 << 10;

    /** One that is open for less may be dropped again and again: the pauses go on growing. */
    private static final Duration LIVED = Duration.ofSeconds(30);

    private static final int TYPE_WITHIN = 40;
    private static final double SLOWEST = 100;

    private final HttpClient client;
    private final ComfySettings settings;
    private final String root;
    private final Executor executor;
    private final ScheduledExecutorService timers;
    private final InstantSource time;
    private final Receiver receiver;
    private final IntervalFunction pauses;
    private final ReentrantLock lock = new ReentrantLock();

    private String clientId = UUID.randomUUID().toString();
    private @Nullable Line line;
    private int failures;
    private boolean started;
    private boolean closed;

    ComfySocket(
            HttpClient client,
            ComfySettings settings,
            URI root,
            Executor executor,
            ScheduledExecutorService timers,
            InstantSource time,
            Receiver receiver) {
        this.client = client;
        this.settings = settings;
        this.root = root.toString().replaceFirst("(?i)^http", "ws");
        this.executor = executor;
        this.timers = timers;
        this.time = time;
        this.receiver = receiver;
        this.pauses = IntervalFunction.ofExponentialRandomBackoff(
                settings.pace().reconnect().toMillis(), 2, 0.5, (long)
                        (SLOWEST * settings.pace().reconnect().toMillis()));
    }

    /** The id to submit prompts under: of the connection there is, or of the next. */
    String clientId() {
        lock.lock();
        try {
            return clientId;
        } finally {
            lock.unlock();
        }
    }

    /** Whether frames may be expected. */
    boolean isOpen() {
        lock.lock();
        try {
            return line != null && line.open;
        } finally {
            lock.unlock();
        }
    }

    /** Connects, unless it does already. */
    void start() {
        lock.lock();
        try {
            if (started || closed) {
                return;
            }
            started = true;
        } finally {
            lock.unlock();
        }
        connect();
    }

    /** Closes it for good. */
    void close() {
        Line last;
        lock.lock();
        try {
            closed = true;
            last = line;
            line = null;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.hangUp();
        }
    }

    private void connect() {
        Line next;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            next = new Line();
            line = next;
        } finally {
            lock.unlock();
        }
        WebSocket.Builder builder =
                client.newWebSocketBuilder().connectTimeout(settings.deadlines().connect());
        settings.headers().forEach(builder::header);
        CompletableFuture<WebSocket> unused = builder.buildAsync(URI.create(root + "/ws?clientId=" + clientId()), next)
                .whenComplete((socket, problem) -> {
                    if (problem != null) {
                        ended(next, "no websocket: " + problem.getClass().getSimpleName());
                    }
                });
    }

    /** A connection is over: tries again later, under a new id. */
    private void ended(Line over, String reason) {
        long pause;
        boolean wasOpen;
        lock.lock();
        try {
            if (line != over || closed) {
                return;
            }
            wasOpen = over.open;
            line = null;
            clientId = UUID.randomUUID().toString();
            failures = over.lived() ? 1 : failures + 1;
            pause = pauses.apply(Math.min(failures, 30));
        } finally {
            lock.unlock();
        }
        over.hangUp();
        if (wasOpen) {
            run(() -> receiver.lost(reason));
        }
        try {
            ScheduledFuture<?> unused = timers.schedule(() -> run(this::connect), pause, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // the house is closing
        }
    }

    private void run(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // the house is closing
        }
    }

    private boolean isPresent(Line one) {
        lock.lock();
        try {
            return line == one && !closed;
        } finally {
            lock.unlock();
        }
    }

    /** One connection. Its listener's methods are called one after the other. */
    private final class Line implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean skipping;
        private volatile boolean open;
        private volatile boolean heard;
        private @Nullable Instant pingedAt;
        private volatile @Nullable Instant openedAt;
        private volatile @Nullable WebSocket socket;
        private volatile @Nullable ScheduledFuture<?> watch;

        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
            if (!isPresent(this)) {
                opened.abort();
                return;
            }
            lock.lock();
            try {
                open = true;
                openedAt = time.instant();
            } finally {
                lock.unlock();
            }
            CompletableFuture<WebSocket> unused = opened.sendText(FLAGS, true);
            long half = Math.max(1, settings.pace().silence().toMillis() / 2);
            try {
                ScheduledFuture<?> watching =
                        timers.scheduleWithFixedDelay(this::handOver, half, half, TimeUnit.MILLISECONDS);
                watch = watching;
                if (!isPresent(this)) {
                    watching.cancel(false); // hung up before it knew of the watch
                }
            } catch (RejectedExecutionException e) {
                // the house is closing
            }
            opened.request(1);
            safely(receiver::opened);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            heard = true;
            if (text.length() + part.length() > longest(part)) {
                skipping = true;
                text.setLength(0);
            }
            if (!skipping) {
                text.append(part);
            }
            if (last) {
                String whole = text.toString();
                boolean skipped = skipping;
                text.setLength(0);
                text.trimToSize();
                skipping = false;
                if (!skipped) {
                    safely(() -> read(whole));
                }
            }
            from.request(1);
            return null;
        }

        private int longest(CharSequence part) {
            CharSequence start = text.length() == 0 ? part : text;
            boolean states = start.subSequence(0, Math.min(TYPE_WITHIN, start.length()))
                    .toString()
                    .contains("\"progress_state\"");
            int most = settings.longest().frameBytes();
            return states ? Math.min(LONGEST_STATES, most) : most;
        }

        private void read(String whole) {
            Frame frame;
            try {
                frame = Frame.parse(whole);
            } catch (IOException e) {
                return; // nonsense: it was a hint only
            }
            if (isPresent(this)) {
                receiver.frame(frame);
            }
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
            heard = true;
            if (bytes.size() + (long) part.remaining() > settings.longest().frameBytes()) {
                skipping = true;
                bytes.reset();
            }
            if (!skipping) {
                byte[] copy = new byte[part.remaining()];
                part.get(copy);
                bytes.write(copy, 0, copy.length);
            }
            if (last) {
                byte[] whole = bytes.toByteArray();
                boolean skipped = skipping;
                bytes.reset();
                skipping = false;
                if (!skipped && isPresent(this)) {
                    safely(() -> PreviewFrame.parse(whole)
                            .ifPresent(frame -> receiver.preview(frame.promptId(), frame.preview())));
                }
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
            heard = true;
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
            heard = true;
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            ended(this, "the server closed the websocket: " + status);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable problem) {
            ended(this, "the websocket broke: " + problem.getClass().getSimpleName());
        }

        /**
         * A server sends no pings and may have nothing to say for hours, so we ask; one that is silent then is gone.
         */
        private void look(Instant handedOver) {
            WebSocket to = socket;
            boolean silent;
            lock.lock();
            try {
                if (heard || to == null) {
                    heard = false;
                    pingedAt = null;
                    return;
                }
                Instant now = time.instant();
                Duration patience = settings.pace().silence().dividedBy(4);
                // who comes late himself can't say that others are
                boolean late = Duration.between(handedOver, now).compareTo(patience) > 0;
                silent = pingedAt != null && !late;
                if (silent && Duration.between(pingedAt, now).compareTo(patience) < 0) {
                    return; // the look before came late
                }
                pingedAt = now;
            } finally {
                lock.unlock();
            }
            if (silent) {
                ended(this, "the websocket was silent");
            } else {
                CompletableFuture<WebSocket> unused =
                        to.sendPing(ByteBuffer.wrap("tollgate".getBytes(StandardCharsets.US_ASCII)));
            }
        }

        private void handOver() {
            Instant now = time.instant();
            run(() -> look(now));
        }

        /** Whether it was open long enough to count as a good one. */
        private boolean lived() {
            Instant since = openedAt;
            return since != null && Duration.between(since, time.instant()).compareTo(LIVED) >= 0;
        }

        /** Without a farewell: a server that doesn't read would keep us waiting. */
        private void hangUp() {
            ScheduledFuture<?> watching = watch;
            if (watching != null) {
                watching.cancel(false);
            }
            WebSocket now = socket;
            if (now != null) {
                now.abort();
            }
        }

        private void safely(Runnable task) {
            try {
                task.run();
            } catch (RuntimeException | StackOverflowError e) {
                // a defect in reading one message: the next one may be read, and history is looked at anyway
                Thread thread = Thread.currentThread();
                Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
                if (handler != null) {
                    handler.uncaughtException(thread, e);
                }
            }
        }
    }
}
