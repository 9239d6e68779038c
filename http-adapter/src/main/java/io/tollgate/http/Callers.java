package io.tollgate.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.Keys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Finds out who calls, by their key. An address that sent too many wrong ones is let in only with a key that was right
 * not long ago: so guesses cost the store nothing, and those who share the address with a guesser go on. Safe for use
 * by many threads.
 */
final class Callers {
    private static final String KEY_SUBPROTOCOL = "key.";
    private static final int REMEMBERED = 10_000;
    private static final Duration REMEMBERED_FOR = Duration.ofMinutes(10);

    private final Keys keys;
    private final CallLimits limits;

    /** The digests of keys that were right. */
    private final Cache<String, Boolean> right = Caffeine.newBuilder()
            .maximumSize(REMEMBERED)
            .expireAfterAccess(REMEMBERED_FOR)
            .build();

    Callers(Keys keys, CallLimits limits) {
        this.keys = keys;
        this.limits = limits;
    }

    /**
     * Whose key a call presents.
     *
     * @throws ProblemException if it has none, a wrong one, or its address sent too many wrong ones
     */
    ApiKey authenticate(Request request, Response response) {
        Optional<String> presented = presented(request);
        if (presented.isEmpty()) {
            limits.checkAnonymous(request, response);
            throw unauthorized(response, "send your API key: Authorization: Bearer tg_live_…");
        }
        String digest = digest(presented.get());
        if (right.getIfPresent(digest) == null) {
            limits.checkGuesses(request, response);
        }
        Optional<ApiKey> key = keys.authenticate(presented.get());
        if (key.isEmpty()) {
            right.invalidate(digest);
            limits.guessed(request, response);
            throw unauthorized(response, "this API key is unknown, expired or revoked");
        }
        right.put(digest, true);
        return key.get();
    }

    private static ProblemException unauthorized(Response response, String message) {
        response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        return new ProblemException(Problem.of(401, "unauthorized", message));
    }

    /** The key that a caller presents. */
    static Optional<String> presented(Request request) {
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return Optional.of(header.substring(7).strip());
        }
        Optional<String> key =
                Optional.ofNullable(request.getHeaders().get("X-API-Key")).map(String::strip);
        return key.or(() -> inSubprotocol(request));
    }

    /** Scripts in browsers can send no headers of their own with a WebSocket, but can name subprotocols. */
    private static Optional<String> inSubprotocol(Request request) {
        return request.getHeaders().getCSV(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, false).stream()
                .filter(name -> name.startsWith(KEY_SUBPROTOCOL))
                .map(name -> name.substring(KEY_SUBPROTOCOL.length()))
                .findFirst();
    }

    private static String digest(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
