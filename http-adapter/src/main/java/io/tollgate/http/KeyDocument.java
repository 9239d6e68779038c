package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of an API key, over HTTP and on the command line alike; the key itself is not.
 *
 * @param status {@code active}, {@code expired} or {@code revoked}
 */
public record KeyDocument(
        KeyId id,
        UserId userId,
        String name,
        List<String> scopes,
        String status,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Optional<Instant> revokedAt,
        Optional<String> revokedBy,
        Optional<Instant> lastUsedAt) {
    /** As it is shown. */
    public static KeyDocument of(ApiKey key, Instant now) {
        return new KeyDocument(
                key.id(),
                key.user(),
                key.name(),
                key.scopes().stream().map(Scope::word).sorted().toList(),
                status(key, now),
                key.createdAt(),
                key.expiresAt(),
                key.revokedAt(),
                key.revokedBy(),
                key.lastUsedAt());
    }

    private static String status(ApiKey key, Instant now) {
        if (key.revokedAt().isPresent()) {
            return "revoked";
        }
        return key.isUsableAt(now) ? "active" : "expired";
    }
}
