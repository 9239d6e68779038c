package io.tollgate.queue.lane;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Waiting jobs in an order, with the number of those before any one. Confined to whoever holds its owner's lock. */
final class CountedOrder {
    /*
     * A blocked list: sorted blocks of at most BLOCK jobs, in order, none empty, and a Fenwick tree (P. Fenwick, "A New
     * Data Structure for Cumulative Frequency Tables", 1994) over how many each holds. To find a job is two binary
     * searches, to count those before it one walk down the tree besides: O(log n). A change also shifts a part of one
     * block; when one is split, dropped or merged, which takes at least BLOCK / 4 changes, the tree is made anew in
     * O(n / BLOCK): 2,000 additions with a million jobs. Next to a B+-tree that is half the code, and as fast up to
     * tens of millions. A queue grows at its end and shrinks at its head, so a full last block isn't split but left
     * full, and the next is begun.
     */
    static final int BLOCK = 512;

    private static final int FIRST_CAPACITY = 8;

    private final Comparator<Waiting> order;
    private @Nullable Waiting[][] blocks = new @Nullable Waiting[1][FIRST_CAPACITY];
    private int[] counts = new int[1];
    private int[] tree = new int[2]; // tree[i] holds the counts of the i & -i blocks that end with block i - 1
    private int used; // blocks in use
    private int size;

    CountedOrder(Comparator<Waiting> order) {
        this.order = order;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** How many blocks hold them, which is what the order takes in memory. */
    int blocks() {
        return used;
    }

    @Nullable Waiting first() {
        return size == 0 ? null : blocks[0][0];
    }

    /** How many are ahead of {@code job}, which need not be one of them. */
    int countBefore(Waiting job) {
        if (size == 0) {
            return 0;
        }
        int block = blockOf(job);
        int before = placeIn(block, job);
        for (int i = block; i > 0; i -= i & -i) {
            before += tree[i];
        }
        return before;
    }

    /** Adds a job that isn't one of them. */
    void add(Waiting job) {
        if (used == 0) {
            used = 1;
        }
        int block = blockOf(job);
        int place = placeIn(block, job);
        if (counts[block] == BLOCK) {
            boolean atTheEnd = block == used - 1 && place == BLOCK;
            split(block, atTheEnd ? BLOCK : BLOCK / 2);
            if (place >= counts[block]) {
                place -= counts[block];
                block++;
            }
        }
        @Nullable Waiting[] jobs = blocks[block];
        int count = counts[block];
        if (count == jobs.length) {
            jobs = Arrays.copyOf(jobs, Math.min(BLOCK, count * 2));
            blocks[block] = jobs;
        }
        System.arraycopy(jobs, place, jobs, place + 1, count - place);
        jobs[place] = job;
        change(block, 1);
    }

    /** Removes {@code job}, and says whether it was one of them. */
    boolean remove(Waiting job) {
        if (size == 0) {
            return false;
        }
        int block = blockOf(job);
        int place = placeIn(block, job);
        @Nullable Waiting[] jobs = blocks[block];
        if (place == counts[block] || jobs[place] != job) {
            return false;
        }
        int last = counts[block] - 1;
        System.arraycopy(jobs, place + 1, jobs, place, last - place);
        jobs[last] = null;
        change(block, -1);
        if (last == 0) {
            drop(block);
        } else if (last < BLOCK / 4) {
            mergeIfSmall(block);
        }
        return true;
    }

    /** Tells {@code each} of the first jobs, in order, while they are {@code wanted} and no more than {@code limit}. */
    void forFirst(int limit, Predicate<Waiting> wanted, Consumer<Waiting> each) {
        int left = limit;
        for (int block = 0; block < used; block++) {
            for (int place = 0; place < counts[block]; place++) {
                Waiting job = at(block, place);
                if (left-- <= 0 || !wanted.test(job)) {
                    return;
                }
                each.accept(job);
            }
        }
    }

    /** Tells {@code each} of at most {@code limit} jobs, in order, after the first {@code skipped}. */
    void forRange(int skipped, int limit, Consumer<Waiting> each) {
        int place = skipped;
        int left = limit;
        int block = 0;
        // down the tree: the longest run of blocks that is skipped as a whole
        for (int step = Integer.highestOneBit(Math.max(used, 1)); step > 0; step >>= 1) {
            if (block + step <= used && tree[block + step] <= place) {
                block += step;
                place -= tree[block];
            }
        }
        for (; block < used; block++, place = 0) {
            for (; place < counts[block]; place++) {
                if (left-- <= 0) {
                    return;
                }
                each.accept(at(block, place));
            }
        }
    }

    /** The last block that begins at or before {@code job}, or else the first. */
    private int blockOf(Waiting job) {
        int low = 0;
        int high = used - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (order.compare(at(middle, 0), job) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** How many of the block are before {@code job}. */
    private int placeIn(int block, Waiting job) {
        int low = 0;
        int high = counts[block];
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order.compare(at(block, middle), job) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private Waiting at(int block, int place) {
        Waiting job = blocks[block][place];
        if (job == null) {
            throw new IllegalStateException("block " + block + " of " + used + " has no job at " + place);
        }
        return job;
    }

    private void change(int block, int by) {
        size += by;
        counts[block] += by;
        for (int i = block + 1; i <= used; i += i & -i) {
            tree[i] += by;
        }
    }

    private void split(int block, int kept) {
        int moved = counts[block] - kept;
        @Nullable Waiting[] next = new @Nullable Waiting[BLOCK];
        System.arraycopy(blocks[block], kept, next, 0, moved);
        blocks[block] = Arrays.copyOf(blocks[block], kept);
        if (used == blocks.length) {
            blocks = Arrays.copyOf(blocks, used * 2);
            counts = Arrays.copyOf(counts, used * 2);
            tree = new int[used * 2 + 1];
        }
        System.arraycopy(blocks, block + 1, blocks, block + 2, used - block - 1);
        System.arraycopy(counts, block + 1, counts, block + 2, used - block - 1);
        blocks[block + 1] = next;
        counts[block + 1] = moved;
        counts[block] = kept;
        used++;
        count();
    }

    private void mergeIfSmall(int block) {
        if (block + 1 < used && counts[block] + counts[block + 1] <= BLOCK / 2) {
            merge(block);
        } else if (block > 0 && counts[block - 1] + counts[block] <= BLOCK / 2) {
            merge(block - 1);
        }
    }

    private void merge(int block) {
        @Nullable Waiting[] both = Arrays.copyOf(blocks[block], BLOCK);
        System.arraycopy(blocks[block + 1], 0, both, counts[block], counts[block + 1]);
        blocks[block] = both;
        counts[block] += counts[block + 1];
        drop(block + 1);
    }

    private void drop(int block) {
        if (used == 1) {
            blocks = new @Nullable Waiting[1][FIRST_CAPACITY];
            counts = new int[1];
            tree = new int[2];
            used = 0;
            return;
        }
        System.arraycopy(blocks, block + 1, blocks, block, used - block - 1);
        System.arraycopy(counts, block + 1, counts, block, used - block - 1);
        used--;
        blocks[used] = new @Nullable Waiting[0];
        counts[used] = 0;
        count();
    }

    /** Makes the tree anew. */
    private void count() {
        Arrays.fill(tree, 0);
        for (int i = 1; i <= used; i++) {
            tree[i] += counts[i - 1];
            int parent = i + (i & -i);
            if (parent <= used) {
                tree[parent] += tree[i];
            }
        }
    }
}
