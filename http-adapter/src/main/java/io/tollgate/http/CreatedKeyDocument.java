package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A new key: the only document that ever shows one, over HTTP and on the command line alike. */
public record CreatedKeyDocument(
        KeyId id,
        String key,
        UserId userId,
        String name,
        List<String> scopes,
        Instant createdAt,
        Optional<Instant> expiresAt) {
    /** As it is shown, once. */
    public static CreatedKeyDocument of(Keys.Created created) {
        return new CreatedKeyDocument(
                created.key().id(),
                created.secret(),
                created.key().user(),
                created.key().name(),
                created.key().scopes().stream().map(Scope::word).sorted().toList(),
                created.key().createdAt(),
                created.key().expiresAt());
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "key " + id;
    }
}
