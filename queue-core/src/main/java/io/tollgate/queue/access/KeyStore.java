package io.tollgate.queue.access;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The home of API keys. It never sees a secret: a key is found by a keyed hash of it. Each method is one transaction,
 * durable when it returns, but {@link #noteUsed}, which may be several. Safe for use by many threads; methods wait for
 * the database, so none may be called by a commit listener. Instants are kept to the millisecond.
 *
 * <p>All methods throw {@link io.tollgate.credits.ledger.StoreException} when the database can't do it.
 */
public interface KeyStore {
    /**
     * Keeps a new key.
     *
     * @param hash of its secret: 64 hex digits in lower case
     * @throws IllegalArgumentException if there is a key of that id or hash; nothing was changed
     */
    void add(ApiKey key, String hash);

    /** The key with that hash, whether it can still be used or not. */
    Optional<ApiKey> byHash(String hash);

    /** The key with that id, whether it can still be used or not. */
    Optional<ApiKey> find(KeyId id);

    /**
     * Keys, those added last first.
     *
     * @param user whose; everybody's if empty
     * @param limit the most to return, at least 1
     */
    List<ApiKey> list(Optional<UserId> user, int limit);

    /**
     * Revokes a key for good. Revoking it again changes nothing.
     *
     * @param by who does, in words
     * @return whether there is such a key
     */
    boolean revoke(KeyId id, Instant at, String by);

    /** Keeps when keys were last used. An earlier time than the known one changes nothing, nor does an unknown key. */
    void noteUsed(Map<KeyId, Instant> uses);

    /** Deletes a user's keys, and what the others tell of that user. Returns how many were deleted. */
    int forget(UserId user);
}
