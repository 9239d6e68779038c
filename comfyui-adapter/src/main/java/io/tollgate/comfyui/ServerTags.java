package io.tollgate.comfyui;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
    /** A list that young is as good as a new one. */
    private static final Duration FRESH = Duration.ofSeconds(3);

    private final ComfyApi api;
    private final Set<String> operators;
    private final InstantSource time;
    private final Runnable changed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, String> withdrawn = new HashMap<>();
    private Set<String> listed = Set.of();
    private Set<String> all;
    private boolean known;
    private @Nullable Instant heardAt;
    private long listedLength = -1;
    private long listedSum;
    private @Nullable CompletableFuture<Void> refresh;

    ServerTags(ComfyApi api, Set<String> operators, InstantSource time, Runnable changed) {
        this.api = api;
        this.operators = operators;
        this.all = operators;
        this.time = time;
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

    /**
     * A refused graph says that the server lacks these. That may be the graph's own mistake, so the server is asked
     * what it has, unless it was a moment ago. Of what the operator says the server has, nodes that it doesn't list and
     * models that it listed before and no longer does are withdrawn; until the next usual look at the list.
     *
     * @return those that it doesn't list; completes exceptionally with {@link ComfyException} if it can't be asked
     */
    CompletableFuture<Set<String>> lacking(Collection<String> suspects, String reason) {
        Set<String> listedBefore = listed();
        CompletableFuture<Void> asked = isYounger(FRESH) ? CompletableFuture.completedFuture(null) : refresh(false);
        return asked.thenApply(nothing -> {
            Set<String> lacked = new HashSet<>(suspects);
            lacked.removeAll(listed());
            withdraw(
                    lacked.stream()
                            .filter(operators::contains)
                            .filter(tag -> Tags.nodeClass(tag).isPresent() || listedBefore.contains(tag))
                            .toList(),
                    reason);
            return Set.copyOf(lacked);
        });
    }

    /** Those that the server doesn't list, as far as is known now. */
    Set<String> notListed(Collection<String> suspects) {
        Set<String> lacked = new HashSet<>(suspects);
        lacked.removeAll(listed());
        return lacked;
    }

    private Set<String> listed() {
        lock.lock();
        try {
            return listed;
        } finally {
            lock.unlock();
        }
    }

    private void withdraw(Collection<String> tags, String reason) {
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
        return refresh(true);
    }

    /** Asks the server what it has, if it said so longer ago than that or never. */
    void refreshIfOlder(Duration age) {
        if (!isYounger(age)) {
            CompletableFuture<Void> unused = refresh().exceptionally(problem -> null); // the next usual look then
        }
    }

    private boolean isYounger(Duration age) {
        lock.lock();
        try {
            return heardAt != null
                    && Duration.between(heardAt, time.instant()).abs().compareTo(age) < 0;
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<Void> refresh(boolean forgive) {
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
        Set<String> lackedBefore = forgive ? withdrawn().keySet() : Set.of();
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
            heardAt = time.instant();
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
