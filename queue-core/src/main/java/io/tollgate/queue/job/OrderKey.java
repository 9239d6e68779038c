package io.tollgate.queue.job;

/**
 * Where a job stands in the dispatch order of its queue: a smaller key goes first. Lower rank first, then higher
 * priority, then lower order, then lower sequence.
 *
 * @param rank 0 promoted, 1 VIP, 2 regular, 3 relaxed
 * @param priority higher goes first within a rank; 0 if promoted
 * @param order the sequence for FIFO, a stride key for fair share; fixed at submission; the sequence if promoted
 * @param seq the job's place in the order of submission, unique in the queue, at least 0
 */
public record OrderKey(int rank, int priority, long order, long seq) implements Comparable<OrderKey> {
    /** The rank of a job that waited too long, ahead of all lanes. */
    public static final int PROMOTED = 0;

    /** The rank of {@link Lane#VIP}. */
    public static final int VIP = 1;

    /** The rank of {@link Lane#REGULAR}. */
    public static final int REGULAR = 2;

    /** The rank of {@link Lane#RELAXED}. */
    public static final int RELAXED = 3;

    public OrderKey {
        if (rank < PROMOTED || rank > RELAXED) {
            throw new IllegalArgumentException("rank must be between 0 and 3: " + rank);
        }
        if (seq < 0) {
            throw new IllegalArgumentException("seq must be at least 0: " + seq);
        }
        if (rank == PROMOTED && (priority != 0 || order != seq)) {
            throw new IllegalArgumentException(
                    "promoted jobs go by seq alone: priority " + priority + ", order " + order + ", seq " + seq);
        }
    }

    /**
     * The key of a job in {@code lane}. Promoted jobs go by {@code seq} alone: their priority and order are dropped.
     *
     * @throws IllegalArgumentException if a job of an unpaid lane is to be promoted
     */
    public static OrderKey of(Lane lane, boolean promoted, int priority, long order, long seq) {
        if (!promoted) {
            return new OrderKey(rankOf(lane), priority, order, seq);
        }
        if (!lane.isPaid()) {
            throw new IllegalArgumentException("only paid lanes are promoted: " + lane);
        }
        return new OrderKey(PROMOTED, 0, seq, seq);
    }

    /** The rank of a job in {@code lane} that isn't promoted. */
    public static int rankOf(Lane lane) {
        return switch (lane) {
            case VIP -> VIP;
            case REGULAR -> REGULAR;
            case RELAXED -> RELAXED;
        };
    }

    /** Whether the job is ahead of all lanes. */
    public boolean isPromoted() {
        return rank == PROMOTED;
    }

    @Override
    public int compareTo(OrderKey other) {
        if (rank != other.rank) {
            return Integer.compare(rank, other.rank);
        }
        if (priority != other.priority) {
            return Integer.compare(other.priority, priority);
        }
        return order != other.order ? Long.compare(order, other.order) : Long.compare(seq, other.seq);
    }
}
