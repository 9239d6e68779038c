package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.LaneClock;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.Slot;
import io.tollgate.sql.Batch.AccountEntry;
import io.tollgate.sql.Batch.HoldEntry;
import io.tollgate.sql.Batch.JobEntry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the writer keeps in memory from one batch to the next: last numbers, names, counts, and the tables that stay
 * small. It is changed as a batch is decided; after a batch that failed it is thrown away and loaded again. Confined to
 * the writer's thread.
 */
final class StoreState {
    private static final int JOBS = 8_192;
    private static final int SEEN = 8_192;
    private static final int ACCOUNTS = 8_192;

    final Names names;
    final Map<BackendId, NavigableMap<Integer, Slot>> slots = new HashMap<>();
    final Map<ModelName, ModelLimit> models = new HashMap<>();
    final Map<QueueName, QueueSwitch> queues = new HashMap<>();
    final Map<LaneKey, LaneClock> laneClocks = new HashMap<>();
    /** How many jobs wait, ready or in their backoff, where any do. */
    final Map<RequirementSet, Integer> waiting = new HashMap<>();
    /**
     * Jobs that haven't ended, with their holds, as the database has them: those that came first, which will be claimed
     * first, and those that run.
     */
    final JobEntries jobs = new JobEntries(Integer.MAX_VALUE);

    /**
     * Jobs that wait and aren't among {@link #jobs}, as the database has them: those that were looked at lately, at the
     * heads of the lines mostly, where the next claim will look again.
     */
    private final JobEntries seen = new JobEntries(SEEN);

    final Map<HoldId, HoldEntry> holds = new HashMap<>();

    /** Accounts and their live grants as the database has them, of users that did something lately. */
    final Map<UserId, AccountEntry> accounts = new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UserId, AccountEntry> eldest) {
            return size() > ACCOUNTS;
        }
    };

    /** The secret of the latest day that has one. */
    Optional<DrawSecret> drawSecret = Optional.empty();

    int waitingInAll;
    long lastSeq;
    long lastAccount;
    long lastGrant;
    long lastPosting;
    /** The lowest key of a hold; those without a job go down from -1. */
    long lowestHold;
    /** Whether any user ever had a free run of a day: else there are none to be loaded. */
    boolean quotas;
    /** No backoff ends before this time. */
    long nextBackoff = Long.MAX_VALUE;

    /** A lane of a queue. */
    record LaneKey(QueueName queue, Lane lane) {}

    private StoreState(Names names) {
        this.names = names;
    }

    static StoreState load(Connection connection) throws SQLException {
        StoreState state = new StoreState(Names.load(connection));
        state.drawSecret = DrawRows.latest(connection);
        try (Statement statement = connection.createStatement()) {
            state.lastSeq = max(statement, "SELECT max(id) FROM job");
            state.lastAccount = max(statement, "SELECT max(id) FROM account");
            state.lastGrant = max(statement, "SELECT max(id) FROM credit_grant");
            state.lastPosting = max(statement, "SELECT max(id) FROM ledger_posting");
            state.lowestHold = Math.min(0, max(statement, "SELECT min(id) FROM credit_hold"));
            state.quotas = max(statement, "SELECT EXISTS (SELECT 1 FROM quota_day)") > 0;
            state.loadWaiting(statement);
            state.loadSmallTables(statement);
        }
        return state;
    }

    private static long max(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0; // a NULL is read as 0
        }
    }

    private void loadWaiting(Statement statement) throws SQLException {
        for (String line : new String[] {"line = 1", "line = 2"}) {
            try (ResultSet row = statement.executeQuery(
                    "SELECT requirement_id, count(*) FROM job WHERE " + line + " GROUP BY requirement_id")) {
                while (row.next()) {
                    addWaiting(names.requirements.name(row.getLong(1)), row.getInt(2));
                }
            }
        }
        try (ResultSet row = statement.executeQuery("SELECT min(ready_at) FROM job WHERE line = 2")) {
            Long first = row.next() ? Columns.optionalLong(row, 1) : null;
            nextBackoff = first == null ? Long.MAX_VALUE : first;
        }
    }

    private void loadSmallTables(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT s.backend_id, s.number, j.uuid FROM slot AS s"
                + " LEFT JOIN job AS j ON j.id = s.job_id ORDER BY s.backend_id, s.number")) {
            while (row.next()) {
                put(new Slot(
                        names.backends.name(row.getLong(1)),
                        row.getInt(2),
                        Columns.optionalUuid(row, 3).map(JobId::new)));
            }
        }
        try (ResultSet row =
                statement.executeQuery("SELECT name, max_running, running FROM model WHERE running IS NOT NULL")) {
            while (row.next()) {
                ModelLimit model = model(row);
                models.put(model.model(), model);
            }
        }
        try (ResultSet row =
                statement.executeQuery("SELECT name, mode, relaxed_running FROM queue WHERE mode IS NOT NULL")) {
            while (row.next()) {
                QueueSwitch queue = queue(row);
                queues.put(queue.queue(), queue);
            }
        }
        try (ResultSet row = statement.executeQuery("SELECT queue_id, lane, virtual_time FROM lane_clock")) {
            while (row.next()) {
                put(new LaneClock(names.queues.name(row.getLong(1)), Codes.lane(row.getInt(2)), row.getLong(3)));
            }
        }
    }

    /** From name, max_running, running. */
    static ModelLimit model(ResultSet row) throws SQLException {
        @Nullable Long limit = Columns.optionalLong(row, 2);
        return new ModelLimit(
                new ModelName(row.getString(1)),
                limit == null ? OptionalInt.empty() : OptionalInt.of(limit.intValue()),
                row.getInt(3));
    }

    /** From name, mode, relaxed_running. */
    static QueueSwitch queue(ResultSet row) throws SQLException {
        return new QueueSwitch(new QueueName(row.getString(1)), Codes.mode(row.getInt(2)), row.getInt(3));
    }

    /** A job that is kept, as the database has it. */
    @Nullable JobEntry job(JobId id) {
        JobEntry entry = jobs.get(id);
        return entry != null ? entry : seen.get(id);
    }

    /** A job that is kept, as the database has it. */
    @Nullable JobEntry job(long key) {
        JobEntry entry = jobs.get(key);
        return entry != null ? entry : seen.get(key);
    }

    /** Keeps what a batch changed, once it is written, and what it looked at. */
    void keep(Batch batch) {
        for (JobEntry entry : batch.jobs.values()) {
            if (entry.job.kind() == JobState.Kind.QUEUED
                    && !batch.changedJobs.contains(entry)
                    && !jobs.contains(entry.job.id())) {
                seen.put(entry);
            }
        }
        for (JobEntry entry : batch.changedJobs) {
            entry.stored();
            seen.remove(entry);
            JobState.Kind kind = entry.job.kind();
            if (kind.isTerminal()) {
                jobs.remove(entry);
            } else if (kind != JobState.Kind.QUEUED || jobs.size() < JOBS) {
                jobs.put(entry);
            }
        }
        for (HoldEntry entry : batch.changedHolds) {
            entry.isNew = false;
            HoldId id = entry.hold.id();
            if (entry.hold.open() && jobs.contains(new JobId(id.value()))) {
                holds.put(id, entry);
            } else {
                holds.remove(id);
            }
        }
        for (AccountEntry entry : batch.accounts.values()) {
            if (entry.account != null) {
                entry.isNew = false;
                accounts.put(entry.account.user(), entry);
            }
        }
    }

    void put(Slot slot) {
        slots.computeIfAbsent(slot.backend(), id -> new TreeMap<>()).put(slot.index(), slot);
    }

    void drop(Slot slot) {
        Optional.ofNullable(slots.get(slot.backend())).ifPresent(all -> all.remove(slot.index()));
    }

    void put(LaneClock clock) {
        laneClocks.put(new LaneKey(clock.queue(), clock.lane()), clock);
    }

    void addWaiting(RequirementSet set, int more) {
        int count = waiting.merge(set, more, Integer::sum);
        if (count == 0) {
            waiting.remove(set);
        }
        waitingInAll += more;
    }
}
