package io.tollgate.comfyui.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Python's {@code heapq} over queue items, step by step the same: clients see its raw array in {@code /queue}, and an
 * exception out of a comparison leaves it half sifted, as there. Not safe for use by many threads.
 */
final class PromptHeap {

    private List<QueueItem> items = new ArrayList<>();

    int size() {
        return items.size();
    }

    List<QueueItem> raw() {
        return List.copyOf(items);
    }

    /** Adds an item. When comparing fails the item is in the heap all the same, at its end. */
    void push(QueueItem item) {
        items.add(item);
        siftDown(0, items.size() - 1);
    }

    /** Takes the smallest. When comparing fails that item is lost and another may be out of place. */
    QueueItem pop() {
        QueueItem last = items.remove(items.size() - 1);
        if (items.isEmpty()) {
            return last;
        }
        QueueItem smallest = items.get(0);
        items.set(0, last);
        siftUp(0);
        return smallest;
    }

    /** Removes the first item of the raw array that fits, and makes a heap of the rest. */
    boolean removeFirst(Predicate<QueueItem> fits) {
        for (int at = 0; at < items.size(); at++) {
            if (fits.test(items.get(at))) {
                items.remove(at);
                for (int node = items.size() / 2 - 1; node >= 0; node--) {
                    siftUp(node);
                }
                return true;
            }
        }
        return false;
    }

    void clear() {
        items = new ArrayList<>();
    }

    private void siftDown(int start, int from) {
        int at = from;
        QueueItem item = items.get(at);
        while (at > start) {
            int parentAt = (at - 1) >> 1;
            QueueItem parent = items.get(parentAt);
            if (!item.lessThan(parent)) {
                break;
            }
            items.set(at, parent);
            at = parentAt;
        }
        items.set(at, item);
    }

    private void siftUp(int from) {
        int at = from;
        int end = items.size();
        QueueItem item = items.get(at);
        int child = 2 * at + 1;
        while (child < end) {
            int right = child + 1;
            if (right < end && !items.get(child).lessThan(items.get(right))) {
                child = right;
            }
            items.set(at, items.get(child));
            at = child;
            child = 2 * at + 1;
        }
        items.set(at, item);
        siftDown(from, at);
    }
}
