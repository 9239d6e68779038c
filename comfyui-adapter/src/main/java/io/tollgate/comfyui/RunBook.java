package io.tollgate.comfyui;

import io.tollgate.queue.job.RunId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The runs that are looked after, by our id and by the server's. Ended ones are kept until they are forgotten, the
 * newest {@value #MOST_ENDED} at most: the server still knows older ones. Safe for use by many threads.
 */
final class RunBook {
    private static final int MOST_ENDED = 2_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Run> byId = new HashMap<>();
    private final Deque<Run> ended = new ArrayDeque<>();
    private boolean closed;

    /** The run of that id, made if there is none; empty after {@link #close}. */
    Optional<Run> join(RunId id, Supplier<Run> maker, java.util.function.Consumer<Run> joined) {
        @Nullable Run before;
        lock.lock();
        try {
            if (closed) {
                return Optional.empty();
            }
            before = byId.get(id.toString());
            if (before == null) {
                Run made = maker.get();
                byId.put(id.toString(), made);
                return Optional.of(made);
            }
        } finally {
            lock.unlock();
        }
        joined.accept(before); // may call a listener, so not under the lock
        return Optional.of(before);
    }

    Optional<Run> find(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(byId.get(id));
        } finally {
            lock.unlock();
        }
    }

    /** From now on it is found by that id too, and asked for by it. */
    void rename(Run run, String serverId) {
        lock.lock();
        try {
            run.serverId(serverId);
            if (byId.get(run.id().toString()) == run) {
                byId.putIfAbsent(serverId, run);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Notes that it ended; the ones that ended long ago are dropped. */
    void ended(Run run) {
        lock.lock();
        try {
            ended.add(run);
            while (ended.size() > MOST_ENDED) {
                @Nullable Run oldest = ended.poll();
                if (oldest != null) {
                    byId.values().removeIf(other -> other == oldest);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void remove(Run run) {
        lock.lock();
        try {
            byId.values().removeIf(other -> other == run);
            ended.remove(run);
        } finally {
            lock.unlock();
        }
    }

    /** The runs that the server has or may have. */
    List<Run> there() {
        lock.lock();
        try {
            Set<Run> all = new HashSet<>(byId.values());
            return all.stream().filter(run -> run.stage() == Run.Stage.THERE).toList();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more. Returns all there were; none if it was closed before. */
    List<Run> close() {
        lock.lock();
        try {
            List<Run> all = closed ? List.of() : List.copyOf(new HashSet<>(byId.values()));
            closed = true;
            byId.clear();
            ended.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }
}
