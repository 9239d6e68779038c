package io.tollgate.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for one reader: all that must arrive, in its order, and the newest of each name of what is only shown. It
 * never grows beyond its bounds. Safe for use by many threads.
 */
final class Backlog {
    /** The most bytes of what is only shown that wait for a slow reader. */
    static final int MAX_SHOWN_BYTES = 8 * 1024 * 1024;

    private final int mostWaiting;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<byte[]> told = new ArrayDeque<>();
    private final Map<String, byte[]> shown = new LinkedHashMap<>();
    private long shownBytes;
    private boolean ended;

    /** @param mostWaiting the most frames that may wait and must arrive */
    Backlog(int mostWaiting) {
        this.mostWaiting = mostWaiting;
    }

    /**
     * What is to be written next.
     *
     * @param last whether nothing will follow
     */
    record Taken(List<byte[]> frames, boolean last) {}

    /**
     * Adds what must arrive. After the end nothing is added any more.
     *
     * @return whether there was room
     */
    boolean tell(byte[] frame) {
        lock.lock();
        try {
            if (ended) {
                return true;
            }
            if (told.size() >= mostWaiting) {
                return false;
            }
            told.add(frame);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Puts it in the place of what has the same name and was not written yet; drops it if too much is shown. */
    void show(String name, byte[] frame) {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            byte[] before = shown.remove(name);
            shownBytes -= before == null ? 0 : before.length;
            if (shownBytes + frame.length <= MAX_SHOWN_BYTES) {
                shown.put(name, frame);
                shownBytes += frame.length;
            }
        } finally {
            lock.unlock();
        }
    }

    /** There will be no more; what waits is still to be written. */
    void end() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /** There will be no more, and nobody reads what waits. */
    void drop() {
        lock.lock();
        try {
            ended = true;
            told.clear();
            shown.clear();
            shownBytes = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Takes what is to be written next: of what waits the first, at most so much. */
    Taken take(int atMost) {
        lock.lock();
        try {
            List<byte[]> frames = new ArrayList<>();
            while (frames.size() < atMost && !told.isEmpty()) {
                frames.add(told.remove());
            }
            for (Iterator<byte[]> rest = shown.values().iterator(); frames.size() < atMost && rest.hasNext(); ) {
                byte[] frame = rest.next();
                frames.add(frame);
                shownBytes -= frame.length;
                rest.remove();
            }
            return new Taken(frames, ended && told.isEmpty() && shown.isEmpty());
        } finally {
            lock.unlock();
        }
    }
}
