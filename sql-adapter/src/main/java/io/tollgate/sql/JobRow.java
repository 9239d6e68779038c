package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.Lease;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What changes of a job, as it stands in its row, and how it is read together with what never changes.
 *
 * @param key its number, {@code seq}
 * @param accountKey its owner's row
 * @param holdKey its hold's row
 */
record JobRow(
        long key,
        JobId id,
        long accountKey,
        long holdKey,
        JobState state,
        boolean promoted,
        int attempts,
        int counted,
        int lost,
        int transitions) {
    /** What {@link #read} reads, of a job {@code j}. */
    static final String COLUMNS = "j.id, j.uuid, j.account_id, j.hold_id, j.state, j.rank, j.attempts, j.counted,"
            + " j.lost, j.transitions, j.ready_at, j.avoid_id, j.ended_at, j.partial, j.failure_kind, j.failure,"
            + " j.failure_place";

    /** How many columns those are. */
    static final int WIDTH = 17;

    /** What {@link #attempt} reads, of an attempt {@code a}. */
    static final String ATTEMPT_COLUMNS = "a.number, a.run_id, a.backend_id, a.slot, a.phase, a.node_id, a.token,"
            + " a.lease_until, a.claimed_at, a.started_at, a.ended_at, a.failure_kind, a.failure,"
            + " a.failure_place";

    /** The table of {@link #ATTEMPT_COLUMNS}, joined to a job {@code j}: its latest attempt. */
    static final String ATTEMPT_TABLE = " LEFT JOIN attempt AS a ON a.id = j.id * " + Columns.SPAN + " + j.attempts";

    /** What {@link Fixed#read} reads, with {@link #SPEC_TABLES}. */
    static final String SPEC_COLUMNS = "j.id, j.uuid, c.user_id, s.batch, k.name, q.name, m.name, r.needs, s.inputs,"
            + " s.list_price, s.tariff, s.priority, s.created_at, s.expires_at, s.origin_kind, s.origin, s.targets,"
            + " s.tags, s.metadata, r.lane, s.order_key";

    /** The tables of {@link #SPEC_COLUMNS}, joined to a {@code job_spec s}. */
    static final String SPEC_TABLES = " CROSS JOIN job AS j ON j.id = s.job_id"
            + " CROSS JOIN account_holder AS c ON c.account_id = j.account_id"
            + " CROSS JOIN workflow AS k ON k.id = s.workflow_id"
            + " CROSS JOIN requirement AS r ON r.id = j.requirement_id"
            + " CROSS JOIN queue AS q ON q.id = r.queue_id"
            + " CROSS JOIN model AS m ON m.id = r.model_id";

    private static final String JOB = "job";

    /** What never changes of a job, and so may be kept in memory. */
    record Fixed(JobSpec spec, Lane lane, long order, RequirementSet requirement) {
        static Fixed of(QueuedJob job) {
            return new Fixed(job.spec(), job.lane(), job.order(), job.requirement());
        }

        static Fixed read(ResultSet row) throws SQLException {
            long key = row.getLong(1);
            try {
                Optional<UUID> origin = Columns.optionalUuid(row, 16);
                JobSpec spec = new JobSpec(
                        new JobId(Columns.uuid(row, 2)),
                        new UserId(row.getString(3)),
                        Columns.optionalUuid(row, 4).map(BatchId::new),
                        new WorkflowName(row.getString(5)),
                        new QueueName(row.getString(6)),
                        new ModelName(row.getString(7)),
                        Needs.parse(row.getString(8)),
                        JsonColumns.inputs(row.getString(9)),
                        JsonColumns.tariff(new Amount(row.getLong(10)), row.getString(11)),
                        row.getInt(12),
                        Columns.instant(row, 13),
                        Columns.instant(row, 14),
                        origin.isEmpty()
                                ? Optional.empty()
                                : Optional.of(new Origin(Codes.origin(row.getInt(15)), new JobId(origin.get()))),
                        JsonColumns.targets(row.getString(17)),
                        JsonColumns.texts(row.getString(18)),
                        JsonColumns.map(row.getString(19)));
                Lane lane = Codes.lane(row.getInt(20));
                return new Fixed(
                        spec,
                        lane,
                        row.getLong(21),
                        new RequirementSet(spec.queue(), lane, spec.model(), row.getString(8)));
            } catch (IllegalArgumentException e) {
                throw new CorruptRowException(JOB, key, String.valueOf(e.getMessage()), e);
            }
        }
    }

    /** Whose row it is. */
    static JobId id(ResultSet row) throws SQLException {
        try {
            return new JobId(Columns.uuid(row, 2));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException(JOB, row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }

    static JobRow read(ResultSet row, Names names) throws SQLException {
        long key = row.getLong(1);
        try {
            return new JobRow(
                    key,
                    id(row),
                    row.getLong(3),
                    row.getLong(4),
                    state(row, JobState.Kind.ofNumber(row.getInt(5)), names),
                    row.getInt(6) == 0,
                    row.getInt(7),
                    row.getInt(8),
                    row.getInt(9),
                    row.getInt(10));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException(JOB, key, String.valueOf(e.getMessage()), e);
        }
    }

    private static JobState state(ResultSet row, JobState.Kind kind, Names names) throws SQLException {
        return switch (kind) {
            case QUEUED -> new JobState.Queued(Columns.instant(row, 11), backend(row, 12, names));
            case RUNNING -> new JobState.Running();
            case CANCELING -> new JobState.Canceling();
            case SUCCEEDED -> new JobState.Succeeded(Columns.instant(row, 13), row.getInt(14) != 0);
            case FAILED ->
                new JobState.Failed(
                        Columns.instant(row, 13),
                        failure(row, 15)
                                .orElseThrow(() -> new IllegalArgumentException("a failed job without a failure")));
            case CANCELED -> new JobState.Canceled(Columns.instant(row, 13));
            case EXPIRED -> new JobState.Expired(Columns.instant(row, 13));
        };
    }

    private static Optional<BackendId> backend(ResultSet row, int column, Names names) throws SQLException {
        Long key = Columns.optionalLong(row, column);
        return key == null ? Optional.empty() : Optional.of(names.backends.name(key));
    }

    private static Optional<Failure> failure(ResultSet row, int column) throws SQLException {
        @Nullable String kind = row.getString(column);
        return kind == null
                ? Optional.empty()
                : Optional.of(new Failure(
                        Codes.failure(kind),
                        row.getString(column + 1),
                        Optional.ofNullable(row.getString(column + 2)).map(JsonColumns::place)));
    }

    /** The job itself. */
    QueuedJob job(Fixed fixed) {
        return new QueuedJob(
                fixed.spec(), key, fixed.lane(), promoted, fixed.order(), state, attempts, counted, lost, transitions);
    }

    /** An attempt of a job from a column on; null if there is none. */
    static @Nullable Attempt attempt(ResultSet row, int from, JobId job, Names names) throws SQLException {
        int number = row.getInt(from);
        if (number == 0) {
            return null;
        }
        try {
            Instant leaseUntil = Columns.instant(row, from + 7);
            return new Attempt(
                    job,
                    number,
                    new RunId(Columns.uuid(row, from + 1)),
                    names.backends.name(row.getLong(from + 2)),
                    row.getInt(from + 3),
                    Attempt.Phase.ofNumber(row.getInt(from + 4)),
                    new Lease(names.nodes.name(row.getLong(from + 5)), row.getLong(from + 6), leaseUntil),
                    Columns.instant(row, from + 8),
                    Columns.optionalInstant(row, from + 9),
                    Columns.optionalInstant(row, from + 10),
                    failure(row, from + 11));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException("attempt", job + "/" + number, String.valueOf(e.getMessage()), e);
        }
    }
}
