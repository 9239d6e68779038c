package io.tollgate.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import io.tollgate.queue.access.ApiKey;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * How many calls somebody may make: so many a minute for each key, and for each address that has none. A bucket holds a
 * minute's worth and fills steadily. What callers have left is told in the headers of draft-ietf-httpapi-ratelimit.
 * Safe for use by many threads.
 */
final class CallLimits {
    private static final long REMEMBERED = 100_000;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final int perKey;
    private final int perAddress;
    private final HttpWatcher watcher;
    private final Cache<Object, Bucket> buckets = Caffeine.newBuilder()
            .maximumSize(REMEMBERED)
            .expireAfterAccess(MINUTE.multipliedBy(2))
            .build();

    /**
     * Makes them.
     *
     * @param perKey calls a minute of one key; 0 for as many as it likes
     * @param perAddress calls a minute of one address without a key; 0 for as many as it likes
     */
    CallLimits(int perKey, int perAddress, HttpWatcher watcher) {
        this.perKey = perKey;
        this.perAddress = perAddress;
        this.watcher = watcher;
    }

    void check(ApiKey key, Response response) {
        take(key.id(), perKey, "key", response);
    }

    void checkAnonymous(Request request, Response response) {
        take("address " + Request.getRemoteAddr(request), perAddress, "address", response);
    }

    /** Looks whether an address may still send wrong keys, and counts nothing. */
    void checkGuesses(Request request, Response response) {
        Bucket bucket = buckets.getIfPresent(guesses(request));
        if (bucket != null && perAddress > 0) {
            EstimationProbe probe = bucket.estimateAbilityToConsume(1);
            if (!probe.canBeConsumed()) {
                tell("address", perAddress, 0, Duration.ofNanos(probe.getNanosToWaitForRefill()), response);
                throw tooMany("address", perAddress, Duration.ofNanos(probe.getNanosToWaitForRefill()));
            }
        }
    }

    /** Counts a wrong key: who guesses keys is anybody. */
    void guessed(Request request, Response response) {
        take(guesses(request), perAddress, "address", response);
    }

    private static Object guesses(Request request) {
        return "guesses " + Request.getRemoteAddr(request);
    }

    private void take(Object who, int perMinute, String what, Response response) {
        if (perMinute == 0) {
            return;
        }
        Bucket bucket = buckets.get(
                who,
                same -> Bucket.builder()
                        .addLimit(Bandwidth.builder()
                                .capacity(perMinute)
                                .refillGreedy(perMinute, MINUTE)
                                .build())
                        .build());
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
        Duration wait = Duration.ofNanos(probe.getNanosToWaitForRefill());
        tell(what, perMinute, probe.getRemainingTokens(), probe.isConsumed() ? Duration.ZERO : wait, response);
        if (!probe.isConsumed()) {
            throw tooMany(what, perMinute, wait);
        }
    }

    private static void tell(String what, int perMinute, long remaining, Duration wait, Response response) {
        response.getHeaders().put("RateLimit-Policy", "\"" + what + "\";q=" + perMinute + ";w=60");
        response.getHeaders()
                .put(
                        "RateLimit",
                        "\"" + what + "\";r=" + remaining + (wait.isZero() ? "" : ";t=" + Problem.seconds(wait)));
    }

    private ProblemException tooMany(String what, int perMinute, Duration wait) {
        watcher.limited(what);
        return new ProblemException(new Problem(
                429,
                "rate_limited",
                "no more than " + perMinute + " calls a minute; try again in " + Problem.seconds(wait) + " s",
                null,
                Optional.of(wait)));
    }
}
