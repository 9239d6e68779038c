package io.tollgate.queue.lane;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.WaitingJob;
import java.time.Instant;
import java.util.Comparator;

/**
 * One job in a {@link WaitingLine}, kept lean: a million of them may wait. Its order key may change only while it is in
 * no {@link CountedOrder}.
 */
final class Waiting {
    static final Comparator<Waiting> DISPATCH = Waiting::compareDispatch;
    static final Comparator<Waiting> BY_AGE = (a, b) -> compare(a.createdAt, b.createdAt, a, b);
    static final Comparator<Waiting> BY_READINESS = (a, b) -> compare(a.readyAt, b.readyAt, a, b);
    static final Comparator<Waiting> BY_EXPIRY = (a, b) -> compare(a.expiresAt, b.expiresAt, a, b);

    private static final long MICROS = 1_000_000;
    private static final long FIRST_SECOND = Long.MIN_VALUE / MICROS;
    private static final long LAST_SECOND = Long.MAX_VALUE / MICROS - 1;

    final JobId id;
    final WaitingSet set;
    final long createdAt;
    final long readyAt;
    final long expiresAt;
    boolean ready;

    private byte rank;
    private int priority;
    private long order;
    private final long seq;

    Waiting(WaitingJob job, WaitingSet set, boolean ready) {
        this.id = job.id();
        this.set = set;
        this.createdAt = micros(job.createdAt());
        this.readyAt = micros(job.readyAt());
        this.expiresAt = micros(job.expiresAt());
        this.ready = ready;
        this.seq = job.key().seq();
        place(job.key());
    }

    void place(OrderKey key) {
        if (key.seq() != seq) {
            throw new IllegalArgumentException("the seq of job " + id + " is " + seq + " for good: " + key.seq());
        }
        this.rank = (byte) key.rank();
        this.priority = key.priority();
        this.order = key.order();
    }

    OrderKey key() {
        return new OrderKey(rank, priority, order, seq);
    }

    boolean isPromotable() {
        return rank != OrderKey.PROMOTED && set.name.lane().isPaid();
    }

    boolean expires() {
        return expiresAt != Long.MAX_VALUE;
    }

    /** Microseconds since the epoch, rounded down; what no long can hold is the nearest one. */
    static long micros(Instant time) {
        long second = time.getEpochSecond();
        if (second > LAST_SECOND) {
            return Long.MAX_VALUE;
        }
        return second < FIRST_SECOND ? Long.MIN_VALUE : second * MICROS + time.getNano() / 1_000;
    }

    static Instant instant(long micros) {
        return micros == Long.MAX_VALUE
                ? Instant.MAX
                : Instant.ofEpochSecond(Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1_000);
    }

    // as OrderKey.compareTo, without making keys
    private static int compareDispatch(Waiting a, Waiting b) {
        if (a.rank != b.rank) {
            return Integer.compare(a.rank, b.rank);
        }
        if (a.priority != b.priority) {
            return Integer.compare(b.priority, a.priority);
        }
        return compare(a.order, b.order, a, b);
    }

    private static int compare(long first, long second, Waiting a, Waiting b) {
        if (first != second) {
            return Long.compare(first, second);
        }
        // the id only makes sure that two jobs are never the same to an order, should a seq come twice
        return a.seq != b.seq ? Long.compare(a.seq, b.seq) : a.id.compareTo(b.id);
    }
}
