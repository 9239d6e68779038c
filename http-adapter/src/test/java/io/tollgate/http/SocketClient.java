package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A WebSocket client, which holds all that it hears and says to the contract. */
final class SocketClient implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final ApiHouse house;
    private final Listener listener = new Listener();
    private final WebSocket socket;

    private SocketClient(ApiHouse house, Map<String, String> headers, String... subprotocols) {
        this.house = house;
        WebSocket.Builder builder = house.client().newWebSocketBuilder();
        headers.forEach(builder::header);
        if (subprotocols.length > 0) {
            builder.subprotocols(
                    subprotocols[0],
                    List.of(subprotocols).subList(1, subprotocols.length).toArray(String[]::new));
        }
        URI uri = URI.create(house.uri(SocketRoutes.PATH).toString().replaceFirst("http", "ws"));
        this.socket = builder.buildAsync(uri, listener)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        house.contract.upgraded(SocketRoutes.PATH);
    }

    static SocketClient open(ApiHouse house, String key) {
        return open(house, Map.of("Authorization", "Bearer " + key));
    }

    static SocketClient open(ApiHouse house, Map<String, String> headers, String... subprotocols) {
        return new SocketClient(house, headers, subprotocols);
    }

    /** The answer to a handshake that is refused. */
    static HttpResponse<?> refused(ApiHouse house, Map<String, String> headers, String... subprotocols) {
        try (SocketClient unwanted = open(house, headers, subprotocols)) {
            throw new AssertionError("it was opened: " + unwanted.socket.getSubprotocol());
        } catch (CompletionException problem) {
            if (problem.getCause() instanceof WebSocketHandshakeException refused) {
                return refused.getResponse();
            }
            throw problem;
        }
    }

    /** What comes in. */
    private static final class Listener implements WebSocket.Listener {
        private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        private final CompletableFuture<String> closed = new CompletableFuture<>();
        private final AtomicInteger pings = new AtomicInteger();
        private final StringBuilder part = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                texts.add(part.toString());
                part.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
            pings.incrementAndGet();
            from.request(1);
            return CompletableFuture.completedFuture(null); // it is answered by itself
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code + " " + reason);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket from, Throwable problem) {
            closed.complete("cut: " + problem);
        }
    }

    /** How many pings came. */
    int pings() {
        return listener.pings.get();
    }

    WebSocket socket() {
        return socket;
    }

    /** Sends what is as the contract says. */
    void send(String json) {
        house.contract.checkMessage("SocketRequest", json);
        sendAnything(json);
    }

    void sendAnything(String text) {
        socket.sendText(text, true)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    void sendBytes(byte[] bytes) {
        socket.sendBinary(ByteBuffer.wrap(bytes), true)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    void subscribe(String job) {
        send("{\"type\":\"subscribe\",\"job_id\":\"" + job + "\"}");
    }

    /** The next message. */
    JsonNode next() {
        String text;
        try {
            text = listener.texts.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        if (text == null) {
            throw new AssertionError("no message came; closed: " + listener.closed.getNow("no"));
        }
        house.contract.checkMessage("SocketMessage", text);
        try {
            return ApiJson.read(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All messages up to one of that type. */
    List<JsonNode> until(String type) {
        List<JsonNode> all = new ArrayList<>();
        do {
            all.add(next());
        } while (!all.get(all.size() - 1).path("type").asText().equals(type));
        return all;
    }

    /** The first message of that type. */
    JsonNode first(String type) {
        List<JsonNode> all = until(type);
        return all.get(all.size() - 1);
    }

    boolean isClosed() {
        return listener.closed.isDone();
    }

    /** How the server closed it: the code and the reason. */
    String closed() {
        return listener.closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
