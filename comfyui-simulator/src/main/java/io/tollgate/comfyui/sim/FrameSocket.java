package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/**
 * One websocket of one client. A send waits until the network has taken the frame, which is where the back pressure of
 * a slow reader comes from. Public only because Jetty asks for it.
 */
public final class FrameSocket extends Session.Listener.AbstractAutoDemanding {

    private final FrameHub hub;
    private final String askedId;
    private final ReentrantLock sending = new ReentrantLock();
    private boolean firstMessage = true;
    private volatile boolean muted;
    private volatile String sid = "";

    FrameSocket(FrameHub hub, String askedId) {
        this.hub = hub;
        this.askedId = askedId;
    }

    void named(String name) {
        sid = name;
    }

    @Override
    public void onWebSocketOpen(Session session) {
        super.onWebSocketOpen(session);
        hub.opened(this, askedId);
    }

    @Override
    public void onWebSocketText(String message) {
        JsonNode json;
        try {
            json = Json.read(message.getBytes(StandardCharsets.UTF_8));
        } catch (PythonError e) {
            return;
        }
        if (firstMessage && json.path("type").asText().equals("feature_flags")) {
            hub.featuresAsked(sid, json.path("data"));
        }
        firstMessage = false;
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        // The close, which always follows, is what counts.
    }

    @Override
    public void onWebSocketClose(int statusCode, @Nullable String reason, Callback callback) {
        hub.closed(sid);
        callback.succeed();
    }

    /** Runs something during which nobody else sends here. */
    void sendAlone(Runnable sends) {
        sending.lock();
        try {
            sends.run();
        } finally {
            sending.unlock();
        }
    }

    /** Sends and waits until the frame is out. A closed socket is not an error: it is about to be forgotten. */
    void send(byte[] content, boolean binary) {
        @Nullable Session session = getSession();
        if (muted || session == null || !session.isOpen()) {
            return;
        }
        CompletableFuture<Void> out = new CompletableFuture<>();
        Callback told = Callback.from(() -> out.complete(null), out::completeExceptionally);
        sending.lock();
        try {
            if (binary) {
                session.sendBinary(ByteBuffer.wrap(content), told);
            } else {
                session.sendText(new String(content, StandardCharsets.UTF_8), told);
            }
            out.join();
        } catch (CompletionException e) {
            muted = true; // its close is on the way
        } finally {
            sending.unlock();
        }
    }

    /** Sends nothing more, while the connection stays open. */
    void mute() {
        muted = true;
    }

    /** Ends the connection without a close frame. */
    void cut() {
        @Nullable Session session = getSession();
        if (session != null) {
            session.disconnect();
        }
    }
}
