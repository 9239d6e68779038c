package io.tollgate.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.Scope;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/** What somebody asked. Used by one thread at a time. */
final class Call {
    private final Request request;
    private final String id;
    private final Map<String, String> path;
    private final Optional<ApiKey> key;
    private final int maxJsonBytes;
    private final Executor executor;
    private @Nullable Fields query;

    Call(
            Request request,
            String id,
            Map<String, String> path,
            Optional<ApiKey> key,
            int maxJsonBytes,
            Executor executor) {
        this.request = request;
        this.id = id;
        this.path = path;
        this.key = key;
        this.maxJsonBytes = maxJsonBytes;
        this.executor = executor;
    }

    /** The call's own id, as in logs. */
    String id() {
        return id;
    }

    Request request() {
        return request;
    }

    /** Who asks. */
    ApiKey key() {
        return key.orElseThrow(() -> new IllegalStateException("an open route has no key"));
    }

    UserId user() {
        return key().user();
    }

    boolean may(Scope scope) {
        return key.filter(known -> known.allows(scope)).isPresent();
    }

    void require(Scope scope) {
        if (!may(scope)) {
            throw new ProblemException(
                    Problem.of(403, "forbidden", "this needs a key with the scope '" + scope.word() + "'"));
        }
    }

    /** Begins a wish. What the core refuses to begin is the caller's mistake. */
    static <T> CompletionStage<T> asked(Supplier<CompletionStage<T>> wish) {
        try {
            return wish.get();
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.invalid("body", String.valueOf(e.getMessage())));
        }
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    /** What stands in a brace of the route. */
    String path(String name) {
        return Objects.requireNonNull(path.get(name), name);
    }

    /**
     * An id in the path. One that is none is not found, like one that isn't there.
     *
     * @param what it is, for the message
     */
    <T> T pathId(String name, String what, Function<String, T> parse) {
        try {
            return parse.apply(path(name));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.notFound("there is no " + what + " of that id"));
        }
    }

    Optional<String> query(String name) {
        Fields all = query;
        if (all == null) {
            try {
                all = Request.extractQueryParameters(request);
            } catch (RuntimeException e) {
                throw new ProblemException(Problem.invalid("query", "is not well encoded"));
            }
            query = all;
        }
        List<String> values = all.getValuesOrEmpty(name);
        if (values.size() > 1) {
            throw new ProblemException(Problem.invalid(name, "must not stand there twice"));
        }
        return values.isEmpty() || values.get(0).isEmpty() ? Optional.empty() : Optional.of(values.get(0));
    }

    /** A value of the query in a form of its own. */
    <T> Optional<T> query(String name, String allowed, Function<String, T> parse) {
        return query(name).map(text -> {
            try {
                return parse.apply(text);
            } catch (RuntimeException e) {
                throw new ProblemException(Problem.invalid(name, "must be " + allowed));
            }
        });
    }

    int whole(String name, int preset, int min, int max) {
        return query(name, "a whole number from " + min + " to " + max, text -> {
                    int value = Integer.parseInt(text);
                    if (value < min || value > max) {
                        throw new IllegalArgumentException();
                    }
                    return value;
                })
                .orElse(preset);
    }

    boolean flag(String name) {
        return query(name, "true or false", text -> switch (text) {
                    case "true", "1" -> true;
                    case "false", "0" -> false;
                    default -> throw new IllegalArgumentException();
                })
                .orElse(false);
    }

    /** How long the caller is willing to wait for an answer: {@code Prefer: wait=N}, at most a minute. */
    Duration preferredWait() {
        for (String preference : request.getHeaders().getCSV("Prefer", false)) {
            String text = preference.strip();
            if (text.startsWith("wait=")) {
                try {
                    return Duration.ofSeconds(Math.max(0, Math.min(60, Integer.parseInt(text.substring(5)))));
                } catch (NumberFormatException e) {
                    return Duration.ZERO; // a preference that nobody understands is none
                }
            }
        }
        return Duration.ZERO;
    }

    /** Reads the body as JSON, on no thread while it comes; what follows is done on a thread that may block. */
    CompletableFuture<JsonNode> json() {
        String type = header(HttpHeader.CONTENT_TYPE.asString()).orElse("application/json");
        if (!type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            throw new ProblemException(
                    Problem.of(415, "unsupported_media_type", "the body must be application/json, in UTF-8"));
        }
        if (request.getLength() > maxJsonBytes) {
            throw new ProblemException(tooLarge());
        }
        CompletableFuture<byte[]> whole = new CompletableFuture<>();
        Content.Source.asByteArrayAsync(request, maxJsonBytes, Promise.Invocable.toPromise(whole));
        return whole.handleAsync(
                (bytes, problem) -> {
                    if (problem instanceof IllegalStateException) { // more than that
                        throw new ProblemException(tooLarge());
                    } else if (problem != null) {
                        throw new ProblemException(
                                Problem.of(400, "invalid_json", "the body could not be read to its end"));
                    }
                    return parsed(bytes);
                },
                executor);
    }

    private Problem tooLarge() {
        return Problem.of(413, "payload_too_large", "a JSON body has at most " + maxJsonBytes + " bytes");
    }

    private static JsonNode parsed(byte[] bytes) {
        JsonNode read;
        try {
            read = ApiJson.read(bytes);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new ProblemException(Problem.of(400, "invalid_json", "the body is not valid JSON" + where));
        } catch (IOException e) {
            throw new ProblemException(Problem.of(400, "invalid_json", "the body is not valid JSON"));
        }
        if (read == null || !read.isObject()) {
            throw new ProblemException(Problem.of(400, "invalid_json", "the body must be a JSON object"));
        }
        return read;
    }
}
