package io.tollgate.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tollgate.http.ApiJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * Calls a server and bounds whatever it may answer: in size, in time, and in what is made of it. Calls that may be
 * repeated are, with backoff. Everything that goes wrong is a {@link CallFailedException} with one line for people; the
 * key is in none of them. Safe for use by many threads.
 */
public final class ApiClient implements AutoCloseable {
    /** How long somebody waits at most, for a connection and for an answer. */
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(10);

    static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);

    /** The most that a server may ask a program to wait that a person waits for. */
    private static final Duration LONGEST_ASKED = Duration.ofSeconds(20);

    private static final int MAX_ANSWER = 32 << 20;
    private static final int MAX_PROBLEM = 1 << 20;
    private static final int MAX_MESSAGE = 600;

    private final ServerAddress server;
    private final String agent;
    private final Backoff backoff;
    private final Consumer<String> tell;
    private final HttpClient http;
    private final ScheduledExecutorService timer;

    /**
     * Makes one.
     *
     * @param version this program's, for the server's log
     * @param tell hears, in a line, why it takes longer
     */
    public ApiClient(ServerAddress server, String version, Backoff backoff, Consumer<String> tell) {
        this.server = server;
        this.agent = "tollgate-cli/" + version;
        this.backoff = backoff;
        this.tell = tell;
        this.timer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "tollgate-client-timer");
            thread.setDaemon(true);
            return thread;
        });
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_WITHIN)
                .followRedirects(HttpClient.Redirect.NEVER) // the key goes where its owner said, nowhere else
                .build();
    }

    /** Where it calls. */
    public ServerAddress server() {
        return server;
    }

    ScheduledExecutorService timer() {
        return timer;
    }

    /** Tells a person something on the way. */
    void tell(String line) {
        tell.accept(line);
    }

    /** Asks; repeated if need be. */
    public JsonNode get(Route route) {
        return repeated(() -> json(request(route).GET()));
    }

    /** Sends a document. What is lost on the way isn't sent again, since it may have arrived. */
    public JsonNode post(Route route, Object document) {
        return json(request(route, document, "POST"));
    }

    /** The same without a document. */
    public JsonNode post(Route route) {
        return json(request(route).POST(BodyPublishers.noBody()));
    }

    /**
     * Sends a document that the server takes once only; repeated if need be.
     *
     * @param once the idempotency key
     */
    public JsonNode postOnce(Route route, Object document, String once) {
        return repeated(() -> json(request(route, document, "POST").header("Idempotency-Key", once)));
    }

    /** Puts a document, which says how something is from now on; repeated if need be. */
    public JsonNode put(Route route, Object document) {
        return repeated(() -> json(request(route, document, "PUT")));
    }

    /** Deletes. */
    public void delete(Route route) {
        json(request(route).DELETE());
    }

    HttpRequest.Builder request(Route route) {
        return request(server.of(route.toString()));
    }

    private HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(ANSWER_WITHIN)
                .header("User-Agent", agent)
                .header("Accept", "application/json");
        server.key().ifPresent(key -> request.header("Authorization", "Bearer " + key.reveal()));
        return request;
    }

    private HttpRequest.Builder request(Route route, Object document, String method) {
        BodyPublisher body = BodyPublishers.ofByteArray(ApiJson.bytes(document));
        return request(route).header("Content-Type", "application/json").method(method, body);
    }

    /** Tries again while that may help and the caller may still wait. */
    <T> T repeated(Supplier<T> call) {
        for (int failures = 1; ; failures++) {
            try {
                return call.get();
            } catch (CallFailedException e) {
                Duration wait = e.retryAfter().orElse(backoff.afterFailure(failures));
                boolean neverThere = failures == 1 && e.getCause() instanceof ConnectException;
                if (!e.isPassing() || neverThere || failures >= backoff.tries() || wait.compareTo(LONGEST_ASKED) > 0) {
                    throw e;
                }
                if (e.retryAfter().isPresent()) {
                    tell("the server asks to wait " + wait.toSeconds() + " s: " + e.getMessage());
                }
                Backoff.pause(wait);
            }
        }
    }

    /** The document that a call is answered; missing if there is none. */
    JsonNode json(HttpRequest.Builder request) {
        HttpResponse<InputStream> answer = send(request.build());
        byte[] body = body(answer, MAX_ANSWER);
        if (answer.statusCode() == 204 || answer.statusCode() == 205) {
            return MissingNode.getInstance();
        }
        try {
            return ApiJson.read(
                    server.hide(new String(body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw CallFailedException.hopeless(notOurs(answer), e);
        }
    }

    /**
     * Sends a request; the body of the answer is to be closed.
     *
     * @throws CallFailedException unless the answer is one of success
     */
    HttpResponse<InputStream> send(HttpRequest request) {
        HttpResponse<InputStream> answer;
        try {
            answer = http.send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CallFailedException.hopeless("interrupted", e);
        } catch (IOException e) {
            throw unreachable(e);
        }
        if (answer.statusCode() / 100 == 2) {
            return answer;
        }
        throw refused(answer);
    }

    private byte[] body(HttpResponse<InputStream> answer, int most) {
        try (InputStream body = new WatchedStream(answer.body(), ANSWER_WITHIN, ANSWER_WITHIN, timer)) {
            byte[] read = body.readNBytes(most + 1);
            if (read.length > most) {
                throw CallFailedException.hopeless(
                        server + " answered more than " + (most >> 20) + " MiB, which is no answer of Tollgate's",
                        null);
            }
            return read;
        } catch (IOException e) {
            throw CallFailedException.passing("the answer of " + server + " was cut off: " + reason(e), e);
        }
    }

    /** What was lost on the way, or never arrived. */
    CallFailedException unreachable(IOException problem) {
        if (problem instanceof HttpConnectTimeoutException) {
            return CallFailedException.passing(server + " takes no connection; is the address right?", problem);
        } else if (problem instanceof HttpTimeoutException) {
            return CallFailedException.passing(
                    server + " did not answer within " + ANSWER_WITHIN.toSeconds() + " s", problem);
        } else if (problem instanceof ConnectException) {
            for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
                if (cause instanceof UnresolvedAddressException) {
                    return CallFailedException.hopeless(
                            "there is no host '" + server.base().getHost() + "'; is the address right?", problem);
                }
            }
            return CallFailedException.passing(
                    server + " can't be reached; is the server running? To start one: tollgate serve", problem);
        } else if (problem instanceof SSLException) {
            return CallFailedException.hopeless("no safe connection to " + server + ": " + reason(problem), problem);
        }
        return CallFailedException.passing("the connection to " + server + " broke: " + reason(problem), problem);
    }

    private String reason(IOException problem) {
        String message = problem.getMessage();
        return cut(server.hide(message == null ? problem.getClass().getSimpleName() : message));
    }

    private String notOurs(HttpResponse<?> answer) {
        return server + " answered " + answer.statusCode() + " with something that is not Tollgate's; is the address"
                + " right, with the path before /api if there is one?";
    }

    private CallFailedException refused(HttpResponse<InputStream> answer) {
        int status = answer.statusCode();
        Optional<Duration> retryAfter = answer.headers()
                .firstValue("Retry-After")
                .filter(text -> text.matches("\\d{1,7}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
        JsonNode error = error(answer);
        String code = error.path("code").asText("");
        if (status / 100 == 3) {
            String to = answer.headers().firstValue("Location").orElse("nowhere");
            return CallFailedException.hopeless(
                    server + " sends us on to " + cut(server.hide(to)) + "; if that is the server, name it instead",
                    null);
        } else if (code.isEmpty()) {
            boolean passing = status >= 502 && status <= 504;
            String message = passing
                    ? "the server behind " + server + " is not there (" + status + ")"
                    : status == 401 ? unauthorized("") : notOurs(answer);
            return CallFailedException.refused(status, "", MissingNode.getInstance(), message, passing, retryAfter);
        }
        String said = cut(error.path("message").asText(""));
        boolean passing = status == 503 || code.equals("rate_limited");
        return CallFailedException.refused(
                status, code, error.path("details"), message(status, code, said, error), passing, retryAfter);
    }

    /** What is in {@code error}, if the answer is Tollgate's. */
    private JsonNode error(HttpResponse<InputStream> answer) {
        try {
            byte[] body = body(answer, MAX_PROBLEM);
            return ApiJson.read(server.hide(new String(body, StandardCharsets.UTF_8))
                            .getBytes(StandardCharsets.UTF_8))
                    .path("error");
        } catch (IOException | CallFailedException e) {
            return MissingNode.getInstance();
        }
    }

    private String message(int status, String code, String said, JsonNode error) {
        if (status == 401) {
            return unauthorized(said);
        } else if (code.equals("insufficient_credits")) {
            return said.replaceFirst("; top up and try again$", "")
                    + "; an operator can give some: tollgate credits grant USER AMOUNT";
        } else if (code.equals("invalid_input")) {
            String fields = fields(error.path("details"));
            return fields.isEmpty() ? said : fields;
        }
        return said.isEmpty() ? server + " refused: " + status + " " + cut(code) : said;
    }

    private String unauthorized(String said) {
        return server.key().isPresent()
                ? "the server doesn't take this key" + (said.isEmpty() ? "" : ": " + said)
                : "the server wants a key: put yours into TOLLGATE_KEY, or into a file for --key-file; an operator"
                        + " makes one with: tollgate keys create --user NAME --scopes jobs,credits:read";
    }

    private static String fields(JsonNode details) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (JsonNode detail : details) {
            if (fields.size() < 10 && detail.path("problem").isTextual()) {
                fields.putIfAbsent(
                        detail.path("field").asText("") + " "
                                + detail.path("problem").textValue(),
                        detail.path("value").asText(""));
            }
        }
        StringBuilder text = new StringBuilder();
        fields.forEach((problem, value) -> text.append(text.isEmpty() ? "" : "; ")
                .append(cut(problem))
                .append(value.isEmpty() || value.equals("null") ? "" : ", not '" + cut(value) + "'"));
        return text.toString();
    }

    private static String cut(String text) {
        return text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) + "…" : text;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
