package io.tollgate.queue;

import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.Output;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Jobs as they were read last, so that asking for one again and again costs no read: pollers do. What a commit changes
 * is forgotten before anybody hears of the commit, so nobody is shown less than they were told. For the only writer of
 * its store. Safe for use by many threads.
 */
final class RecentJobs {
    /*
     * A job that is read while it changes must not be kept as it was. So each shelf counts what is forgotten on it, and
     * what was read is put there only if nothing was forgotten since before the read.
     */
    private static final int SHELVES = 64;

    private static final int LONGEST_GRAPH = 16_384;

    private final Function<JobId, Optional<JobRecord>> store;
    private final Shelf[] shelves = new Shelf[SHELVES];

    /**
     * Makes it.
     *
     * @param store reads a job
     * @param atMost how many jobs are remembered, about; 0 for none
     */
    RecentJobs(Function<JobId, Optional<JobRecord>> store, int atMost) {
        this.store = store;
        int each = (atMost + SHELVES - 1) / SHELVES;
        for (int i = 0; i < SHELVES; i++) {
            shelves[i] = new Shelf(each);
        }
    }

    /** A part of them, with a lock of its own. */
    private static final class Shelf {
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<JobId, JobRecord> records;
        private final int atMost;
        private long forgotten;

        Shelf(int atMost) {
            this.atMost = atMost;
            this.records = new LinkedHashMap<>(16, 0.75f, true);
        }
    }

    private Shelf shelf(JobId id) {
        int hash = id.hashCode();
        return shelves[(hash ^ (hash >>> 16)) & (SHELVES - 1)];
    }

    /** The job as it is. */
    Optional<JobRecord> find(JobId id) {
        Shelf shelf = shelf(id);
        long before;
        shelf.lock.lock();
        try {
            JobRecord known = shelf.records.get(id);
            if (known != null) {
                return Optional.of(known);
            }
            before = shelf.forgotten;
        } finally {
            shelf.lock.unlock();
        }
        Optional<JobRecord> read = store.apply(id);
        read.ifPresent(record -> keep(shelf, record, before));
        return read;
    }

    private static void keep(Shelf shelf, JobRecord record, long before) {
        shelf.lock.lock();
        try {
            if (shelf.forgotten == before && shelf.atMost > 0 && isSmall(record)) {
                shelf.records.put(record.job().id(), record);
                if (shelf.records.size() > shelf.atMost) {
                    shelf.records.remove(shelf.records.keySet().iterator().next());
                }
            }
        } finally {
            shelf.lock.unlock();
        }
    }

    /** A graph may have a million characters: so many of them are not kept by number. */
    private static boolean isSmall(JobRecord record) {
        return record.job().spec().inputs().values().stream()
                .noneMatch(value ->
                        value instanceof InputValue.Graph graph && graph.text().length() > LONGEST_GRAPH);
    }

    /** Forgets what a commit changed; called on the store's thread, before its callers are answered. */
    void changed(JobChanges changes) {
        for (JobChanges.Move move : changes.moves()) {
            forget(move.after().id());
        }
        for (Attempt attempt : changes.attempts()) {
            forget(attempt.job());
        }
        for (Output output : changes.outputs()) {
            forget(output.job());
        }
        changes.ledger().holds().forEach(hold -> forget(new JobId(hold.id().value())));
    }

    private void forget(JobId id) {
        Shelf shelf = shelf(id);
        shelf.lock.lock();
        try {
            shelf.forgotten++;
            shelf.records.remove(id);
        } finally {
            shelf.lock.unlock();
        }
    }

    /** Forgets everything. */
    void clear() {
        for (Shelf shelf : shelves) {
            shelf.lock.lock();
            try {
                shelf.forgotten++;
                shelf.records.clear();
            } finally {
                shelf.lock.unlock();
            }
        }
    }
}
