package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A websocket client that keeps every frame, and can be told not to read. */
final class TestSocket implements WebSocket.Listener, AutoCloseable {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static final long PING_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Frame> frames = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final boolean reads;
    private final List<byte[]> pieces = new ArrayList<>();
    private @Nullable Integer closeCode;
    private @Nullable WebSocket socket;

    private TestSocket(boolean reads) {
        this.reads = reads;
    }

    /** A frame: JSON, or for a binary one its bytes. */
    record Frame(@Nullable JsonNode json, Bytes bytes) {
        String type() {
            return json == null ? "binary" : json.path("type").asText();
        }

        JsonNode shown() {
            return json == null ? Json.object() : json;
        }

        JsonNode data() {
            return json == null ? Json.object() : json.path("data");
        }
    }

    static TestSocket open(ComfySimulator simulator, String clientId) {
        return open(simulator, "/ws?clientId=" + clientId, true);
    }

    static TestSocket open(ComfySimulator simulator, String path, boolean reads) {
        TestSocket socket = new TestSocket(reads);
        URI uri = URI.create("ws" + simulator.url().toString().substring(4) + path);
        socket.socket = CLIENT.newWebSocketBuilder()
                .buildAsync(uri, socket)
                .orTimeout(5, TimeUnit.SECONDS)
                .join();
        return socket;
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        if (reads) {
            webSocket.request(1);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            JsonNode json = Json.read(text.toString().getBytes(StandardCharsets.UTF_8));
            text.setLength(0);
            add(new Frame(json, Bytes.NONE));
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        byte[] piece = new byte[data.remaining()];
        data.get(piece);
        pieces.add(piece);
        if (last) {
            ByteBuffer all = ByteBuffer.allocate(
                    pieces.stream().mapToInt(bytes -> bytes.length).sum());
            pieces.forEach(all::put);
            pieces.clear();
            add(new Frame(null, Bytes.of(all.array())));
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        ended(statusCode);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        ended(1006);
    }

    private void add(Frame frame) {
        lock.lock();
        try {
            frames.add(frame);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void ended(int code) {
        lock.lock();
        try {
            closeCode = code;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    List<Frame> frames() {
        lock.lock();
        try {
            return List.copyOf(frames);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the frames to be as wanted. False if it took too long. */
    boolean await(Predicate<List<Frame>> wanted, Duration timeout) {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (!wanted.test(frames) && left > 0) {
                left = changed.awaitNanos(left);
            }
            return wanted.test(frames);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a frame of a type, about a prompt. */
    boolean awaitFrame(String type, String promptId) {
        return await(
                all -> all.stream()
                        .anyMatch(frame -> frame.type().equals(type)
                                && frame.data().path("prompt_id").asText().equals(promptId)
                                && (!type.equals("executing")
                                        || frame.data().path("node").isNull())),
                Duration.ofSeconds(10));
    }

    /**
     * Waits for the server to end the connection. The close code, or -1 if it took too long. The JDK's client was seen
     * to say nothing of a connection that ended without a close frame until it was written to, so it is.
     */
    int awaitClose(Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        lock.lock();
        try {
            while (closeCode == null && System.nanoTime() < end) {
                changed.awaitNanos(PING_NANOS);
                if (closeCode == null) {
                    CompletableFuture<WebSocket> unused = socket().sendPing(ByteBuffer.allocate(0))
                            .whenComplete((sent, failure) -> {
                                if (failure != null) {
                                    ended(1006);
                                }
                            });
                }
            }
            return closeCode == null ? -1 : closeCode;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        } finally {
            lock.unlock();
        }
    }

    CompletableFuture<WebSocket> send(String message) {
        return socket().sendText(message, true);
    }

    CompletableFuture<WebSocket> send(byte[] message) {
        return socket().sendBinary(ByteBuffer.wrap(message), true);
    }

    private WebSocket socket() {
        if (socket == null) {
            throw new IllegalStateException("not open");
        }
        return socket;
    }

    void abort() {
        socket().abort();
    }

    /** Says good-bye and waits until the server has heard it, so that what follows finds the socket gone. */
    @Override
    public void close() {
        if (!socket().isOutputClosed()) {
            socket().sendClose(WebSocket.NORMAL_CLOSURE, "").exceptionally(e -> socket());
            awaitClose(Duration.ofSeconds(2));
        }
        socket().abort();
    }
}
