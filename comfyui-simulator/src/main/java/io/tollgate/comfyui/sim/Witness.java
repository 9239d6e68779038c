package io.tollgate.comfyui.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** What really happened, for tests: calls, runs, and what was done to prompts of others. It outlives restarts. */
final class Witness {

    /** The most runs, touches and arrivals that are kept; older ones are forgotten. */
    static final int MAX_KEPT = 200_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Execution> executions = new ArrayList<>();
    private final List<Touch> touches = new ArrayList<>();
    private final Deque<Arrival> arrivals = new ArrayDeque<>();
    private final Set<String> foreign = new HashSet<>();
    private int forgotten;

    /** Notes a run that begins. Returns its ticket. */
    int began(QueueItem item, int life) {
        lock.lock();
        try {
            if (executions.size() == MAX_KEPT) {
                executions.remove(0);
                forgotten++;
            }
            executions.add(new Execution(
                    item.id(),
                    item.clientId(),
                    item.extraData(),
                    item.number().doubleValue(),
                    life,
                    item.foreign(),
                    System.nanoTime(),
                    0,
                    Execution.Ending.RUNNING));
            return forgotten + executions.size() - 1;
        } finally {
            lock.unlock();
        }
    }

    void ended(int ticket, Execution.Ending how) {
        lock.lock();
        try {
            int at = ticket - forgotten;
            if (at >= 0) {
                executions.set(at, executions.get(at).ended(System.nanoTime(), how));
            }
        } finally {
            lock.unlock();
        }
    }

    List<Execution> executions() {
        lock.lock();
        try {
            return List.copyOf(executions);
        } finally {
            lock.unlock();
        }
    }

    void arrived(Arrival arrival) {
        lock.lock();
        try {
            if (arrivals.size() == MAX_KEPT) {
                arrivals.remove();
            }
            arrivals.add(arrival);
        } finally {
            lock.unlock();
        }
    }

    List<Arrival> arrivals() {
        lock.lock();
        try {
            return List.copyOf(arrivals);
        } finally {
            lock.unlock();
        }
    }

    void isForeign(String id) {
        lock.lock();
        try {
            foreign.add(id);
        } finally {
            lock.unlock();
        }
    }

    /** Notes what was done to this prompt, if it is somebody else's. */
    void touchedIfForeign(Touch.Kind kind, String id) {
        lock.lock();
        try {
            if (foreign.contains(id)) {
                touched(kind, Optional.of(id));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Notes what was done to all; it names the foreign prompt among the running ones. */
    void touchedAll(Touch.Kind kind, List<QueueItem> running) {
        touched(
                kind,
                running.stream().filter(QueueItem::foreign).map(QueueItem::id).findFirst());
    }

    private void touched(Touch.Kind kind, Optional<String> id) {
        lock.lock();
        try {
            if (touches.size() == MAX_KEPT) {
                touches.remove(0);
            }
            touches.add(new Touch(kind, id, System.nanoTime()));
        } finally {
            lock.unlock();
        }
    }

    List<Touch> touches() {
        lock.lock();
        try {
            return List.copyOf(touches);
        } finally {
            lock.unlock();
        }
    }
}
