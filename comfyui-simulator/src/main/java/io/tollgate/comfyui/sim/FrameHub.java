package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one server and its only publish loop. As in the real one a frame goes to one socket after the other
 * and waits until the network has taken it, so a client that does not read holds up all; and sockets are kept by
 * clientId, so that the close of an old one forgets a newer one with the same id.
 */
final class FrameHub implements Runnable {

    /** The most frames that wait; the real server has no bound. More are dropped and counted. */
    static final int MAX_WAITING = 100_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, FrameSocket> sockets = new LinkedHashMap<>();
    private final Map<String, Boolean> previewMetadata = new LinkedHashMap<>();
    private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicLong dropped = new AtomicLong();
    private final Supplier<ObjectNode> status;
    private final Supplier<ObjectNode> features;
    private final boolean hasFeatureFlags;
    private final Faults faults;

    private volatile @Nullable String currentClient;
    private volatile @Nullable String lastNode;

    FrameHub(Supplier<ObjectNode> status, Supplier<ObjectNode> features, ComfyVersion version, Faults faults) {
        this.status = status;
        this.features = features;
        this.hasFeatureFlags = version.hasFeatureFlags();
        this.faults = faults;
    }

    /** A frame on its way: its content is made by the publish loop, only if somebody gets it. */
    private record Frame(@Nullable String to, @Nullable String promptId, Supplier<byte[]> content, boolean binary) {}

    /** Whom the worker works for, and where it is; both null between prompts that have no client. */
    void current(@Nullable String client) {
        currentClient = client;
        lastNode = null;
    }

    @Nullable String currentClient() {
        return currentClient;
    }

    @Nullable String lastNode() {
        return lastNode;
    }

    void lastNode(@Nullable String node) {
        lastNode = node;
    }

    long dropped() {
        return dropped.get();
    }

    /** Sends to the socket of {@code to}, or to all if it is null. */
    void send(String type, JsonNode data, @Nullable String to) {
        send(type, () -> data, to, data.path("prompt_id").asText(null));
    }

    void send(String type, Supplier<JsonNode> data, @Nullable String to, @Nullable String promptId) {
        offer(new Frame(to, promptId, () -> text(type, data.get()), false));
    }

    /** A preview as clients without any feature flags know it: type 1, then the image's format. */
    void sendPreview(byte[] jpeg, @Nullable String to) {
        ByteBuffer frame =
                ByteBuffer.allocate(8 + jpeg.length).putInt(1).putInt(1).put(jpeg);
        offer(new Frame(to, null, frame::array, true));
    }

    /** A preview with metadata: type 4. */
    void sendPreview(byte[] jpeg, ObjectNode metadata, @Nullable String to) {
        byte[] about = Json.write(metadata).getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(8 + about.length + jpeg.length);
        frame.putInt(4).putInt(about.length).put(about).put(jpeg);
        offer(new Frame(to, metadata.path("prompt_id").asText(null), frame::array, true));
    }

    /** Tells everybody how many prompts are left. */
    void sendStatus() {
        ObjectNode data = Json.object();
        data.set("status", status.get());
        send("status", data, null);
    }

    boolean wantsPreviewMetadata(@Nullable String client) {
        lock.lock();
        try {
            return client != null && Boolean.TRUE.equals(previewMetadata.get(client));
        } finally {
            lock.unlock();
        }
    }

    private void offer(Frame frame) {
        if (!frames.offer(frame)) {
            dropped.incrementAndGet();
        }
    }

    private static byte[] text(String type, JsonNode data) {
        ObjectNode message = Json.object().put("type", type);
        message.set("data", data);
        return Json.write(message).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                publish(frames.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void publish(Frame frame) {
        List<FrameSocket> receivers = receivers(frame.to());
        if (receivers.isEmpty()) {
            return;
        }
        byte[] content = frame.content().get();
        for (FrameSocket socket : receivers) {
            Optional<FaultKind> fault = faults.onFrame(frame.promptId());
            if (fault.isEmpty()) {
                socket.send(content, frame.binary());
            } else if (fault.get() == FaultKind.WS_CLOSE) {
                socket.cut();
            } else {
                socket.mute();
            }
        }
    }

    private List<FrameSocket> receivers(@Nullable String to) {
        lock.lock();
        try {
            if (to == null) {
                return new ArrayList<>(sockets.values());
            }
            @Nullable FrameSocket socket = sockets.get(to);
            return socket == null ? List.of() : List.of(socket);
        } finally {
            lock.unlock();
        }
    }

    /** Takes in a new socket. An empty id gets one from the server; the newer of two with one id takes its place. */
    void opened(FrameSocket socket, String askedId) {
        String sid = askedId.isEmpty() ? UUID.randomUUID().toString().replace("-", "") : askedId;
        socket.named(sid);
        socket.sendAlone(() -> {
            lock.lock();
            try {
                sockets.remove(sid);
                sockets.put(sid, socket);
                previewMetadata.put(sid, false);
            } finally {
                lock.unlock();
            }
            @Nullable String node = sid.equals(currentClient) ? lastNode : null;
            ObjectNode data = Json.object();
            data.set("status", status.get());
            data.put("sid", sid);
            socket.send(text("status", data), false);
            if (node != null) {
                socket.send(text("executing", Json.object().put("node", node)), false);
            }
        });
    }

    /** Forgets whatever socket now has this id, even if it is another one: the real server's bug. */
    void closed(String sid) {
        lock.lock();
        try {
            sockets.remove(sid);
            previewMetadata.remove(sid);
        } finally {
            lock.unlock();
        }
    }

    /** Answers the first JSON message of a client if it is about features. */
    void featuresAsked(String sid, JsonNode wanted) {
        if (!hasFeatureFlags) {
            return;
        }
        List<FrameSocket> receivers;
        lock.lock();
        try {
            previewMetadata.put(sid, wanted.path("supports_preview_metadata").asBoolean());
            receivers = receivers(sid);
        } finally {
            lock.unlock();
        }
        receivers.forEach(socket -> socket.send(text("feature_flags", features.get()), false));
    }

    int openSockets() {
        lock.lock();
        try {
            return sockets.size();
        } finally {
            lock.unlock();
        }
    }
}
