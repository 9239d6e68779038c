package io.tollgate.http;

import io.tollgate.queue.job.InputProblem;
import io.tollgate.queue.job.Refusal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a call was not done, as its caller is told.
 *
 * @param status the HTTP status
 * @param code the word that programs switch on
 * @param message one line for people
 * @param details more for programs, in a shape of the code's own; null if there is nothing to add
 * @param retryAfter when the same call may go well
 */
record Problem(
        int status, String code, String message, @Nullable Object details, Optional<Duration> retryAfter) {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(10);

    /** As it is sent. */
    record Document(Body error) {}

    /** What is in it. */
    record Body(String code, String message, @Nullable Object details) {}

    /** What is wrong with one field of a body. */
    record Field(String field, String problem, Optional<String> value) {}

    Document document() {
        return new Document(new Body(code, message, details));
    }

    static Problem of(int status, String code, String message) {
        return new Problem(status, code, message, null, Optional.empty());
    }

    static Problem notFound(String message) {
        return of(404, "not_found", message);
    }

    static Problem invalid(List<InputProblem> problems) {
        return of(new Refusal.InvalidInput(problems));
    }

    static Problem invalid(String field, String problem) {
        return invalid(List.of(new InputProblem(field, problem, Optional.empty())));
    }

    static Problem unavailable(String message) {
        return new Problem(503, "unavailable", message, null, Optional.of(SOON));
    }

    /** Of what a core refused. */
    static Problem of(Refusal refusal) {
        return new Problem(
                status(refusal.code()), refusal.code(), refusal.message(), details(refusal), retryAfter(refusal));
    }

    /** The status of each code that a core gives. */
    private static int status(String code) {
        return switch (code) {
            case "insufficient_credits" -> 402;
            case "forbidden", "content_blocked" -> 403;
            case "not_found", "blob_not_found" -> 404;
            case "quote_expired", "invalid_state", "hash_mismatch", "asset_in_use" -> 409;
            case "payload_too_large" -> 413;
            case "unsupported_media_type" -> 415;
            case "rate_limited", "quota_exceeded", "queue_full" -> 429;
            case "unavailable" -> 503;
            default -> 422;
        };
    }

    private static @Nullable Object details(Refusal refusal) {
        if (refusal instanceof Refusal.InvalidInput invalid) {
            return invalid.problems().stream()
                    .map(problem -> new Field(problem.field(), problem.problem(), problem.value()))
                    .toList();
        } else if (refusal instanceof Refusal.InsufficientCredits few) {
            return Map.of("required", few.required(), "available", few.available());
        } else if (refusal instanceof Refusal.UnfitGraph unfit) {
            return Map.of("node_errors", unfit.nodes());
        } else if (refusal instanceof Refusal.ContentBlocked blocked) {
            return Map.of("field", blocked.field());
        } else if (refusal instanceof Refusal.QuoteExpired expired) {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("quoted", expired.quoted());
            details.put("price", expired.price());
            details.put("expired_at", expired.expiredAt());
            return details;
        } else if (refusal instanceof Refusal.QuotaUsedUp used) {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("per_day", used.perDay());
            details.put("until", used.until());
            return details;
        } else if (refusal instanceof Refusal.InvalidState state) {
            return Map.of("status", state.state());
        }
        return null;
    }

    private static Optional<Duration> retryAfter(Refusal refusal) {
        if (refusal instanceof Refusal.TooFast fast) {
            return Optional.of(fast.retryAfter());
        } else if (refusal instanceof Refusal.QuotaUsedUp used) {
            return Optional.of(used.retryAfter());
        }
        return switch (refusal.code()) {
            case "rate_limited", "quota_exceeded", "queue_full", "unavailable" -> Optional.of(LATER);
            default -> Optional.empty();
        };
    }

    /** Seconds for {@code Retry-After}, at least one. */
    static long seconds(Duration wait) {
        return Math.max(1, wait.plusMillis(999).toSeconds());
    }
}
