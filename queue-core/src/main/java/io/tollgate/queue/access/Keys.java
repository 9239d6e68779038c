package io.tollgate.queue.access;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.IdSource;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes, recognizes and revokes API keys. Safe for use by many threads. Most calls of {@link #authenticate} are
 * answered from memory; all others, and {@link #authenticate} of a key that wasn't seen for some seconds, wait for the
 * store. Has no thread of its own: somebody calls {@link #flushUses} about once a minute, and once when all is over.
 */
public final class Keys {
    /*
     * Secrets are never compared: a presented one is hashed with a key that an attacker doesn't have, and the hash is
     * looked up. How long the look-up takes tells of the hash alone, from which nothing of any secret can be guessed.
     *
     * The cache holds only what the store knows, so strangers can't fill it. A key that is being read from the store
     * while it is revoked must not come back after the revocation dropped it: `drops` counts revocations, and what was
     * read before one isn't cached after it. Other processes' revocations are seen when an entry is too old.
     */

    /** The most keys that are kept in memory. */
    static final int MAX_CACHED = 10_000;

    /** How long an answer of the store holds: the longest that another process's revocation goes unseen. */
    static final Duration CACHED_FOR = Duration.ofSeconds(5);

    /** The most keys that wait for their last use to be stored. */
    static final int MAX_USES = 100_000;

    /** How often a key's last use is stored at most. */
    static final Duration USE_STORED_EVERY = Duration.ofMinutes(1);

    /** The most keys that are listed. */
    public static final int MAX_LISTED = 1_000;

    /** The longest name of who revokes a key. */
    public static final int MAX_BY = 100;

    private final KeyStore store;
    private final KeySecret secrets;
    private final InstantSource clock;
    private final IdSource ids;

    private final Map<String, Cached> cache = new ConcurrentHashMap<>(); // by hash; added to and dropped under lock
    private final ReentrantLock lock = new ReentrantLock();
    private long drops; // guarded by lock

    private final Map<KeyId, Instant> uses = new ConcurrentHashMap<>(); // not stored yet
    private final ReentrantLock flushing = new ReentrantLock();
    private final Map<KeyId, Instant> stored = new HashMap<>(); // when, in the last minute; guarded by flushing

    private record Cached(ApiKey key, Instant at) {
        boolean holdsAt(Instant now) {
            return !now.isBefore(at) && now.isBefore(at.plus(CACHED_FOR)); // a clock may go back
        }
    }

    /**
     * Keys of a store.
     *
     * @param hashKey what secrets are hashed with, at least 32 bytes; with another one no key is recognized
     * @param random makes the secrets
     */
    public Keys(KeyStore store, byte[] hashKey, InstantSource clock, IdSource ids, SecureRandom random) {
        this.store = store;
        this.secrets = new KeySecret(hashKey, random);
        this.clock = clock;
        this.ids = ids;
    }

    /**
     * A new key, and the only time that its secret is seen.
     *
     * @param secret what opens; for its owner's eyes
     */
    public record Created(ApiKey key, String secret) {
        @Override
        public String toString() {
            return "Created[key=" + key + ", secret=" + KeySecret.PREFIX + "…]";
        }
    }

    /**
     * Makes a key. It is usable when this returns.
     *
     * @param scopes at least one
     * @param lifetime at least a millisecond; empty if it lasts until it is revoked
     * @param name at most {@value ApiKey#MAX_NAME} characters
     * @throws IllegalArgumentException if one of them is not as said, or the user is erased
     */
    public Created create(UserId user, Set<Scope> scopes, Optional<Duration> lifetime, String name) {
        if (user.isErased()) {
            throw new IllegalArgumentException("nobody can act as " + user);
        }
        Instant now = now();
        ApiKey key = new ApiKey(
                new KeyId(ids.next()),
                user,
                name,
                scopes,
                now,
                lifetime.map(span -> Instant.ofEpochMilli(now.plus(span).toEpochMilli())),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        String secret = secrets.next();
        store.add(key, secrets.hash(secret));
        return new Created(key, secret);
    }

    /**
     * Recognizes a secret. Text that isn't shaped as one costs the store nothing; one that is shaped so and wrong costs
     * it a look-up, each time.
     *
     * @return the key; empty if it is unknown, expired or revoked
     * @throws io.tollgate.credits.ledger.StoreException if it is not in memory and the store can't be asked
     */
    public Optional<ApiKey> authenticate(String presented) {
        if (!KeySecret.isShaped(presented)) {
            return Optional.empty();
        }
        String hash = secrets.hash(presented);
        Instant now = now();
        @Nullable Cached cached = cache.get(hash);
        ApiKey key;
        if (cached != null && cached.holdsAt(now)) {
            key = cached.key();
        } else {
            Optional<ApiKey> read = read(hash, now);
            if (read.isEmpty()) {
                return Optional.empty();
            }
            key = read.get();
        }
        if (!key.isUsableAt(now)) {
            return Optional.empty();
        }
        noteUse(key.id(), now);
        return Optional.of(key);
    }

    private Optional<ApiKey> read(String hash, Instant now) {
        long before = drops();
        Optional<ApiKey> read = store.byHash(hash);
        lock.lock();
        try {
            if (read.isEmpty()) {
                cache.remove(hash);
            } else if (drops == before) {
                if (cache.size() >= MAX_CACHED) {
                    cache.clear(); // they come back; to choose among them would cost more
                }
                cache.put(hash, new Cached(read.get(), now));
            }
        } finally {
            lock.unlock();
        }
        return read;
    }

    private long drops() {
        lock.lock();
        try {
            return drops;
        } finally {
            lock.unlock();
        }
    }

    private void noteUse(KeyId id, Instant now) {
        if (uses.containsKey(id) || uses.size() < MAX_USES) {
            uses.merge(id, now, Keys::later);
        }
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    /**
     * Revokes a key for good. It opens nothing more when this returns; in other processes on the same store, after 5
     * seconds at most.
     *
     * @param by who does, 1 to {@value #MAX_BY} characters
     * @return whether there is such a key
     */
    public boolean revoke(KeyId id, String by) {
        if (by.isEmpty() || by.length() > MAX_BY) {
            throw new IllegalArgumentException("who revokes has 1 to " + MAX_BY + " characters, not " + by.length());
        }
        try {
            return store.revoke(id, now(), by);
        } finally {
            drop(id, null); // even if the store failed: it may have done it
        }
    }

    /**
     * Deletes all keys of a user who is to be forgotten. A store that erases the user itself has done so already; then
     * this makes sure that memory forgets them, too.
     */
    public void forget(UserId user) {
        try {
            store.forget(user);
        } finally {
            drop(null, user);
        }
    }

    private void drop(@Nullable KeyId id, @Nullable UserId user) {
        lock.lock();
        try {
            drops++;
            cache.values()
                    .removeIf(cached ->
                            cached.key().id().equals(id) || cached.key().user().equals(user));
        } finally {
            lock.unlock();
        }
    }

    /** Whether a key opens anything now, for one who came in with it a while ago. Waits for the store. */
    public boolean stands(KeyId id) {
        return store.find(id).filter(key -> key.isUsableAt(now())).isPresent();
    }

    /** The key with that id, with its last use as far as it is known here. */
    public Optional<ApiKey> find(KeyId id) {
        return store.find(id).map(this::withUse);
    }

    /** The last {@value #MAX_LISTED} keys that were made, the newest first, whether they can be used or not. */
    public List<ApiKey> list(Optional<UserId> user) {
        return store.list(user, MAX_LISTED).stream().map(this::withUse).toList();
    }

    private ApiKey withUse(ApiKey key) {
        @Nullable Instant use = uses.get(key.id());
        return use == null ? key : key.used(use);
    }

    /**
     * Stores when keys were last used, each at most once a minute. What the store refuses is kept for the next time.
     *
     * @return how many were stored
     */
    public int flushUses() {
        flushing.lock();
        try {
            Instant now = now();
            stored.values().removeIf(at -> now.isBefore(at) || !now.isBefore(at.plus(USE_STORED_EVERY)));
            Map<KeyId, Instant> due = new HashMap<>(uses);
            due.keySet().removeAll(stored.keySet());
            if (due.isEmpty()) {
                return 0;
            }
            store.noteUsed(due);
            due.forEach((id, at) -> {
                stored.put(id, now);
                uses.remove(id, at); // unless it was used again
            });
            return due.size();
        } finally {
            flushing.unlock();
        }
    }

    /** To the millisecond, as stores keep it. */
    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }
}
