package io.tollgate.queue.lane;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.WaitingJob;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The waiting jobs of one queue in dispatch order: an index in memory that answers positions, depths and ages without
 * asking the store. It is rebuilt at start and kept by committed changes, and never decides by itself that a job moves.
 *
 * <p>Jobs that wait for their backoff are kept aside: they count as waiting, but are ahead of nobody until
 * {@link #becomeReady}; their position is where they would stand.
 *
 * <p>Safe for use by many threads. Every method sees and makes one consistent state unless it says otherwise. A change
 * or a position costs O(log n), microseconds with a million jobs. Instants are kept to the microsecond; finer digits
 * are dropped.
 */
public final class WaitingLine {
    /*
     * One plain lock guards all that isn't final, the orders and the fields of each Waiting included. It is a leaf: no
     * foreign code runs and no other lock is taken while it is held, and it is held for microseconds, so readers need no
     * lock of their own. The one read that may be long, positionsOf, lets go of it in between.
     *
     * Where a job is kept: always in `jobs`, in its set's `all`, in `expiring` if it expires, and in `promotable` if its
     * lane is paid and it isn't promoted; then either in `line` and its set's `ready`, or in `aside`. A Waiting's order
     * key changes only while it is in no order that goes by it.
     */
    private static final int WATCHED_AT_ONCE = 256;

    private final QueueName queue;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<JobId, Waiting> jobs = new HashMap<>();
    private final Map<RequirementSet, WaitingSet> sets = new LinkedHashMap<>();
    private final CountedOrder line = new CountedOrder(Waiting.DISPATCH);
    private final CountedOrder aside = new CountedOrder(Waiting.BY_READINESS);
    private final CountedOrder promotable = new CountedOrder(Waiting.BY_AGE);
    private final CountedOrder expiring = new CountedOrder(Waiting.BY_EXPIRY);
    private long version;

    public WaitingLine(QueueName queue) {
        this.queue = queue;
    }

    /** The queue whose jobs these are. */
    public QueueName queue() {
        return queue;
    }

    /**
     * Adds a job, or puts it anew if it is waiting already, so that a change may be told twice. It is aside until
     * {@link #becomeReady} if it is ready only after {@code now}.
     *
     * @throws IllegalArgumentException if it is a job of another queue
     */
    public void add(WaitingJob job, Instant now) {
        if (!job.set().queue().equals(queue)) {
            throw new IllegalArgumentException("job " + job.id() + " is no job of queue " + queue + ": "
                    + job.set().queue());
        }
        lock.lock();
        try {
            Waiting before = jobs.get(job.id());
            if (before != null) {
                takeOut(before);
            }
            WaitingSet set = sets.computeIfAbsent(job.set(), WaitingSet::new);
            putIn(new Waiting(job, set, Waiting.micros(job.readyAt()) <= Waiting.micros(now)));
            version++;
        } finally {
            lock.unlock();
        }
    }

    /** Removes a job, and says whether it was waiting. */
    public boolean remove(JobId id) {
        lock.lock();
        try {
            Waiting job = jobs.get(id);
            if (job == null) {
                return false;
            }
            takeOut(job);
            version++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives a job another place, as a promotion does, and says whether it was waiting.
     *
     * @throws IllegalArgumentException if {@code key} has another sequence than the job; nothing is changed
     */
    public boolean move(JobId id, OrderKey key) {
        lock.lock();
        try {
            Waiting job = jobs.get(id);
            if (job == null) {
                return false;
            }
            takeOut(job);
            try {
                job.place(key);
            } finally {
                putIn(job);
            }
            version++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets those into the line whose backoff is over by {@code now}, and says which, longest-ready first. */
    public List<JobId> becomeReady(Instant now) {
        long until = Waiting.micros(now);
        List<JobId> moved = new ArrayList<>();
        lock.lock();
        try {
            for (Waiting job = aside.first(); job != null && job.readyAt <= until; job = aside.first()) {
                aside.remove(job);
                job.ready = true;
                line.add(job);
                job.set.ready.add(job);
                moved.add(job.id);
                version++;
            }
            return moved;
        } finally {
            lock.unlock();
        }
    }

    /** When {@link #becomeReady} next has something to do; empty when none waits for its backoff. */
    public Optional<Instant> nextReadyAt() {
        return firstTime(aside, job -> job.readyAt);
    }

    /** 1 + the ready jobs ahead of {@code id}; empty when it isn't waiting. */
    public OptionalInt position(JobId id) {
        lock.lock();
        try {
            Waiting job = jobs.get(id);
            return job == null ? OptionalInt.empty() : OptionalInt.of(positionOf(job));
        } finally {
            lock.unlock();
        }
    }

    /**
     * The positions of those that are waiting. Each is right at some moment during the call, not all at the same: other
     * threads get their turn in between. A caller that remembers {@link #version} need not ask when it hasn't changed.
     */
    public Map<JobId, Integer> positionsOf(Set<JobId> watched) {
        Map<JobId, Integer> positions = new HashMap<>(watched.size() * 2);
        List<JobId> some = new ArrayList<>(WATCHED_AT_ONCE);
        for (JobId id : watched) {
            some.add(id);
            if (some.size() == WATCHED_AT_ONCE) {
                addPositions(some, positions);
                some.clear();
            }
        }
        addPositions(some, positions);
        return positions;
    }

    /** A number that grows whenever a position may have changed. */
    public long version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    /** Where a job would stand, and behind whom, if it came now. Costs O(log n) for each requirement set. */
    public Standing standingOf(WaitingJob newcomer) {
        lock.lock();
        try {
            return standing(new Waiting(newcomer, new WaitingSet(newcomer.set()), true));
        } finally {
            lock.unlock();
        }
    }

    private Standing standing(Waiting job) {
        Map<RequirementSet, Integer> ahead = new HashMap<>();
        for (WaitingSet set : sets.values()) {
            int count = set.ready.countBefore(job);
            if (count > 0) {
                ahead.put(set.name, count);
            }
        }
        return new Standing(job.set.name, positionOf(job), job.ready, Waiting.instant(job.readyAt), ahead);
    }

    /** Where a job stands and behind whom; empty when it isn't waiting. Costs O(log n) for each requirement set. */
    public Optional<Standing> standing(JobId id) {
        lock.lock();
        try {
            Waiting job = jobs.get(id);
            if (job == null) {
                return Optional.empty();
            }
            return Optional.of(standing(job));
        } finally {
            lock.unlock();
        }
    }

    /** A part of the line, in dispatch order: at most {@code limit} ready jobs after the first {@code skipped}. */
    public List<JobId> ready(int skipped, int limit) {
        if (skipped < 0 || limit < 0) {
            throw new IllegalArgumentException("need skipped, limit >= 0: " + skipped + ", " + limit);
        }
        List<JobId> part = new ArrayList<>();
        lock.lock();
        try {
            line.forRange(skipped, limit, job -> part.add(job.id));
            return part;
        } finally {
            lock.unlock();
        }
    }

    /** How many are waiting, those that wait for their backoff too. */
    public int size() {
        lock.lock();
        try {
            return jobs.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many are waiting in {@code lane}, those that wait for their backoff too; promoted ones keep their lane. */
    public int depth(Lane lane) {
        lock.lock();
        try {
            int depth = 0;
            for (WaitingSet set : sets.values()) {
                if (set.name.lane() == lane) {
                    depth += set.all.size();
                }
            }
            return depth;
        } finally {
            lock.unlock();
        }
    }

    /** The requirement sets of which a job is waiting. */
    public List<SetDepth> sets() {
        lock.lock();
        try {
            List<SetDepth> depthsBySet = new ArrayList<>(sets.size());
            for (WaitingSet set : sets.values()) {
                Waiting oldest = set.all.first();
                if (oldest != null) {
                    Optional<Waiting> head = Optional.ofNullable(set.ready.first());
                    depthsBySet.add(new SetDepth(
                            set.name,
                            set.ready.size(),
                            set.all.size(),
                            head.map(job -> job.id),
                            head.map(Waiting::key),
                            oldest.id,
                            Waiting.instant(oldest.createdAt)));
                }
            }
            return depthsBySet;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The jobs of paid lanes that have waited too long and aren't promoted yet, oldest first, ready or not. They are
     * given again until they are moved or removed.
     *
     * @param createdBy the latest time of submission that is too old, itself included
     */
    public List<JobId> overdue(Instant createdBy, int limit) {
        long latest = Waiting.micros(createdBy);
        return first(promotable, limit, job -> job.createdAt <= latest);
    }

    /**
     * When {@link #overdue} next has something to give, if what is older than {@code bound} is overdue; in the past
     * when it has now. Empty when none can become overdue.
     */
    public Optional<Instant> nextOverdueAt(Duration bound) {
        return firstTime(promotable, job -> job.createdAt).map(createdAt -> createdAt.plus(bound));
    }

    /** The jobs whose time to expire has come by {@code now}, longest-expired first. Given again until removed. */
    public List<JobId> expired(Instant now, int limit) {
        long latest = Waiting.micros(now);
        return first(expiring, limit, job -> job.expiresAt <= latest);
    }

    /** When {@link #expired} next has something to give; in the past when it has now. Empty when none expires. */
    public Optional<Instant> nextExpiryAt() {
        return firstTime(expiring, job -> job.expiresAt);
    }

    private void addPositions(List<JobId> ids, Map<JobId, Integer> positions) {
        lock.lock();
        try {
            for (JobId id : ids) {
                Waiting job = jobs.get(id);
                if (job != null) {
                    positions.put(id, positionOf(job));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private List<JobId> first(CountedOrder order, int limit, Predicate<Waiting> wanted) {
        if (limit < 0) {
            throw new IllegalArgumentException("limit must be at least 0: " + limit);
        }
        List<JobId> ids = new ArrayList<>();
        lock.lock();
        try {
            order.forFirst(limit, wanted, job -> ids.add(job.id));
            return ids;
        } finally {
            lock.unlock();
        }
    }

    private Optional<Instant> firstTime(CountedOrder order, ToLongFunction<Waiting> time) {
        lock.lock();
        try {
            @Nullable Waiting job = order.first();
            return job == null ? Optional.empty() : Optional.of(Waiting.instant(time.applyAsLong(job)));
        } finally {
            lock.unlock();
        }
    }

    private int positionOf(Waiting job) {
        return 1 + line.countBefore(job);
    }

    private void putIn(Waiting job) {
        jobs.put(job.id, job);
        // a set may have been forgotten when its last job was taken out to be moved
        sets.putIfAbsent(job.set.name, job.set);
        job.set.all.add(job);
        if (job.ready) {
            line.add(job);
            job.set.ready.add(job);
        } else {
            aside.add(job);
        }
        if (job.isPromotable()) {
            promotable.add(job);
        }
        if (job.expires()) {
            expiring.add(job);
        }
    }

    private void takeOut(Waiting job) {
        jobs.remove(job.id);
        job.set.all.remove(job);
        if (job.ready) {
            line.remove(job);
            job.set.ready.remove(job);
        } else {
            aside.remove(job);
        }
        if (job.isPromotable()) {
            promotable.remove(job);
        }
        if (job.expires()) {
            expiring.remove(job);
        }
        if (job.set.all.isEmpty()) {
            sets.remove(job.set.name);
        }
    }
}
