package io.tollgate.comfyui;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a server has: what it lists, but for what it was found to lack since, and what the operator says. Safe for use
 * by many threads.
 */
final class ServerTags {
    private final ComfyApi api;
    private final Set<String> operators;
    private final Runnable changed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, String> withdrawn = new HashMap<>();
    private Set<String> listed = Set.of();
    private Set<String> all;
    private boolean known;
    private long listedLength = -1;
    private long listedSum;
    private @Nullable CompletableFuture<Void> refresh;

    ServerTags(ComfyApi api, Set<String> operators, Runnable changed) {
        this.api = api;
        this.operators = operators;
        this.all = operators;
        this.changed = changed;
    }

    Set<String> all() {
        lock.lock();
        try {
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the server was ever heard. */
    boolean areKnown() {
        lock.lock();
        try {
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Why the server is taken to lack something that it lists, by tag. */
    Map<String, String> withdrawn() {
        lock.lock();
        try {
            return Map.copyOf(withdrawn);
        } finally {
            lock.unlock();
        }
    }

    /** The server was found to lack these, whatever it lists; until it is asked again. */
    void withdraw(Collection<String> tags, String reason) {
        lock.lock();
        try {
            tags.forEach(tag -> withdrawn.put(tag, reason));
            if (!sumUp()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        changed.run();
    }

    /** Asks the server what it has; once at a time. Completes exceptionally with {@link ComfyException}. */
    CompletableFuture<Void> refresh() {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        lock.lock();
        try {
            if (refresh != null) {
                return refresh;
            }
            refresh = mine;
        } finally {
            lock.unlock();
        }
        Set<String> lackedBefore = withdrawn().keySet();
        CompletableFuture<Void> unused = api.objectInfo()
                .thenAccept(body -> heard(body, lackedBefore))
                .whenComplete((nothing, problem) -> {
                    lock.lock();
                    try {
                        refresh = null;
                    } finally {
                        lock.unlock();
                    }
                    if (problem == null) {
                        mine.complete(null);
                    } else {
                        mine.completeExceptionally(problem);
                    }
                });
        return mine;
    }

    private void heard(byte[] body, Set<String> lackedBefore) {
        CRC32C crc = new CRC32C();
        crc.update(body, 0, body.length);
        boolean same;
        lock.lock();
        try {
            same = known && listedLength == body.length && listedSum == crc.getValue();
        } finally {
            lock.unlock();
        }
        Set<String> fresh = same ? Set.of() : NodeCatalog.tags(body);
        lock.lock();
        try {
            if (!same) {
                listed = fresh;
                listedLength = body.length;
                listedSum = crc.getValue();
            }
            known = true;
            withdrawn.keySet().removeAll(lackedBefore); // not what was withdrawn while we asked
            if (!sumUp()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        changed.run();
    }

    /** Whether it comes to anything new. Called under the lock. */
    private boolean sumUp() {
        Set<String> sum = new HashSet<>(listed);
        sum.addAll(operators);
        sum.removeAll(withdrawn.keySet());
        if (sum.equals(all)) {
            return false;
        }
        all = Set.copyOf(sum);
        return true;
    }
}
