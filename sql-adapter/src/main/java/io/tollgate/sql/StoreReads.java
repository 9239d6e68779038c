package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Holdings;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTry;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.JobStore.RunTime;
import io.tollgate.queue.job.LoggedDelivery;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.PixelSize;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.job.Transition;
import io.tollgate.queue.job.WaitingJob;
import io.tollgate.queue.job.WorkflowName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Everything that is only read. Each method is one transaction on a reader. Safe for use by many threads. */
final class StoreReads {
    /** The jobs that take a slot, and those that have left it but are not done: few. */
    static final String ACTIVE =
            "SELECT job_id FROM slot WHERE job_id IS NOT NULL UNION ALL SELECT job_id FROM collecting";

    /** The jobs that haven't ended, by partial indexes that the ended ones aren't in. */
    static final String LIVE =
            "SELECT id FROM job WHERE line = 1 UNION ALL SELECT id FROM job WHERE line = 2 UNION ALL " + ACTIVE;

    /**
     * The jobs that wait, as {@link #waiting} reads them: by the same indexes, which SQLite would not choose by itself.
     */
    static final String WAITING = waitingBy("job_line", 1) + " UNION ALL " + waitingBy("job_backoff", 2);

    private static final int LIVE_AT_ONCE = 500;
    private static final String JOBS = "SELECT " + JobRow.COLUMNS + ", j.history"
            + " FROM json_each(:keys) AS w CROSS JOIN job AS j ON j.id = w.value";
    private static final String SPECS = "SELECT " + JobRow.SPEC_COLUMNS
            + " FROM json_each(:keys) AS w CROSS JOIN job_spec AS s ON s.job_id = w.value" + JobRow.SPEC_TABLES;
    private static final String HOLDS = "SELECT " + LedgerRow.HOLD_COLUMNS + ", j.id, j.uuid"
            + " FROM json_each(:keys) AS w CROSS JOIN job AS j ON j.id = w.value"
            + " CROSS JOIN credit_hold AS h ON h.id = j.hold_id"
            + " CROSS JOIN account_holder AS c ON c.account_id = h.account_id";
    private static final String ATTEMPTS = "SELECT " + JobRow.ATTEMPT_COLUMNS + ", j.id, j.uuid"
            + " FROM json_each(:keys) AS w CROSS JOIN job AS j ON j.id = w.value"
            + " CROSS JOIN attempt AS a ON " + Columns.belongs("a.id", "j.id") + " ORDER BY a.id";
    private static final String OUTPUTS = "SELECT j.id, j.uuid, o.asset, o.number, o.name, o.part, o.content_type,"
            + " o.size_bytes, o.hash, o.thumbnail, o.width, o.height"
            + " FROM json_each(:keys) AS w CROSS JOIN job AS j ON j.id = w.value"
            + " CROSS JOIN output AS o ON " + Columns.belongs("o.id", "j.id") + " ORDER BY o.id";

    private static final String ACCOUNTS = "SELECT " + LedgerRow.ACCOUNT_COLUMNS + " FROM account_holder AS c"
            + " CROSS JOIN account AS b ON b.id = c.account_id" + LedgerRow.LATEST_DRAW
            + " WHERE c.user_id > :after ORDER BY c.user_id LIMIT :limit";
    private static final String LIVE_GRANTS = "SELECT " + LedgerRow.GRANT_COLUMNS
            + " FROM json_each(:keys) AS w CROSS JOIN credit_grant AS g ON g.account_id = w.value AND g.spent = 0"
            + " CROSS JOIN grant_terms AS t ON t.grant_id = g.id"
            + " CROSS JOIN account_holder AS c ON c.account_id = g.account_id ORDER BY g.id";

    private static final int RUNS_LOOKED_AT = 5_000;

    static final String NEXT_DELIVERY = "SELECT min(next_at) FROM delivery WHERE state IN (0, 3)";
    static final String TRIES = "SELECT " + DeliveryRow.TRY_COLUMNS
            + " FROM json_each(:ids) AS w CROSS JOIN delivery AS d ON d.uuid = unhex(w.value)"
            + " CROSS JOIN delivery_try AS t ON t.delivery_id = d.id ORDER BY t.id";

    private final SqliteDatabase database;

    StoreReads(SqliteDatabase database) {
        this.database = database;
    }

    // --- jobs

    Optional<JobRecord> find(JobId id) {
        return database.read(handle -> {
            List<Long> keys = handle.createQuery("SELECT id FROM job WHERE uuid = :id")
                    .bind("id", Columns.bytes(id.value()))
                    .mapTo(Long.class)
                    .list();
            return records(handle, keys).stream().findFirst();
        });
    }

    List<JobRecord> list(JobFilter filter, Optional<Long> before, int limit) {
        checkLimit(limit);
        Filter where = new Filter(filter, before);
        return database.read(handle -> records(handle, where.keys(handle, limit)));
    }

    /** A {@link JobFilter} as SQL. */
    static final class Filter {
        /**
         * A user's jobs, newest first: from where the page before ended if it was one of theirs, else from the last,
         * and no further back than to what was cleared.
         */
        private static final String CHAIN = "WITH RECURSIVE chain (id, previous_id) AS ("
                + "SELECT p.id, p.previous_id FROM account_holder AS c CROSS JOIN account AS b ON b.id = c.account_id"
                + " CROSS JOIN job AS p ON p.id = coalesce((SELECT f.id FROM job AS f"
                + " WHERE f.id = :start AND f.account_id = b.id), b.last_job_id) WHERE c.user_id = :user"
                + " UNION ALL SELECT p.id, p.previous_id FROM chain CROSS JOIN job AS p ON p.id = chain.previous_id"
                + " WHERE p.id >= :floor) ";

        private final boolean ofUser;
        private final List<String> conditions = new ArrayList<>();
        private final Map<String, Object> parameters = new LinkedHashMap<>();

        Filter(JobFilter filter, Optional<Long> before) {
            ofUser = filter.user().isPresent();
            before.ifPresent(seq -> add("j.id < :before", "before", seq));
            filter.user().ifPresent(user -> {
                parameters.put("user", user.value());
                parameters.put("start", before.orElse(0L));
                parameters.put("floor", 0L);
            });
            filter.workflow()
                    .ifPresent(name -> add(
                            "s.workflow_id = (SELECT id FROM workflow WHERE name = :workflow)",
                            "workflow",
                            name.value()));
            filter.model()
                    .ifPresent(name -> add(
                            "j.requirement_id IN (SELECT r.id FROM requirement AS r JOIN model AS m ON m.id = r.model_id"
                                    + " WHERE m.name = :model)",
                            "model",
                            name.value()));
            filter.batch().ifPresent(id -> add("s.batch = :batch", "batch", Columns.bytes(id.value())));
            filter.tag()
                    .ifPresent(tag ->
                            add("EXISTS (SELECT 1 FROM json_each(s.tags) AS t WHERE t.value = :tag)", "tag", tag));
            filter.from().ifPresent(from -> add("s.created_at >= :from", "from", atOrAfter(from)));
            filter.to().ifPresent(to -> add("s.created_at < :to", "to", atOrAfter(to)));
            filter.cleared().ifPresent(gone -> {
                add("j.id >= :floor", "floor", gone.before());
                add(
                        "(j.ended_at IS NULL OR j.ended_at > :cleared)",
                        "cleared",
                        gone.at().toEpochMilli());
            });
            if (!filter.states().isEmpty()) {
                List<String> codes = filter.states().stream()
                        .map(kind -> Integer.toString(kind.number()))
                        .sorted()
                        .toList();
                conditions.add("j.state IN (" + String.join(", ", codes) + ")");
                if (filter.user().isEmpty() && filter.states().stream().allMatch(JobState.Kind::isActive)) {
                    conditions.add("j.id IN (" + ACTIVE + ")");
                } else if (filter.user().isEmpty() && filter.states().stream().noneMatch(JobState.Kind::isTerminal)) {
                    conditions.add("j.id IN (" + LIVE + ")");
                }
            }
        }

        /** The first whole millisecond that isn't before. */
        private static long atOrAfter(Instant time) {
            return time.plusNanos(999_999).toEpochMilli();
        }

        private void add(String condition, String name, Object value) {
            conditions.add(condition);
            parameters.put(name, value);
        }

        String sql() {
            String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
            return ofUser // the chain goes down by itself: sorting it would read all of it
                    ? CHAIN + "SELECT j.id FROM chain CROSS JOIN job AS j ON j.id = chain.id"
                            + " CROSS JOIN job_spec AS s ON s.job_id = j.id" + where + " LIMIT :limit"
                    : "SELECT j.id FROM job AS j JOIN job_spec AS s ON s.job_id = j.id" + where
                            + " ORDER BY j.id DESC LIMIT :limit";
        }

        List<Long> keys(Handle handle, int limit) {
            Query query = handle.createQuery(sql()).bind("limit", limit);
            parameters.forEach(query::bind);
            return query.mapTo(Long.class).list();
        }
    }

    void forEachLive(Consumer<QueuedJob> consumer) {
        database.<@Nullable Void>read(handle -> {
            List<Long> keys =
                    handle.createQuery(LIVE + " ORDER BY 1").mapTo(Long.class).list();
            Names names = driving(handle);
            for (int from = 0; from < keys.size(); from += LIVE_AT_ONCE) {
                List<Long> some = keys.subList(from, Math.min(keys.size(), from + LIVE_AT_ONCE));
                jobs(handle, some, names).values().forEach(job -> consumer.accept(job.job()));
            }
            return null;
        });
    }

    private static String waitingBy(String index, int line) {
        return "SELECT j.id, j.uuid, j.requirement_id, j.rank, j.urgency, j.place, j.ready_at, s.created_at, s.expires_at"
                + " FROM job AS j INDEXED BY " + index + " CROSS JOIN job_spec AS s ON s.job_id = j.id WHERE j.line = "
                + line;
    }

    void forEachWaiting(Consumer<WaitingJob> consumer) {
        database.<@Nullable Void>read(handle -> {
            Names names = allNames(handle);
            return handle.createQuery(WAITING).<@Nullable Void>scanResultSet((rows, context) -> {
                try (ResultSet row = rows.get()) {
                    while (row.next()) {
                        consumer.accept(waiting(row, names));
                    }
                }
                return null;
            });
        });
    }

    private static WaitingJob waiting(ResultSet row, Names names) throws SQLException {
        long key = row.getLong(1);
        try {
            return new WaitingJob(
                    new JobId(Columns.uuid(row, 2)),
                    new OrderKey(row.getInt(4), Math.toIntExact(-row.getLong(5)), row.getLong(6), key),
                    names.requirements.name(row.getLong(3)),
                    Columns.instant(row, 8),
                    Columns.instant(row, 7),
                    Columns.instant(row, 9));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CorruptRowException("job", key, String.valueOf(e.getMessage()), e);
        }
    }

    /** A job and its history. */
    private record Read(QueuedJob job, List<Transition> history) {}

    private static Map<Long, Read> jobs(Handle handle, List<Long> keys, Names names) {
        Map<Long, JobRow.Fixed> specs = new HashMap<>();
        forEach(handle, SPECS, keys, row -> specs.put(row.getLong(1), JobRow.Fixed.read(row)));
        Map<Long, Read> jobs = new LinkedHashMap<>();
        forEach(handle, JOBS, keys, row -> {
            JobRow job = JobRow.read(row, names);
            JobRow.Fixed fixed = specs.get(job.key());
            if (fixed == null) {
                throw new CorruptRowException("job", job.key(), "has no spec", null);
            }
            try {
                jobs.put(
                        job.key(),
                        new Read(job.job(fixed), JsonColumns.history(job.id(), row.getString(JobRow.WIDTH + 1))));
            } catch (IllegalArgumentException e) {
                throw new CorruptRowException("job", job.key(), String.valueOf(e.getMessage()), e);
            }
        });
        return jobs;
    }

    private static List<JobRecord> records(Handle handle, List<Long> keys) {
        if (keys.isEmpty()) {
            return List.of();
        }
        Names names = driving(handle);
        Map<Long, Read> jobs = jobs(handle, keys, names);
        Map<Long, Hold> holds = new HashMap<>();
        forEach(handle, HOLDS, keys, row -> holds.put(row.getLong(12), LedgerRow.hold(row, Columns.uuid(row, 13))));
        Map<Long, List<Attempt>> attempts = new HashMap<>();
        forEach(
                handle,
                ATTEMPTS,
                keys,
                row -> attempts.computeIfAbsent(row.getLong(15), key -> new ArrayList<>(1))
                        .add(Objects.requireNonNull(JobRow.attempt(row, 1, new JobId(Columns.uuid(row, 16)), names))));
        Map<Long, List<Output>> outputs = new HashMap<>();
        forEach(
                handle,
                OUTPUTS,
                keys,
                row -> outputs.computeIfAbsent(row.getLong(1), key -> new ArrayList<>(1))
                        .add(output(row)));
        List<JobRecord> records = new ArrayList<>(keys.size());
        for (Long key : keys) {
            Read job = jobs.get(key);
            Hold hold = holds.get(key);
            if (job == null || hold == null) {
                throw new CorruptRowException("job", key, "its rows are not all there", null);
            }
            records.add(new JobRecord(
                    job.job(),
                    hold,
                    attempts.getOrDefault(key, List.of()),
                    outputs.getOrDefault(key, List.of()),
                    job.history()));
        }
        return records;
    }

    private static Output output(ResultSet row) throws SQLException {
        try {
            return new Output(
                    new AssetId(Columns.uuid(row, 3)),
                    new JobId(Columns.uuid(row, 2)),
                    row.getInt(4),
                    row.getString(5),
                    Optional.ofNullable(row.getString(6)),
                    row.getString(7),
                    row.getLong(8),
                    Columns.hash(row, 9),
                    Columns.optionalUuid(row, 10).map(AssetId::new),
                    row.getInt(11) == 0
                            ? Optional.empty()
                            : Optional.of(new PixelSize(row.getInt(11), row.getInt(12))));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException("output of job", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }

    List<Attempt> running() {
        return database.read(handle -> {
            Names names = driving(handle);
            return handle.createQuery("SELECT " + JobRow.ATTEMPT_COLUMNS + ", j.uuid"
                            + " FROM (" + ACTIVE + ") AS w CROSS JOIN job AS j ON j.id = w.job_id"
                            + JobRow.ATTEMPT_TABLE
                            + " ORDER BY a.claimed_at, a.id")
                    .map((row, context) ->
                            Objects.requireNonNull(JobRow.attempt(row, 1, new JobId(Columns.uuid(row, 15)), names)))
                    .list();
        });
    }

    /** The latest runs by their end, among those submitted last: at least {@value #RUNS_LOOKED_AT}. */
    List<RunTime> recentRuns(int limit) {
        checkLimit(limit);
        // by end among the latest submitted: an index by end would be written at each end
        return list(
                "SELECT w.name, q.name, m.name, c.took FROM ("
                        + "SELECT j.id, j.requirement_id, a.ended_at, a.ended_at - a.started_at AS took FROM job AS j"
                        + " CROSS JOIN attempt AS a ON a.id = j.id * " + Columns.SPAN + " + j.attempts"
                        + " WHERE j.state = 3 AND a.started_at IS NOT NULL AND a.failure_kind IS NULL"
                        + " ORDER BY j.id DESC LIMIT :window) AS c"
                        + " CROSS JOIN job_spec AS s ON s.job_id = c.id"
                        + " CROSS JOIN workflow AS w ON w.id = s.workflow_id"
                        + " CROSS JOIN requirement AS r ON r.id = c.requirement_id"
                        + " CROSS JOIN queue AS q ON q.id = r.queue_id CROSS JOIN model AS m ON m.id = r.model_id"
                        + " ORDER BY c.ended_at DESC, c.id DESC LIMIT :limit",
                Map.of("limit", limit, "window", Math.max(limit, RUNS_LOOKED_AT)),
                (row, context) -> new RunTime(
                        new WorkflowName(row.getString(1)),
                        new QueueName(row.getString(2)),
                        new ModelName(row.getString(3)),
                        Duration.ofMillis(row.getLong(4))));
    }

    // --- what there is few of

    List<ModelLimit> models() {
        return list(
                "SELECT name, max_running, running FROM model WHERE running IS NOT NULL ORDER BY name",
                Map.of(),
                (row, context) -> StoreState.model(row));
    }

    List<QueueSwitch> queues() {
        return list(
                "SELECT name, mode, relaxed_running FROM queue WHERE mode IS NOT NULL ORDER BY name",
                Map.of(),
                (row, context) -> StoreState.queue(row));
    }

    List<Slot> slots() {
        return list(
                "SELECT b.name, s.number, j.uuid FROM slot AS s JOIN backend AS b ON b.id = s.backend_id"
                        + " LEFT JOIN job AS j ON j.id = s.job_id ORDER BY b.name, s.number",
                Map.of(),
                (row, context) -> new Slot(
                        new BackendId(row.getString(1)),
                        row.getInt(2),
                        Columns.optionalUuid(row, 3).map(JobId::new)));
    }

    // --- deliveries and events

    List<LoggedDelivery> deliveries(DeliveryFilter filter, Optional<DeliveryId> before, int limit) {
        checkLimit(limit);
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("limit", limit);
        filter.job().ifPresent(job -> parameters.put("job", Columns.bytes(job.value())));
        filter.target().ifPresent(target -> {
            parameters.put("channel", target.channel());
            parameters.put("address", target.address());
        });
        before.ifPresent(id -> parameters.put("before", Columns.bytes(id.value())));
        return logged(deliveriesSql(filter, before.isPresent()), parameters);
    }

    static String deliveriesSql(DeliveryFilter filter, boolean goesOn) {
        StringBuilder sql = new StringBuilder("SELECT ").append(DeliveryRow.COLUMNS);
        sql.append(
                filter.job().isPresent()
                        ? " FROM job AS j CROSS JOIN delivery AS d ON d.job_id = j.id WHERE j.uuid = :job"
                        : " FROM delivery AS d CROSS JOIN job AS j ON j.id = d.job_id WHERE TRUE");
        filter.state().ifPresent(state -> {
            sql.append(" AND d.state = ").append(state.number());
            if (state.isOwed()) {
                sql.append(" AND d.state IN (0, 3)"); // what their index is for
            }
        });
        filter.target().ifPresent(target -> {
            sql.append(" AND d.channel = :channel AND d.address = :address");
            if (Endpoint.idOf(target.address()).isPresent()) {
                sql.append(" AND substr(d.address, 1, 9) = 'endpoint:'"); // what its index is for
            }
        });
        if (goesOn) {
            sql.append(" AND d.id < (SELECT id FROM delivery WHERE uuid = :before)");
        }
        return sql.append(" ORDER BY d.id DESC LIMIT :limit").toString();
    }

    Optional<LoggedDelivery> delivery(DeliveryId id) {
        return logged(
                        "SELECT " + DeliveryRow.COLUMNS + " FROM delivery AS d CROSS JOIN job AS j ON j.id = d.job_id"
                                + " WHERE d.uuid = :id",
                        Map.of("id", Columns.bytes(id.value())))
                .stream()
                .findFirst();
    }

    private List<LoggedDelivery> logged(String sql, Map<String, ?> parameters) {
        List<Delivery> found = list(sql, parameters, (row, context) -> DeliveryRow.read(row));
        Map<DeliveryId, List<DeliveryTry>> tries = new HashMap<>();
        if (!found.isEmpty()) {
            List<UUID> ids =
                    found.stream().map(delivery -> delivery.id().value()).toList();
            list(TRIES, Map.of("ids", Columns.jsonOfUuids(ids)), (row, context) -> DeliveryRow.readTry(row))
                    .forEach(one -> tries.computeIfAbsent(one.delivery(), id -> new ArrayList<>())
                            .add(one));
        }
        return found.stream()
                .map(delivery -> new LoggedDelivery(delivery, tries.getOrDefault(delivery.id(), List.of())))
                .toList();
    }

    Optional<Instant> nextDelivery() {
        return list(NEXT_DELIVERY, Map.of(), (row, context) -> Columns.optionalInstant(row, 1))
                .get(0);
    }

    List<StoredEvent> events(Optional<UserId> user, int limit) {
        checkLimit(limit);
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("limit", limit);
        user.ifPresent(id -> parameters.put("user", id.value()));
        return list(
                "SELECT at, kind, user_id, job, detail, id FROM event"
                        + (user.isPresent() ? " WHERE user_id = :user" : "") + " ORDER BY id DESC LIMIT :limit",
                parameters,
                (row, context) -> new StoredEvent(
                        Columns.instant(row, 1),
                        row.getString(2),
                        Optional.ofNullable(row.getString(3)).map(UserId::new),
                        Columns.optionalUuid(row, 4).map(JobId::new),
                        row.getString(5)));
    }

    // --- the ledger

    Optional<Account> account(UserId user) {
        return list(
                        "SELECT " + LedgerRow.ACCOUNT_COLUMNS + " FROM account_holder AS c"
                                + " CROSS JOIN account AS b ON b.id = c.account_id" + LedgerRow.LATEST_DRAW
                                + " WHERE c.user_id = :user",
                        Map.of("user", user.value()),
                        (row, context) -> LedgerRow.account(row))
                .stream()
                .findFirst();
    }

    List<Holdings> holdings(Optional<UserId> after, int limit) {
        checkLimit(limit);
        return database.read(handle -> {
            Map<Long, Account> accounts = new LinkedHashMap<>();
            handle.createQuery(ACCOUNTS)
                    .bind("after", after.map(UserId::value).orElse(""))
                    .bind("limit", limit)
                    .map((row, context) -> Map.entry(row.getLong(1), LedgerRow.account(row)))
                    .forEach(entry -> accounts.put(entry.getKey(), entry.getValue()));
            Map<UserId, List<Grant>> grants = new HashMap<>();
            forEach(handle, LIVE_GRANTS, List.copyOf(accounts.keySet()), row -> {
                Grant grant = LedgerRow.grant(row);
                grants.computeIfAbsent(grant.user(), any -> new ArrayList<>()).add(grant);
            });
            return accounts.values().stream()
                    .map(account -> new Holdings(account, grants.getOrDefault(account.user(), List.of())))
                    .toList();
        });
    }

    List<Account> accounts(Optional<UserId> after, int limit) {
        checkLimit(limit);
        return list(
                ACCOUNTS,
                Map.of("after", after.map(UserId::value).orElse(""), "limit", limit),
                (row, context) -> LedgerRow.account(row));
    }

    List<Grant> grants(UserId user) {
        // of spent grants, too, there is no index by account: rare, and few rows beside those of jobs
        return list(
                "SELECT " + LedgerRow.GRANT_COLUMNS + " FROM account_holder AS c"
                        + " JOIN credit_grant AS g ON g.account_id = c.account_id"
                        + " JOIN grant_terms AS t ON t.grant_id = g.id WHERE c.user_id = :user ORDER BY g.id DESC",
                Map.of("user", user.value()),
                (row, context) -> LedgerRow.grant(row));
    }

    Optional<Hold> hold(HoldId id) {
        byte[] uuid = Columns.bytes(id.value());
        return list(
                        "SELECT " + LedgerRow.HOLD_COLUMNS + " FROM credit_hold AS h"
                                + " CROSS JOIN account_holder AS c ON c.account_id = h.account_id WHERE h.id ="
                                + " coalesce((SELECT id FROM credit_hold WHERE uuid = :id),"
                                + " (SELECT hold_id FROM job WHERE uuid = :id))",
                        Map.of("id", uuid),
                        (row, context) -> LedgerRow.hold(row, id.value()))
                .stream()
                .findFirst();
    }

    List<Draw> draws(UserId user, int limit) {
        checkLimit(limit);
        return list(
                "SELECT d.day, d.roll, d.prize, d.percent_off, d.at, d.provable FROM account_holder AS c"
                        + " CROSS JOIN lucky_draw AS d ON d.account_id = c.account_id WHERE c.user_id = :user"
                        + " ORDER BY d.day DESC LIMIT :limit",
                Map.of("user", user.value(), "limit", limit),
                (row, context) -> LedgerRow.draw(row, 1, user));
    }

    List<QuotaDay> quotas(UserId user, int limit) {
        checkLimit(limit);
        return list(
                "SELECT " + TollRows.QUOTA_COLUMNS + " FROM account_holder AS c"
                        + " CROSS JOIN quota_day AS d ON d.account_id = c.account_id WHERE c.user_id = :user"
                        + " ORDER BY d.day DESC, d.product LIMIT :limit",
                Map.of("user", user.value(), "limit", limit),
                (row, context) -> TollRows.quota(row, user));
    }

    Optional<Quote> quote(QuoteId id) {
        return list(
                        "SELECT " + TollRows.QUOTE_COLUMNS + " FROM quote AS q WHERE q.uuid = :uuid",
                        Map.of("uuid", Columns.bytes(id.value())),
                        (row, context) -> TollRows.quote(row))
                .stream()
                .findFirst();
    }

    Optional<DrawSecret> drawSecret(LocalDate day) {
        return list(
                        "SELECT " + DrawRows.SECRET_COLUMNS + " FROM draw_secret WHERE day = :day",
                        Map.of("day", day.toEpochDay()),
                        (row, context) -> DrawRows.secret(row))
                .stream()
                .findFirst();
    }

    Optional<DrawSecret> latestDrawSecret() {
        return database.read(handle -> {
            try {
                return DrawRows.latest(handle.getConnection());
            } catch (SQLException e) {
                throw SqlErrors.translate("can't read the latest secret", e);
            }
        });
    }

    History history(UserId user, Optional<Long> before, int limit) {
        checkLimit(limit);
        return database.read(handle -> {
            // along the chain of the user's postings: from where the page before ended, else from the newest
            List<Long> keys = handle.createQuery("WITH RECURSIVE chain (id, previous_id) AS ("
                            + "SELECT p.id, p.previous_id FROM account_holder AS c"
                            + " CROSS JOIN account AS b ON b.id = c.account_id"
                            + " CROSS JOIN ledger_posting AS p ON p.id = coalesce((SELECT f.id FROM ledger_posting AS f"
                            + " WHERE f.id = :before AND f.account_id = b.id), b.last_posting_id)"
                            + " WHERE c.user_id = :user"
                            + " UNION ALL SELECT p.id, p.previous_id FROM chain"
                            + " CROSS JOIN ledger_posting AS p ON p.id = chain.previous_id)"
                            + " SELECT id FROM chain WHERE id < :before LIMIT :limit")
                    .bind("user", user.value())
                    .bind("before", before.orElse(Long.MAX_VALUE))
                    .bind("limit", limit + 1L)
                    .mapTo(Long.class)
                    .list();
            List<Long> page = keys.subList(0, Math.min(limit, keys.size()));
            List<History.Line> lines = new ArrayList<>(page.size());
            forAll(
                    handle,
                    "SELECT " + PostingRow.COLUMNS
                            + " FROM json_each(:keys) AS w CROSS JOIN ledger_posting AS p ON p.id = w.value"
                            + PostingRow.TABLES,
                    page,
                    rows -> PostingRow.readAll(rows)
                            .forEach(row -> lines.add(new History.Line(row.key(), row.posting()))));
            Optional<Long> next = keys.size() > limit ? Optional.of(page.get(page.size() - 1)) : Optional.empty();
            return new History(lines, next);
        });
    }

    // --- how it is read

    interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private static void forEach(Handle handle, String sql, List<Long> keys, RowReader reader) {
        forAll(handle, sql, keys, row -> {
            while (row.next()) {
                reader.read(row);
            }
        });
    }

    private static void forAll(Handle handle, String sql, List<Long> keys, RowReader reader) {
        scan(handle.createQuery(sql).bind("keys", Columns.json(keys)), reader);
    }

    /** Lets a reader go through the rows of a query, one by one. */
    static void scan(Query query, RowReader reader) {
        query.<@Nullable Void>scanResultSet((rows, context) -> {
            try (ResultSet all = rows.get()) {
                reader.read(all);
            }
            return null;
        });
    }

    private <T> List<T> list(String sql, Map<String, ?> parameters, RowMapper<T> mapper) {
        return database.read(handle ->
                handle.createQuery(sql).bindMap(parameters).map(mapper).list());
    }

    private static Names driving(Handle handle) {
        return names(handle, Names::loadDriving);
    }

    private static Names allNames(Handle handle) {
        return names(handle, Names::load);
    }

    private interface NamesReader {
        Names read(Connection connection) throws SQLException;
    }

    private static Names names(Handle handle, NamesReader reader) {
        try {
            return reader.read(handle.getConnection());
        } catch (SQLException e) {
            throw SqlErrors.translate("can't read names", e);
        }
    }

    static void checkLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1: " + limit);
        }
    }
}
