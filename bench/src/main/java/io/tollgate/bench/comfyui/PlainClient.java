package io.tollgate.bench.comfyui;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Somebody without Tollgate: posts a prompt, finds out that it is over, posts the next. For one thread. */
final class PlainClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI server;
    private final String clientId = UUID.randomUUID().toString();
    private final Map<String, CompletableFuture<Void>> ends = new ConcurrentHashMap<>();
    private final Duration pause;
    private @Nullable WebSocket socket;

    private PlainClient(URI server, Duration pause) {
        this.server = server;
        this.pause = pause;
    }

    /** One that looks at the history, at such a distance. */
    static PlainClient polling(URI server, Duration pause) {
        return new PlainClient(server, pause);
    }

    /** One that listens, as the server's own page does. */
    static PlainClient listening(URI server) {
        PlainClient client = new PlainClient(server, Duration.ZERO);
        client.socket = client.http
                .newWebSocketBuilder()
                .buildAsync(
                        URI.create("ws://" + server.getAuthority() + "/ws?clientId=" + client.clientId), client.ear())
                .join();
        return client;
    }

    /** Runs a prompt and returns when this client knows that it is over. */
    void run(String prompt) throws IOException, InterruptedException {
        String id = UUID.randomUUID().toString();
        CompletableFuture<Void> end = new CompletableFuture<>();
        ends.put(id, end);
        String answer = send(HttpRequest.newBuilder(server.resolve("/prompt"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": " + prompt + ", \"prompt_id\": \"" + id
                        + "\", \"client_id\": \"" + clientId + "\"}")));
        if (!answer.contains(id)) {
            throw new IllegalStateException("not accepted: " + answer);
        }
        if (socket == null) {
            do {
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            } while (send(HttpRequest.newBuilder(server.resolve("/history/" + id)))
                            .length()
                    <= "{}".length());
        } else {
            end.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        }
        ends.remove(id);
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    private WebSocket.Listener ear() {
        return new WebSocket.Listener() {
            private final StringBuilder message = new StringBuilder();

            @Override
            public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                message.append(data);
                if (last) {
                    heard(message.toString());
                    message.setLength(0);
                }
                from.request(1);
                return null;
            }
        };
    }

    private void heard(String frame) {
        if (frame.contains("\"executing\"") && frame.replace(" ", "").contains("\"node\":null")) {
            ends.forEach((id, end) -> {
                if (frame.contains(id)) {
                    end.complete(null);
                }
            });
        }
    }

    @Override
    public void close() {
        WebSocket open = socket;
        if (open != null) {
            open.abort();
        }
    }
}
