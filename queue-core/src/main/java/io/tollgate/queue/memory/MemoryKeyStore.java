package io.tollgate.queue.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.KeyStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Keys that are forgotten with the process. Safe for use by many threads. */
public final class MemoryKeyStore implements KeyStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<KeyId, ApiKey> keys = new LinkedHashMap<>(); // in the order of their adding
    private final Map<String, KeyId> hashes = new HashMap<>();

    @Override
    public void add(ApiKey key, String hash) {
        lock.lock();
        try {
            if (keys.containsKey(key.id()) || hashes.containsKey(hash)) {
                throw new IllegalArgumentException("there is such a key already: " + key.id());
            }
            keys.put(key.id(), key);
            hashes.put(hash, key.id());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<ApiKey> byHash(String hash) {
        lock.lock();
        try {
            return Optional.ofNullable(hashes.get(hash)).map(keys::get);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<ApiKey> find(KeyId id) {
        lock.lock();
        try {
            return Optional.ofNullable(keys.get(id));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<ApiKey> list(Optional<UserId> user, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1: " + limit);
        }
        List<ApiKey> all;
        lock.lock();
        try {
            all = new ArrayList<>(keys.values());
        } finally {
            lock.unlock();
        }
        Collections.reverse(all);
        return all.stream()
                .filter(key -> user.map(key.user()::equals).orElse(true))
                .limit(limit)
                .toList();
    }

    @Override
    public boolean revoke(KeyId id, Instant at, String by) {
        lock.lock();
        try {
            @Nullable ApiKey revoked = keys.computeIfPresent(id, (same, key) -> key.revoked(at, by));
            return revoked != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void noteUsed(Map<KeyId, Instant> uses) {
        lock.lock();
        try {
            uses.forEach((id, at) -> keys.computeIfPresent(id, (same, key) -> key.used(at)));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int forget(UserId user) {
        lock.lock();
        try {
            int before = keys.size();
            keys.values().removeIf(key -> key.user().equals(user));
            hashes.values().retainAll(keys.keySet());
            keys.replaceAll((id, key) -> key.without(user));
            return before - keys.size();
        } finally {
            lock.unlock();
        }
    }
}
