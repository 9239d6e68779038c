package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the server remembers of prompts: those that wait, the one that runs, and the history of at most 10,000. Safe for
 * use by many threads; {@code changed} is called under its lock, so that counts go out in the order in which they were
 * true.
 */
final class PromptQueue {

    /** MAXIMUM_HISTORY_SIZE of the real server. */
    static final int MAX_HISTORY = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final PromptHeap heap = new PromptHeap();
    private final Map<Integer, QueueItem> running = new LinkedHashMap<>();
    private final Map<String, ObjectNode> history = new LinkedHashMap<>();
    private final Runnable changed;
    private int taskCounter;
    private boolean closed;

    PromptQueue(Runnable changed) {
        this.changed = changed;
    }

    /** What the worker took, with the ticket it gives back at the end. */
    record Task(int ticket, QueueItem item) {}

    /** The two lists at one moment. */
    record Snapshot(List<QueueItem> running, List<QueueItem> pending) {}

    void put(QueueItem item) {
        lock.lock();
        try {
            heap.push(item);
            changed.run();
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a prompt and takes it; empty once the server has died. */
    Optional<Task> take() throws InterruptedException {
        lock.lock();
        try {
            while (heap.size() == 0 && !closed) {
                notEmpty.await();
            }
            if (closed) {
                return Optional.empty();
            }
            Task task = new Task(taskCounter++, heap.pop());
            running.put(task.ticket(), task.item());
            changed.run();
            return Optional.of(task);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a run: out of the running ones and into the history in one step, so that no reader finds it in neither. */
    void done(int ticket, String id, ObjectNode entry) {
        lock.lock();
        try {
            running.remove(ticket);
            history.put(id, entry);
            if (history.size() > MAX_HISTORY) {
                history.remove(history.keySet().iterator().next());
            }
            changed.run();
        } finally {
            lock.unlock();
        }
    }

    int remaining() {
        lock.lock();
        try {
            return heap.size() + running.size();
        } finally {
            lock.unlock();
        }
    }

    Snapshot snapshot() {
        lock.lock();
        try {
            return new Snapshot(List.copyOf(running.values()), heap.raw());
        } finally {
            lock.unlock();
        }
    }

    boolean isRunning(String id) {
        return snapshot().running().stream().anyMatch(item -> item.id().equals(id));
    }

    /** Removes one waiting prompt with this id. The last one is removed by a wipe, which tells the clients twice. */
    boolean delete(String id) {
        lock.lock();
        try {
            if (heap.raw().stream().noneMatch(item -> item.id().equals(id))) {
                return false;
            }
            if (heap.size() == 1) {
                wipe();
            } else {
                heap.removeFirst(item -> item.id().equals(id));
            }
            changed.run();
            return true;
        } finally {
            lock.unlock();
        }
    }

    void wipe() {
        lock.lock();
        try {
            heap.clear();
            changed.run();
        } finally {
            lock.unlock();
        }
    }

    Optional<ObjectNode> history(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(history.get(id));
        } finally {
            lock.unlock();
        }
    }

    /** The part of the history that the real server gives for these parameters, whatever they are. */
    Map<String, ObjectNode> history(@Nullable Integer maxItems, int offset) {
        lock.lock();
        try {
            int from = offset < 0 && maxItems != null ? history.size() - maxItems : offset;
            Map<String, ObjectNode> part = new LinkedHashMap<>();
            int at = 0;
            for (Map.Entry<String, ObjectNode> entry : history.entrySet()) {
                if (at++ >= from) {
                    part.put(entry.getKey(), entry.getValue());
                    if (maxItems != null && part.size() >= maxItems) {
                        break;
                    }
                }
            }
            return part;
        } finally {
            lock.unlock();
        }
    }

    void deleteHistory(String id) {
        lock.lock();
        try {
            history.remove(id);
        } finally {
            lock.unlock();
        }
    }

    void wipeHistory() {
        lock.lock();
        try {
            history.clear();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            notEmpty.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
