package io.tollgate.queue.access;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StorableText;
import io.tollgate.queue.job.EraseRules;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A key to the HTTP API, without its secret, which nobody keeps.
 *
 * @param user who acts when it is used
 * @param name what its owner calls it, at most {@value #MAX_NAME} characters; may be empty
 * @param scopes at least one, in the order of {@link Scope}
 * @param expiresAt from when on it opens nothing more; empty if it lasts
 * @param revokedBy who revoked it, if it was
 * @param lastUsedAt to the minute or so
 */
public record ApiKey(
        KeyId id,
        UserId user,
        String name,
        Set<Scope> scopes,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Optional<Instant> revokedAt,
        Optional<String> revokedBy,
        Optional<Instant> lastUsedAt) {
    /** The longest name. */
    public static final int MAX_NAME = 80;

    public ApiKey {
        if (name.length() > MAX_NAME || !isPlain(name)) {
            throw new IllegalArgumentException(
                    "a key's name has at most " + MAX_NAME + " characters and no control characters");
        }
        if (scopes.isEmpty()) {
            throw new IllegalArgumentException("a key has at least one scope");
        }
        if (expiresAt.isPresent() && !expiresAt.get().isAfter(createdAt)) {
            throw new IllegalArgumentException("a key can't expire before it is made: " + expiresAt.get());
        }
        if (revokedAt.isPresent() != revokedBy.isPresent()) {
            throw new IllegalArgumentException("revoked at " + revokedAt + " by " + revokedBy);
        }
        scopes = Collections.unmodifiableSet(EnumSet.copyOf(scopes));
    }

    private static boolean isPlain(String text) {
        return StorableText.isStorable(text) && text.chars().noneMatch(Character::isISOControl);
    }

    /** Whether it opens anything at that time. */
    public boolean isUsableAt(Instant now) {
        return revokedAt.isEmpty() && expiresAt.map(now::isBefore).orElse(true);
    }

    /** Whether it opens this. */
    public boolean allows(Scope scope) {
        return scopes.contains(scope);
    }

    /** The same, revoked; as it is if it was revoked before. */
    public ApiKey revoked(Instant at, String by) {
        return revokedAt.isPresent()
                ? this
                : new ApiKey(
                        id, user, name, scopes, createdAt, expiresAt, Optional.of(at), Optional.of(by), lastUsedAt);
    }

    /** The same, used at that time; as it is if it was used later. */
    public ApiKey used(Instant at) {
        return lastUsedAt.map(at::isAfter).orElse(true)
                ? new ApiKey(id, user, name, scopes, createdAt, expiresAt, revokedAt, revokedBy, Optional.of(at))
                : this;
    }

    /** The same without what tells of another user who is to be forgotten. */
    public ApiKey without(UserId gone) {
        return new ApiKey(
                id,
                user,
                EraseRules.says(name, gone) ? EraseRules.GONE : name,
                scopes,
                createdAt,
                expiresAt,
                revokedAt,
                revokedBy.map(by -> EraseRules.says(by, gone) ? EraseRules.GONE : by),
                lastUsedAt);
    }
}
