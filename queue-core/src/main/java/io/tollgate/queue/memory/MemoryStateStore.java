package io.tollgate.queue.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.StateStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * State that is forgotten with the process. Takes the room of what expired until {@link #removeExpired} is called. Safe
 * for use by many threads.
 */
public final class MemoryStateStore implements StateStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Value> values = new HashMap<>();
    private final InstantSource clock;

    private record Value(String text, Optional<Instant> expiresAt) {
        boolean isThereAt(Instant now) {
            return expiresAt.map(now::isBefore).orElse(true);
        }
    }

    public MemoryStateStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Optional<String> get(String key) {
        StateStore.check(key);
        lock.lock();
        try {
            return there(key).map(Value::text);
        } finally {
            lock.unlock();
        }
    }

    private Optional<Value> there(String key) {
        @Nullable Value value = values.get(key);
        return Optional.ofNullable(value).filter(one -> one.isThereAt(clock.instant()));
    }

    @Override
    public void put(String key, String value, Optional<Instant> expiresAt) {
        StateStore.check(key, value);
        lock.lock();
        try {
            values.put(key, new Value(value, expiresAt.map(MemoryStateStore::millis)));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean putIfAbsent(String key, String value, Optional<Instant> expiresAt) {
        StateStore.check(key, value);
        lock.lock();
        try {
            if (there(key).isPresent()) {
                return false;
            }
            values.put(key, new Value(value, expiresAt.map(MemoryStateStore::millis)));
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static Instant millis(Instant at) {
        return Instant.ofEpochMilli(at.toEpochMilli());
    }

    @Override
    public boolean remove(String key) {
        StateStore.check(key);
        lock.lock();
        try {
            boolean there = there(key).isPresent();
            values.remove(key);
            return there;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int removeExpired(Instant now) {
        lock.lock();
        try {
            int before = values.size();
            values.values().removeIf(value -> !value.isThereAt(now));
            return before - values.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int forget(UserId user) {
        lock.lock();
        try {
            Map<String, Value> then = new HashMap<>();
            values.forEach((key, value) -> StateStore.without(key, value.text(), user)
                    .ifPresent(text -> then.put(key, new Value(text, value.expiresAt()))));
            int touched = (int) values.entrySet().stream()
                    .filter(entry -> !entry.getValue().equals(then.get(entry.getKey())))
                    .count();
            values.clear();
            values.putAll(then);
            return touched;
        } finally {
            lock.unlock();
        }
    }
}
