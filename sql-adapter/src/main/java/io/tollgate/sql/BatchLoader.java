package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.FairLine;
import io.tollgate.queue.job.IdempotencyRecord;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.UserLoad;
import io.tollgate.sql.Batch.AccountEntry;
import io.tollgate.sql.Batch.HoldEntry;
import io.tollgate.sql.Batch.JobEntry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Reads what the commands of a batch name, each table once for all of them: {@code json_each} brings the keys, and
 * {@code CROSS JOIN} makes SQLite go from them to the table's index. Confined to the writer's thread.
 */
final class BatchLoader {
    /** A read that failed while a rule was asking; the batch can't go on. */
    static final class LoadFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final SQLException sql;

        LoadFailedException(SQLException sql) {
            super(sql);
            this.sql = sql;
        }

        SQLException sql() {
            return sql;
        }
    }

    static final String JOBS = "SELECT " + JobRow.COLUMNS + ", " + JobRow.ATTEMPT_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN job AS j ON j.uuid = unhex(w.value)"
            + JobRow.ATTEMPT_TABLE;
    static final String JOBS_BY_KEY = "SELECT " + JobRow.COLUMNS + ", " + JobRow.ATTEMPT_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN job AS j ON j.id = w.value"
            + JobRow.ATTEMPT_TABLE;
    static final String RUNNING = "SELECT " + JobRow.COLUMNS + ", " + JobRow.ATTEMPT_COLUMNS + " FROM ("
            + StoreReads.ACTIVE + ") AS w CROSS JOIN job AS j ON j.id = w.job_id" + JobRow.ATTEMPT_TABLE;
    static final String HEADS = "SELECT j.id FROM job AS j WHERE j.requirement_id = ? AND j.line = 1"
            + " ORDER BY j.rank, j.urgency, j.place, j.id LIMIT ? OFFSET ?"; // an index has it all
    static final String SPECS = "SELECT " + JobRow.SPEC_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN job_spec AS s ON s.job_id = w.value" + JobRow.SPEC_TABLES;
    static final String END_BACKOFFS = "UPDATE job SET line = 1 WHERE line = 2 AND ready_at <= ?";
    static final String NEXT_BACKOFF = "SELECT min(ready_at) FROM job WHERE line = 2";
    static final String ACCOUNTS = "SELECT " + LedgerRow.ACCOUNT_COLUMNS
            + ", b.live, b.relaxed, b.rate_until, b.last_posting_id, b.last_job_id"
            + " FROM json_each(?) AS w CROSS JOIN account_holder AS c ON c.user_id = w.value"
            + " CROSS JOIN account AS b ON b.id = c.account_id" + LedgerRow.LATEST_DRAW;
    static final String ACCOUNTS_BY_KEY = "SELECT " + LedgerRow.ACCOUNT_COLUMNS
            + ", b.live, b.relaxed, b.rate_until, b.last_posting_id, b.last_job_id"
            + " FROM json_each(?) AS w CROSS JOIN account AS b ON b.id = w.value"
            + " CROSS JOIN account_holder AS c ON c.account_id = b.id" + LedgerRow.LATEST_DRAW;
    static final String GRANTS = "SELECT " + LedgerRow.GRANT_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN credit_grant AS g ON g.account_id = w.value AND g.spent = 0"
            + " CROSS JOIN grant_terms AS t ON t.grant_id = g.id"
            + " CROSS JOIN account_holder AS c ON c.account_id = g.account_id";
    static final String GRANTS_BY_SOURCE_KEY = "SELECT " + LedgerRow.GRANT_COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN grant_terms AS t ON t.source_key = w.value"
            + " CROSS JOIN credit_grant AS g ON g.id = t.grant_id"
            + " CROSS JOIN account_holder AS c ON c.account_id = g.account_id";
    static final String HOLDS_BY_KEY = "SELECT " + LedgerRow.HOLD_COLUMNS + ", h.account_id"
            + " FROM json_each(?) AS w CROSS JOIN credit_hold AS h ON h.id = w.value"
            + " CROSS JOIN account_holder AS c ON c.account_id = h.account_id";
    static final String HOLDS = "SELECT " + LedgerRow.HOLD_COLUMNS + ", h.account_id, h.uuid"
            + " FROM json_each(?) AS w CROSS JOIN credit_hold AS h ON h.uuid = unhex(w.value)"
            + " CROSS JOIN account_holder AS c ON c.account_id = h.account_id";
    static final String HOLDS_OF_JOBS = "SELECT " + LedgerRow.HOLD_COLUMNS + ", h.account_id, j.uuid"
            + " FROM json_each(?) AS w CROSS JOIN job AS j ON j.uuid = unhex(w.value)"
            + " CROSS JOIN credit_hold AS h ON h.id = j.hold_id"
            + " CROSS JOIN account_holder AS c ON c.account_id = h.account_id";
    static final String FAIR_LINES = "SELECT f.account_id, f.queue_id, f.lane, f.last_key"
            + " FROM json_each(?) AS w CROSS JOIN fair_line AS f ON f.account_id = w.value";
    static final String IDEMPOTENCY = "SELECT i.account_id, i.idem_key, i.request_hash, i.jobs, i.at"
            + " FROM json_each(?) AS w CROSS JOIN idempotency AS i ON i.idem_key = json_extract(w.value, '$[1]')"
            + " AND i.account_id = json_extract(w.value, '$[0]')";
    static final String POSTINGS = "SELECT " + PostingRow.COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN ledger_posting AS p ON p.idem_key = w.value" + PostingRow.TABLES;
    static final String DELIVERIES = "SELECT " + DeliveryRow.COLUMNS
            + " FROM json_each(?) AS w CROSS JOIN delivery AS d ON d.uuid = unhex(w.value)"
            + " CROSS JOIN job AS j ON j.id = d.job_id";
    static final String DUE = "SELECT " + DeliveryRow.COLUMNS + " FROM delivery AS d"
            + " CROSS JOIN job AS j ON j.id = d.job_id"
            + " WHERE d.state IN (0, 3) AND d.next_at <= ? ORDER BY d.next_at, d.id LIMIT ?";
    static final String OWED = "SELECT " + DeliveryRow.COLUMNS + " FROM job AS j"
            + " CROSS JOIN delivery AS d ON d.job_id = j.id WHERE j.uuid = ? AND d.state IN (0, 3)";

    private final Connection connection;
    private final JobPolicy policy;
    private final Consumer<Throwable> errors;
    private final HotStatements statements;

    /** @param errors hears of rows that were left aside, as they can't be read */
    BatchLoader(Connection connection, HotStatements statements, JobPolicy policy, Consumer<Throwable> errors) {
        this.connection = connection;
        this.statements = statements;
        this.policy = policy;
        this.errors = errors;
    }

    /** What the commands of a batch name, together. */
    private static final class Wanted {
        final Set<JobId> jobs = new LinkedHashSet<>();
        final Set<JobId> toEnd = new LinkedHashSet<>();
        final Set<UserId> users = new LinkedHashSet<>();
        final Set<UserId> submitters = new LinkedHashSet<>();
        final Set<Batch.UserKey> idempotency = new LinkedHashSet<>();
        final Set<DeliveryId> deliveries = new LinkedHashSet<>();
        final Set<HoldId> holds = new LinkedHashSet<>();
        final Set<String> postings = new LinkedHashSet<>();
        final Set<String> sourceKeys = new LinkedHashSet<>();
        final Set<QuoteId> quotes = new LinkedHashSet<>();
        final Set<UserId> quoteUsers = new LinkedHashSet<>();
        final PaymentLoader payments;

        Wanted(HotStatements statements) {
            payments = new PaymentLoader(statements);
        }

        void add(JobCommand<?> command) {
            jobs.addAll(command.jobsToLoad());
            toEnd.addAll(command.jobsToEnd());
            Set<UserId> named = command.usersToLoad();
            users.addAll(named);
            submitters.addAll(named);
            for (String key : command.keysToLoad()) {
                named.forEach(user -> idempotency.add(new Batch.UserKey(user, key)));
            }
            quotes.addAll(command.quotesToLoad());
            quoteUsers.addAll(command.openQuotesToLoad());
            deliveries.addAll(command.deliveriesToLoad());
        }

        void add(LedgerCommand<?> command) {
            users.addAll(command.users());
            holds.addAll(command.holds());
            postings.addAll(command.keys());
            sourceKeys.addAll(command.sourceKeys());
            payments.add(command.payments());
        }
    }

    void load(Batch batch, List<Work> work) throws SQLException {
        Wanted wanted = new Wanted(statements);
        for (Work one : work) {
            if (one instanceof Work.OfJobs jobs) {
                wanted.add(jobs.command());
            } else if (one instanceof Work.OfLedger ledger) {
                wanted.add(ledger.command());
            } else if (one instanceof Work.Erase erase) {
                wanted.users.add(erase.user());
            }
        }
        jobs(batch, wanted.jobs);
        Set<Long> accountKeys = new LinkedHashSet<>();
        holdsOfJobs(batch, wanted, accountKeys);
        holdsOfLedger(batch, wanted);
        wanted.payments.load(batch, wanted.users, wanted.sourceKeys);
        accounts(batch, wanted, accountKeys);
        if (policy.orders().containsValue(JobPolicy.Order.FAIR)) {
            fairLines(batch, wanted.submitters);
        }
        idempotency(batch, wanted.idempotency);
        postings(batch, wanted.postings);
        sourceKeys(batch, wanted.sourceKeys);
        TollRows.loadQuotes(statements, batch, wanted.quotes, wanted.quoteUsers);
        if (!wanted.deliveries.isEmpty()) {
            List<UUID> ids = wanted.deliveries.stream().map(DeliveryId::value).toList();
            deliveries(batch, statement(DELIVERIES).bind(Columns.jsonOfUuids(ids)));
        }
    }

    // --- jobs

    private void jobs(Batch batch, Set<JobId> wanted) throws SQLException {
        List<UUID> others = new ArrayList<>();
        for (JobId id : wanted) {
            JobEntry kept = batch.state.job(id);
            if (kept == null) {
                others.add(id.value());
            } else {
                batch.jobs.put(kept);
            }
        }
        if (!others.isEmpty()) {
            jobs(batch, JOBS, Columns.jsonOfUuids(others));
        }
        batch.loadedJobs.addAll(wanted);
    }

    private void jobs(Batch batch, String sql, String json) throws SQLException {
        jobs(batch, statement(sql).bind(json));
    }

    /** Adds jobs to the batch that aren't in it. */
    private void jobs(Batch batch, HotStatement select) throws SQLException {
        Names names = batch.state.names;
        Map<JobRow, Optional<Attempt>> rows = new LinkedHashMap<>();
        Set<Long> missing = new LinkedHashSet<>();
        try (ResultSet row = select.query()) {
            while (row.next()) {
                JobId id = JobRow.id(row);
                JobEntry kept = batch.state.job(id);
                if (kept != null) {
                    batch.jobs.put(kept);
                } else if (!batch.jobs.contains(id)) {
                    JobRow job = JobRow.read(row, names);
                    rows.put(job, Optional.ofNullable(JobRow.attempt(row, JobRow.WIDTH + 1, id, names)));
                    missing.add(job.key());
                }
            }
        }
        Map<Long, JobRow.Fixed> specs = specs(missing);
        for (Map.Entry<JobRow, Optional<Attempt>> entry : rows.entrySet()) {
            JobRow row = entry.getKey();
            JobRow.Fixed fixed = specs.get(row.key());
            if (fixed == null) {
                throw new CorruptRowException("job", row.key(), "has no spec", null);
            }
            batch.jobs.put(JobEntry.of(row, fixed, entry.getValue().orElse(null)));
        }
    }

    private Map<Long, JobRow.Fixed> specs(Set<Long> keys) throws SQLException {
        if (keys.isEmpty()) {
            return Map.of();
        }
        Map<Long, JobRow.Fixed> specs = new HashMap<>();
        try (ResultSet row = statement(SPECS).bind(Columns.json(keys)).query()) {
            while (row.next()) {
                specs.put(row.getLong(1), JobRow.Fixed.read(row));
            }
        }
        return specs;
    }

    /**
     * Reads on in a line, in dispatch order.
     *
     * @param from how many rows were read already
     * @param into gets the jobs, which are in the batch then
     * @return how many rows were read; fewer than {@code most} at the line's end
     */
    int heads(Batch batch, RequirementSet set, int most, int from, List<JobEntry> into) {
        Long key = batch.state.names.requirements.find(set);
        if (key == null) {
            return 0; // its first job is in this batch
        }
        try {
            List<Long> keys = new ArrayList<>(most);
            try (ResultSet row =
                    statement(HEADS).bind(key.longValue()).bind(most).bind(from).query()) {
                while (row.next()) {
                    keys.add(row.getLong(1));
                }
            }
            try {
                jobsByKey(batch, keys, into);
            } catch (CorruptRowException e) { // one row that can't be read must not stop its line
                errors.accept(e);
                readableJobs(batch, keys, into);
            }
            return keys.size();
        } catch (SQLException e) {
            throw new LoadFailedException(e);
        }
    }

    private void jobsByKey(Batch batch, List<Long> keys, List<JobEntry> into) throws SQLException {
        List<Long> missing = new ArrayList<>();
        for (Long key : keys) {
            JobEntry kept = batch.state.job(key);
            if (kept != null) {
                batch.jobs.put(kept);
            } else if (batch.jobs.get(key.longValue()) == null) {
                missing.add(key);
            }
        }
        if (!missing.isEmpty()) {
            jobs(batch, JOBS_BY_KEY, Columns.json(missing));
        }
        keys.forEach(key -> into.add(Objects.requireNonNull(batch.jobs.get(key.longValue()))));
    }

    private void readableJobs(Batch batch, List<Long> keys, List<JobEntry> into) throws SQLException {
        for (Long key : keys) {
            try {
                jobsByKey(batch, List.of(key), into);
            } catch (CorruptRowException e) {
                // told already
            }
        }
    }

    /** Moves jobs whose backoff is over to their lines. */
    void endBackoffs(Batch batch) {
        long now = batch.now.toEpochMilli();
        if (now < batch.state.nextBackoff) {
            return;
        }
        try {
            batch.writing.begins();
            statement(END_BACKOFFS).bind(now).run();
            try (ResultSet row = statement(NEXT_BACKOFF).query()) {
                Long next = row.next() ? Columns.optionalLong(row, 1) : null;
                batch.state.nextBackoff = next == null ? Long.MAX_VALUE : next;
            }
        } catch (SQLException e) {
            throw new LoadFailedException(e);
        }
    }

    /** All running attempts and their jobs. */
    void running(Batch batch) {
        try {
            jobs(batch, statement(RUNNING));
        } catch (SQLException e) {
            throw new LoadFailedException(e);
        }
    }

    // --- the ledger

    private void holdsOfJobs(Batch batch, Wanted wanted, Set<Long> accountKeys) throws SQLException {
        Map<Long, JobId> byHoldKey = new LinkedHashMap<>();
        List<UUID> others = new ArrayList<>();
        for (JobId id : wanted.toEnd) {
            batch.loadedHolds.add(new HoldId(id.value()));
            JobEntry entry = batch.jobs.get(id);
            if (entry == null) {
                others.add(id.value());
            } else {
                UserId user = entry.job.user();
                HoldEntry kept = batch.state.holds.get(new HoldId(id.value()));
                if (kept == null) {
                    byHoldKey.put(entry.holdKey, id);
                } else {
                    batch.holds.put(kept.hold.id(), kept);
                }
                if (!keptAccount(batch, user)) {
                    accountKeys.add(entry.accountKey);
                }
                batch.loadedUsers.add(user);
            }
        }
        if (!byHoldKey.isEmpty()) {
            try (ResultSet row = statement(HOLDS_BY_KEY)
                    .bind(Columns.json(byHoldKey.keySet()))
                    .query()) {
                while (row.next()) {
                    JobId id = Objects.requireNonNull(byHoldKey.get(row.getLong(1)));
                    put(batch, row, LedgerRow.hold(row, id.value()));
                }
            }
        }
        // a new job's id may be that of a hold that was opened without a job; mostly there is none such at all
        if (!others.isEmpty() && batch.state.lowestHold < 0) {
            holds(batch, HOLDS, others);
        }
    }

    private void holdsOfLedger(Batch batch, Wanted wanted) throws SQLException {
        List<UUID> ids = new ArrayList<>();
        for (HoldId id : wanted.holds) {
            if (batch.loadedHolds.add(id)) {
                ids.add(id.value());
            }
        }
        if (!ids.isEmpty()) {
            holds(batch, HOLDS, ids);
            holds(batch, HOLDS_OF_JOBS, ids);
        }
        for (HoldId id : wanted.holds) {
            HoldEntry entry = batch.holds.get(id);
            if (entry != null) {
                wanted.users.add(entry.hold.user());
            }
        }
    }

    private void holds(Batch batch, String sql, List<UUID> ids) throws SQLException {
        try (ResultSet row = statement(sql).bind(Columns.jsonOfUuids(ids)).query()) {
            while (row.next()) {
                put(batch, row, LedgerRow.hold(row, Columns.uuid(row, 13)));
            }
        }
    }

    private static void put(Batch batch, ResultSet row, Hold hold) throws SQLException {
        long key = row.getLong(1);
        batch.holds.putIfAbsent(hold.id(), new HoldEntry(key, row.getLong(12), key > 0, false, hold));
    }

    private void accounts(Batch batch, Wanted wanted, Set<Long> keys) throws SQLException {
        List<AccountEntry> loaded = new ArrayList<>();
        if (!keys.isEmpty()) {
            accounts(batch, statement(ACCOUNTS_BY_KEY).bind(Columns.json(keys)), loaded);
        }
        List<String> names = new ArrayList<>();
        for (UserId user : wanted.users) {
            batch.loadedUsers.add(user);
            if (!keptAccount(batch, user)) {
                names.add(user.value());
            }
        }
        if (!names.isEmpty()) {
            accounts(batch, statement(ACCOUNTS).bind(JsonColumns.texts(names)), loaded);
        }
        if (loaded.isEmpty()) {
            return;
        }
        List<Long> all = new ArrayList<>(loaded.size());
        loaded.forEach(entry -> all.add(entry.key));
        try (ResultSet row = statement(GRANTS).bind(Columns.json(all)).query()) {
            while (row.next()) {
                Grant grant = LedgerRow.grant(row);
                Objects.requireNonNull(batch.accounts.get(grant.user())).grants.put(grant.id(), grant);
            }
        }
        TollRows.loadQuotas(statements, batch, loaded);
    }

    /** Whether an account is in the batch, by itself or because it was kept from an earlier one. */
    private static boolean keptAccount(Batch batch, UserId user) {
        AccountEntry kept = batch.state.accounts.get(user);
        if (kept != null) {
            batch.accounts.put(user, kept);
        }
        return batch.accounts.containsKey(user);
    }

    private static void accounts(Batch batch, HotStatement select, List<AccountEntry> loaded) throws SQLException {
        int next = LedgerRow.ACCOUNT_WIDTH + 1;
        try (ResultSet row = select.query()) {
            while (row.next()) {
                io.tollgate.credits.ledger.Account account = LedgerRow.account(row);
                UserLoad load = new UserLoad(
                        account.user(), row.getInt(next), row.getInt(next + 1), Columns.instant(row, next + 2));
                AccountEntry entry = new AccountEntry(
                        row.getLong(1),
                        false,
                        account,
                        load,
                        Columns.optionalLong(row, next + 3),
                        Columns.optionalLong(row, next + 4));
                if (batch.accounts.putIfAbsent(account.user(), entry) == null) {
                    loaded.add(entry);
                }
            }
        }
    }

    private void fairLines(Batch batch, Set<UserId> users) throws SQLException {
        Map<Long, UserId> byKey = byAccount(batch, users);
        if (byKey.isEmpty()) {
            return;
        }
        try (ResultSet row =
                statement(FAIR_LINES).bind(Columns.json(byKey.keySet())).query()) {
            while (row.next()) {
                FairLine line = new FairLine(
                        Objects.requireNonNull(byKey.get(row.getLong(1))),
                        batch.state.names.queues.name(row.getLong(2)),
                        Codes.lane(row.getInt(3)),
                        row.getLong(4));
                batch.fairLines.put(new Batch.FairKey(line.user(), line.queue(), line.lane()), line);
            }
        }
    }

    private static Map<Long, UserId> byAccount(Batch batch, Set<UserId> users) {
        Map<Long, UserId> byKey = new LinkedHashMap<>();
        for (UserId user : users) {
            AccountEntry entry = batch.accounts.get(user);
            if (entry != null) {
                byKey.put(entry.key, user);
            }
        }
        return byKey;
    }

    private void idempotency(Batch batch, Set<Batch.UserKey> wanted) throws SQLException {
        Map<Long, UserId> users = new HashMap<>();
        List<JsonColumns.KeyAndText> pairs = new ArrayList<>();
        for (Batch.UserKey key : wanted) {
            AccountEntry entry = batch.accounts.get(key.user());
            if (entry != null) {
                users.put(entry.key, key.user());
                pairs.add(new JsonColumns.KeyAndText(entry.key, key.key()));
            }
        }
        if (pairs.isEmpty()) {
            return;
        }
        Map<Batch.UserKey, List<Long>> jobKeys = new LinkedHashMap<>();
        Map<Batch.UserKey, IdempotencyRecord> known = new HashMap<>();
        try (ResultSet row =
                statement(IDEMPOTENCY).bind(JsonColumns.pairs(pairs)).query()) {
            while (row.next()) {
                UserId user = Objects.requireNonNull(users.get(row.getLong(1)));
                Batch.UserKey key = new Batch.UserKey(user, row.getString(2));
                known.put(
                        key,
                        new IdempotencyRecord(user, key.key(), row.getString(3), List.of(), Columns.instant(row, 5)));
                jobKeys.put(key, JsonColumns.keys(row.getString(4)));
            }
        }
        if (known.isEmpty()) {
            return;
        }
        Set<Long> all = new LinkedHashSet<>();
        jobKeys.values().forEach(all::addAll);
        jobs(batch, JOBS_BY_KEY, Columns.json(all));
        Map<Long, JobId> ids = new HashMap<>();
        batch.jobs.values().forEach(entry -> ids.put(entry.key, entry.job.id()));
        jobKeys.forEach((key, keys) -> {
            IdempotencyRecord record = Objects.requireNonNull(known.get(key));
            List<JobId> jobs =
                    keys.stream().map(ids::get).filter(Objects::nonNull).toList();
            batch.idempotency.put(
                    key, new IdempotencyRecord(record.user(), record.key(), record.requestHash(), jobs, record.at()));
        });
    }

    private void postings(Batch batch, Set<String> keys) throws SQLException {
        if (keys.isEmpty()) {
            return;
        }
        keys.forEach(key -> batch.postings.put(key, Optional.empty()));
        try (ResultSet row =
                statement(POSTINGS).bind(JsonColumns.texts(List.copyOf(keys))).query()) {
            for (PostingRow posting : PostingRow.readAll(row)) {
                batch.postings.put(posting.posting().key().orElseThrow(), Optional.of(posting.posting()));
            }
        }
    }

    private void sourceKeys(Batch batch, Set<String> keys) throws SQLException {
        if (keys.isEmpty()) {
            return;
        }
        keys.forEach(key -> batch.grantsBySourceKey.put(key, Optional.empty()));
        try (ResultSet row = statement(GRANTS_BY_SOURCE_KEY)
                .bind(JsonColumns.texts(List.copyOf(keys)))
                .query()) {
            while (row.next()) {
                Grant grant = LedgerRow.grant(row);
                batch.grantsBySourceKey.put(grant.sourceKey(), Optional.of(grant));
            }
        }
    }

    // --- deliveries

    /** The first deliveries that are due, which are in the batch then. */
    void due(Batch batch, int limit) {
        try {
            deliveries(batch, statement(DUE).bind(batch.now.toEpochMilli()).bind(limit));
        } catch (SQLException e) {
            throw new LoadFailedException(e);
        }
    }

    /** What is still owed of a job, which is in the batch then. */
    void owed(Batch batch, JobId job) {
        try {
            deliveries(batch, statement(OWED).bind(Columns.bytes(job.value())));
        } catch (SQLException e) {
            throw new LoadFailedException(e);
        }
    }

    private static void deliveries(Batch batch, HotStatement select) throws SQLException {
        try (ResultSet row = select.query()) {
            while (row.next()) {
                batch.loaded(DeliveryRow.read(row), row.getLong(1));
            }
        }
    }

    private HotStatement statement(String sql) {
        return statements.statement(sql);
    }

    /** Everything that is kept from one batch to the next, as the database has it. */
    StoreState state() throws SQLException {
        return StoreState.load(connection);
    }
}
