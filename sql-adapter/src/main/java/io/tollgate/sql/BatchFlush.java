package io.tollgate.sql;

import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Revocation;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.FairLine;
import io.tollgate.queue.job.IdempotencyRecord;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.LaneClock;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.UserLoad;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.sql.Batch.AccountEntry;
import io.tollgate.sql.Batch.AttemptEntry;
import io.tollgate.sql.Batch.HoldEntry;
import io.tollgate.sql.Batch.JobEntry;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a batch changed: absolute values, a row of a table once, each table in one JDBC batch whose counts are
 * checked. Confined to the writer's thread.
 */
final class BatchFlush {
    private static final int LINE_NONE = 0;
    private static final int LINE_READY = 1;
    private static final int LINE_BACKOFF = 2;

    /** Room for a line of a job's history, in bytes, and for two times of an attempt. */
    private static final int HISTORY_LINE = 40;

    private static final int TWO_TIMES = 12;

    private final HotStatements statements;

    private final HotStatement insertAccount;
    private final HotStatement updateAccount;
    private final HotStatement insertHolder;
    private final HotStatement updateHolder;
    private final DrawRows draws;
    private final HotStatement insertGrant;
    private final HotStatement insertTerms;
    private final HotStatement updateGrant;
    private final HotStatement spendGrant;
    private final HotStatement revokeGrant;
    private final HotStatement insertHold;
    private final HotStatement settleHold;
    private final HotStatement insertPosting;
    private final HotStatement insertEntry;
    private final HotStatement insertJob;
    private final HotStatement insertSpec;
    private final HotStatement updateJob;
    private final HotStatement startJob;
    private final HotStatement goOnWithJob;
    private final HotStatement insertAttempt;
    private final HotStatement updateAttempt;
    private final HotStatement goOnWithAttempt;
    private final HotStatement insertSlot;
    private final HotStatement updateSlot;
    private final HotStatement dropSlot;
    private final HotStatement insertCollecting;
    private final HotStatement dropCollecting;
    private final HotStatement updateModel;
    private final HotStatement updateQueue;
    private final HotStatement putClock;
    private final HotStatement putFairLine;
    private final HotStatement insertOutput;
    private final HotStatement insertDelivery;
    private final HotStatement updateDelivery;
    private final HotStatement insertIdempotency;
    private final PaymentFlush payments;

    BatchFlush(HotStatements statements) {
        this.statements = statements;
        this.draws = new DrawRows(statements);
        insertAccount = statements.statement("INSERT INTO account (available, held, debt, live, relaxed, rate_until,"
                + " last_posting_id, last_job_id, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        updateAccount = statements.statement("UPDATE account SET available = ?, held = ?, debt = ?, live = ?,"
                + " relaxed = ?, rate_until = ?, last_posting_id = ?, last_job_id = ? WHERE id = ?");
        insertHolder = statements.statement(
                "INSERT INTO account_holder (tier, tier_until, trial_until, draw_day, account_id, user_id)"
                        + " VALUES (?, ?, ?, ?, ?, ?)");
        updateHolder = statements.statement(
                "UPDATE account_holder SET tier = ?, tier_until = ?, trial_until = ?, draw_day = ? WHERE account_id = ?");
        insertGrant = statements.statement("INSERT INTO credit_grant (id, account_id, granted, remaining, held,"
                + " consumed, expired, revoked, spent, repaid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insertTerms = statements.statement("INSERT INTO grant_terms (grant_id, source, source_key, priority,"
                + " effective_at, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)");
        // spent stands in an index's WHERE: naming it writes the index, changed or not
        String parts = "UPDATE credit_grant SET remaining = ?, held = ?, consumed = ?, expired = ?, revoked = ?";
        updateGrant = statements.statement(parts + " WHERE id = ?");
        spendGrant = statements.statement(parts + ", spent = 1 WHERE id = ?");
        revokeGrant = statements.statement(
                parts + ", spent = ?, revocation = ?, revocation_at = ?, revoked_before = ? WHERE id = ?");
        insertHold = statements.statement("INSERT INTO credit_hold (id, uuid, account_id, list_price, amount, slices,"
                + " steps, free_run, state, captured, opened_at, settled_at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        // the second wall of "settled once": a hold that isn't open is never written again
        settleHold = statements.statement(
                "UPDATE credit_hold SET state = ?, captured = ?, settled_at = ? WHERE id = ? AND state = 1");
        insertPosting = statements.statement("INSERT INTO ledger_posting (id, previous_id, kind, account_id, hold_id,"
                + " list_price, net, actor, reason, idem_key, request_hash, at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insertEntry = statements.statement(
                "INSERT INTO ledger_entry (id, posting_id, account_id, book, amount) VALUES (?, ?, ?, ?, ?)");
        insertJob = statements.statement(
                "INSERT INTO job (id, uuid, previous_id, account_id, hold_id, requirement_id, state, line,"
                        + " rank, urgency, place, attempts, counted, lost, transitions, ready_at, avoid_id, ended_at, partial,"
                        + " failure_kind, failure, failure_place, history, room)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, zeroblob("
                        + 2 * HISTORY_LINE + "))");
        insertSpec = statements.statement("INSERT INTO job_spec (job_id, batch, workflow_id, list_price, tariff,"
                + " priority, order_key, created_at, expires_at, origin_kind, origin, inputs, targets, tags, metadata)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        updateJob = statements.statement("UPDATE job SET state = ?, line = ?, rank = ?, urgency = ?, place = ?,"
                + " attempts = ?, counted = ?, lost = ?, transitions = ?, ready_at = ?, avoid_id = ?, ended_at = ?,"
                + " partial = ?, failure_kind = ?, failure = ?, failure_place = ?, history = history || ?"
                + " WHERE id = ? AND transitions = ?");
        // of a job that leaves its line to run
        startJob = statements.statement("UPDATE job SET state = ?, line = 0, attempts = ?, counted = ?, lost = ?,"
                + " transitions = ?, ready_at = NULL, avoid_id = NULL, history = history || ?, room = zeroblob("
                + HISTORY_LINE + ") WHERE id = ? AND transitions = ?");
        // of a job that is in no line, before and after: names no column of an index
        goOnWithJob = statements.statement("UPDATE job SET state = ?, counted = ?, lost = ?, transitions = ?,"
                + " ended_at = ?, partial = ?, failure_kind = ?, failure = ?, failure_place = ?, history = history || ?,"
                + " room = NULL"
                + " WHERE id = ? AND transitions = ?");
        insertAttempt = statements.statement("INSERT INTO attempt (run_id, phase, node_id, token, lease_until,"
                + " started_at, ended_at, failure_kind, failure, failure_place, id, job_id, number, backend_id, slot,"
                + " claimed_at, room) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, zeroblob(" + TWO_TIMES
                + "))");
        updateAttempt = statements.statement("UPDATE attempt SET run_id = ?, phase = ?, node_id = ?, token = ?,"
                + " lease_until = ?, started_at = ?, ended_at = ?, failure_kind = ?, failure = ?, failure_place = ?"
                + " WHERE id = ? AND ended_at IS NULL");
        // of one that didn't change hands and hasn't failed
        goOnWithAttempt = statements.statement("UPDATE attempt SET phase = ?, started_at = ?, ended_at = ?,"
                + " room = zeroblob(?) WHERE id = ? AND ended_at IS NULL");
        insertSlot = statements.statement("INSERT INTO slot (job_id, id, backend_id, number) VALUES (?, ?, ?, ?)");
        updateSlot = statements.statement("UPDATE slot SET job_id = ? WHERE id = ?");
        dropSlot = statements.statement("DELETE FROM slot WHERE id = ?");
        insertCollecting = statements.statement("INSERT INTO collecting (job_id) VALUES (?)");
        dropCollecting = statements.statement("DELETE FROM collecting WHERE job_id = ?");
        updateModel = statements.statement("UPDATE model SET max_running = ?, running = ? WHERE id = ?");
        updateQueue = statements.statement("UPDATE queue SET mode = ?, relaxed_running = ? WHERE id = ?");
        putClock = statements.statement("INSERT INTO lane_clock (queue_id, lane, virtual_time) VALUES (?, ?, ?)"
                + " ON CONFLICT (queue_id, lane) DO UPDATE SET virtual_time = excluded.virtual_time");
        putFairLine =
                statements.statement("INSERT INTO fair_line (account_id, queue_id, lane, last_key) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT (account_id, queue_id, lane) DO UPDATE SET last_key = excluded.last_key");
        insertOutput = statements.statement("INSERT INTO output (id, job_id, number, asset, name, part,"
                + " content_type, size_bytes, hash, thumbnail, width, height)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insertDelivery = statements.statement("INSERT INTO delivery (uuid, job_id, channel, address, event, state,"
                + " tries, next_at, last_error, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        updateDelivery = statements.statement(
                "UPDATE delivery SET state = ?, tries = ?, next_at = ?, last_error = ? WHERE uuid = ?");
        insertIdempotency = statements.statement(
                "INSERT INTO idempotency (account_id, idem_key, request_hash, jobs," + " at) VALUES (?, ?, ?, ?, ?)");
        payments = new PaymentFlush(statements);
    }

    void flush(Batch batch) throws SQLException {
        nameNew(batch);
        accounts(batch);
        TollRows.flush(statements, batch);
        grants(batch);
        payments.flush(batch);
        holds(batch);
        postings(batch);
        jobs(batch);
        attempts(batch);
        smallTables(batch);
        outputs(batch);
        deliveries(batch);
        idempotency(batch);
    }

    /** Gives numbers to names that this batch brings, and inserts them: other rows refer to them. */
    private void nameNew(Batch batch) throws SQLException {
        Names names = batch.state.names;
        for (JobEntry entry : batch.changedJobs) {
            if (entry.before == null) {
                RequirementSet set = entry.requirement;
                names.queues.number(set.queue());
                names.models.number(set.model());
                names.requirements.number(set);
                names.workflows.number(entry.job.spec().workflow());
            }
            avoided(entry.job).ifPresent(names.backends::number);
        }
        for (AttemptEntry entry : batch.changedAttempts.values()) {
            names.backends.number(entry.attempt.backend());
            names.nodes.number(entry.attempt.lease().node());
        }
        batch.changedSlots.values().forEach(slot -> names.backends.number(slot.backend()));
        batch.changedModels.forEach(names.models::number);
        batch.changedQueues.forEach(names.queues::number);
        for (WorkflowName name : names.workflows.takeAdded()) {
            insertName("workflow", names.workflows.number(name), name.value());
        }
        for (QueueName name : names.queues.takeAdded()) {
            statements
                    .statement("INSERT INTO queue (id, name, relaxed_running) VALUES (?, ?, 0)")
                    .bind(names.queues.number(name))
                    .bind(name.value())
                    .runExpectingOne();
        }
        for (ModelName name : names.models.takeAdded()) {
            insertName("model", names.models.number(name), name.value());
        }
        for (BackendId name : names.backends.takeAdded()) {
            insertName("backend", names.backends.number(name), name.value());
        }
        for (NodeId name : names.nodes.takeAdded()) {
            insertName("node", names.nodes.number(name), name.value());
        }
        for (RequirementSet set : names.requirements.takeAdded()) {
            statements
                    .statement("INSERT INTO requirement (id, queue_id, lane, model_id, needs) VALUES (?, ?, ?, ?, ?)")
                    .bind(names.requirements.number(set))
                    .bind(names.queues.number(set.queue()))
                    .bind(Codes.lane(set.lane()))
                    .bind(names.models.number(set.model()))
                    .bind(set.needs())
                    .runExpectingOne();
        }
    }

    private void insertName(String table, long number, String name) throws SQLException {
        statements
                .statement("INSERT INTO " + table + " (id, name) VALUES (?, ?)")
                .bind(number)
                .bind(name)
                .runExpectingOne();
    }

    private static Optional<BackendId> avoided(QueuedJob job) {
        return job.state() instanceof JobState.Queued queued ? queued.avoid() : Optional.empty();
    }

    private void accounts(Batch batch) throws SQLException {
        for (AccountEntry entry : batch.changedAccounts) {
            Account account = Objects.requireNonNull(entry.account, "something changed for a user without an account");
            UserLoad load = entry.load;
            int live = load == null ? 0 : load.live();
            int relaxed = load == null ? 0 : load.relaxed();
            long rateUntil = load == null ? 0 : load.rateUntil().toEpochMilli();
            if (entry.isNew) {
                bindHolder(insertHolder, account)
                        .bind(entry.key)
                        .bind(account.user().value())
                        .add();
            }
            (entry.isNew ? insertAccount : updateAccount)
                    .bind(account.available().hundredths())
                    .bind(account.held().hundredths())
                    .bind(account.debt().hundredths())
                    .bind(live)
                    .bind(relaxed)
                    .bind(rateUntil)
                    .bind(entry.lastPosting)
                    .bind(entry.lastJob)
                    .bind(entry.key)
                    .add();
        }
        for (AccountEntry entry : batch.changedHolders) {
            Account account = Objects.requireNonNull(entry.account);
            bindHolder(updateHolder, account).bind(entry.key).add();
        }
        insertAccount.flush();
        updateAccount.flush();
        insertHolder.flush();
        updateHolder.flush();
        draws.flush(batch);
    }

    private static HotStatement bindHolder(HotStatement statement, Account account) throws SQLException {
        return statement
                .bind(account.tier())
                .bind(Columns.millis(account.tierUntil()))
                .bind(Columns.millis(account.trialUntil()))
                .bind(account.draw().map(draw -> draw.day().toEpochDay()).orElse(null));
    }

    private void grants(Batch batch) throws SQLException {
        for (Grant grant : batch.changedGrants.values()) {
            if (batch.newGrants.contains(grant.id())) {
                insertGrant
                        .bind(grant.id().value())
                        .bind(Objects.requireNonNull(batch.accounts.get(grant.user())).key)
                        .bind(grant.granted().hundredths())
                        .bind(grant.remaining().hundredths())
                        .bind(grant.held().hundredths())
                        .bind(grant.consumed().hundredths())
                        .bind(grant.expired().hundredths())
                        .bind(grant.revoked().hundredths())
                        .bind(grant.live() ? 0 : 1)
                        .bind(grant.repaid().hundredths())
                        .add();
                insertTerms
                        .bind(grant.id().value())
                        .bind(grant.source().code())
                        .bind(grant.sourceKey())
                        .bind(grant.priority())
                        .bind(grant.effectiveAt().toEpochMilli())
                        .bind(Columns.millis(grant.expiresAt()))
                        .bind(grant.createdAt().toEpochMilli())
                        .add();
            }
            if (batch.revokedGrants.contains(grant.id())) {
                bindRevocation(bindParts(revokeGrant, grant).bind(grant.live() ? 0 : 1), grant)
                        .bind(grant.id().value())
                        .add();
            } else if (!batch.newGrants.contains(grant.id())) {
                bindParts(grant.live() ? updateGrant : spendGrant, grant)
                        .bind(grant.id().value())
                        .add();
            }
        }
        insertGrant.flush();
        insertTerms.flush();
        updateGrant.flush();
        spendGrant.flush();
        revokeGrant.flush();
    }

    private static HotStatement bindParts(HotStatement statement, Grant grant) throws SQLException {
        return statement
                .bind(grant.remaining().hundredths())
                .bind(grant.held().hundredths())
                .bind(grant.consumed().hundredths())
                .bind(grant.expired().hundredths())
                .bind(grant.revoked().hundredths());
    }

    private static HotStatement bindRevocation(HotStatement statement, Grant grant) throws SQLException {
        if (grant.revocation().isEmpty()) {
            return statement.bindNull().bindNull().bindNull();
        }
        Revocation revocation = grant.revocation().get();
        return statement
                .bind(Codes.revocation(revocation))
                .bind(revocation.at().toEpochMilli())
                .bind(revocation.before().hundredths());
    }

    private void holds(Batch batch) throws SQLException {
        for (HoldEntry entry : batch.changedHolds) {
            Hold hold = entry.hold;
            if (entry.isNew) {
                insertHold
                        .bind(entry.key)
                        .bind(entry.ofJob ? null : Columns.bytes(hold.id().value()))
                        .bind(entry.accountKey)
                        .bind(hold.listPrice().hundredths())
                        .bind(hold.amount().hundredths())
                        .bind(JsonColumns.slices(hold.slices()))
                        .bind(
                                hold.price().steps().isEmpty()
                                        ? null
                                        : JsonColumns.steps(hold.price().steps()))
                        .bind(JsonColumns.freeRun(hold.freeRun()))
                        .bind(hold.state().code())
                        .bind(hold.captured().hundredths())
                        .bind(hold.openedAt().toEpochMilli())
                        .bind(Columns.millis(hold.settledAt()))
                        .add();
            } else {
                settleHold
                        .bind(hold.state().code())
                        .bind(hold.captured().hundredths())
                        .bind(Columns.millis(hold.settledAt()))
                        .bind(entry.key)
                        .add();
            }
        }
        insertHold.flush();
        settleHold.flush();
    }

    private void postings(Batch batch) throws SQLException {
        for (Batch.NewPosting added : batch.newPostings) {
            Posting posting = added.posting();
            insertPosting
                    .bind(added.key())
                    .bind(added.previous())
                    .bind(posting.kind().code())
                    .bind(added.accountKey())
                    .bind(added.holdKey())
                    .bind(posting.listPrice().hundredths())
                    .bind(posting.net().hundredths())
                    .bind(posting.actor())
                    .bind(posting.reason().orElse(null))
                    .bind(posting.key().orElse(null))
                    .bind(posting.requestHash().orElse(null))
                    .bind(posting.at().toEpochMilli())
                    .add();
            int line = 0;
            for (Entry entry : posting.entries()) {
                insertEntry.bind(Columns.key(added.key(), line++)).bind(added.key());
                if (entry.user().isPresent()) {
                    insertEntry.bind(added.accountKey());
                } else {
                    insertEntry.bindNull();
                }
                insertEntry
                        .bind(entry.book().code())
                        .bind(entry.amount().hundredths())
                        .add();
            }
        }
        insertPosting.flush();
        insertEntry.flush();
    }

    private void jobs(Batch batch) throws SQLException {
        for (JobEntry entry : batch.changedJobs) {
            QueuedJob job = entry.job;
            QueuedJob before = entry.before;
            if (before == null) {
                insert(batch, entry);
            } else {
                update(batch, job, before)
                        .bind(entry.history.toString())
                        .bind(entry.key)
                        .bind(before.transitions())
                        .add();
            }
        }
        insertJob.flush();
        insertSpec.flush();
        updateJob.flush();
        startJob.flush();
        goOnWithJob.flush();
    }

    private void insert(Batch batch, JobEntry entry) throws SQLException {
        QueuedJob job = entry.job;
        insertJob
                .bind(entry.key)
                .bind(Columns.bytes(job.id().value()))
                .bind(entry.previous)
                .bind(entry.accountKey)
                .bind(entry.holdKey)
                .bind(batch.state.names.requirements.number(entry.requirement));
        bindAll(batch, insertJob, job).bind(entry.history.toString()).add();
        spec(batch, job);
    }

    /** The statement that writes what can have changed; its history and its row are still to be bound. */
    private HotStatement update(Batch batch, QueuedJob job, QueuedJob before) throws SQLException {
        boolean waited = before.kind() == JobState.Kind.QUEUED;
        boolean runs = job.kind() == JobState.Kind.RUNNING || job.kind() == JobState.Kind.CANCELING;
        // one that waited again meanwhile, in the same batch, may have been promoted then
        boolean samePlace = job.orderKey().equals(before.orderKey());
        if (waited && runs && samePlace) {
            return bindCounts(startJob.bind(job.kind().number()).bind(job.attempts()), job);
        }
        if (!waited && job.kind() != JobState.Kind.QUEUED && job.attempts() == before.attempts() && samePlace) {
            return bindEnd(bindCounts(goOnWithJob.bind(job.kind().number()), job), job);
        }
        return bindAll(batch, updateJob, job);
    }

    private static HotStatement bindAll(Batch batch, HotStatement statement, QueuedJob job) throws SQLException {
        OrderKey order = job.orderKey();
        statement
                .bind(job.kind().number())
                .bind(line(batch, job))
                .bind(order.rank())
                .bind(-(long) order.priority())
                .bind(order.order())
                .bind(job.attempts());
        return bindEnd(bindWait(batch, bindCounts(statement, job), job), job);
    }

    private static HotStatement bindCounts(HotStatement statement, QueuedJob job) throws SQLException {
        return statement.bind(job.counted()).bind(job.lost()).bind(job.transitions());
    }

    private static HotStatement bindWait(Batch batch, HotStatement statement, QueuedJob job) throws SQLException {
        if (!(job.state() instanceof JobState.Queued queued)) {
            return statement.bindNull().bindNull();
        }
        statement.bind(queued.readyAt().toEpochMilli());
        return queued.avoid().isPresent()
                ? statement.bind(
                        batch.state.names.backends.number(queued.avoid().get()))
                : statement.bindNull();
    }

    private static HotStatement bindEnd(HotStatement statement, QueuedJob job) throws SQLException {
        Optional<Instant> endedAt = job.endedAt();
        statement.bind(Columns.millis(endedAt));
        if (job.state() instanceof JobState.Succeeded succeeded) {
            statement.bind(succeeded.partial() ? 1 : 0);
        } else {
            statement.bindNull();
        }
        return bindFailure(
                statement,
                job.state() instanceof JobState.Failed failed ? Optional.of(failed.failure()) : Optional.empty());
    }

    private static HotStatement bindFailure(HotStatement statement, Optional<Failure> failure) throws SQLException {
        if (failure.isEmpty()) {
            return statement.bindNull().bindNull().bindNull();
        }
        return statement
                .bind(failure.get().kind().code())
                .bind(failure.get().message())
                .bind(failure.get().place().map(JsonColumns::place).orElse(null));
    }

    private static int line(Batch batch, QueuedJob job) {
        if (!(job.state() instanceof JobState.Queued queued)) {
            return LINE_NONE;
        }
        if (!queued.readyAt().isAfter(batch.now)) {
            return LINE_READY;
        }
        batch.state.nextBackoff =
                Math.min(batch.state.nextBackoff, queued.readyAt().toEpochMilli());
        return LINE_BACKOFF;
    }

    private void spec(Batch batch, QueuedJob job) throws SQLException {
        JobSpec spec = job.spec();
        insertSpec
                .bind(job.seq())
                .bind(Columns.bytes(spec.batch().map(id -> id.value())))
                .bind(batch.state.names.workflows.number(spec.workflow()))
                .bind(spec.tariff().list().hundredths())
                .bind(JsonColumns.tariff(spec.tariff()))
                .bind(spec.priority())
                .bind(job.order())
                .bind(spec.createdAt().toEpochMilli())
                .bind(spec.expiresAt().toEpochMilli());
        if (spec.origin().isPresent()) {
            insertSpec
                    .bind(Codes.origin(spec.origin().get().kind()))
                    .bind(Columns.bytes(spec.origin().get().job().value()));
        } else {
            insertSpec.bindNull().bindNull();
        }
        insertSpec
                .bind(JsonColumns.inputs(spec.inputs()))
                .bind(JsonColumns.targets(spec.targets()))
                .bind(JsonColumns.texts(spec.tags()))
                .bind(JsonColumns.map(spec.metadata()))
                .add();
    }

    private void attempts(Batch batch) throws SQLException {
        // ended ones first: a job has one running attempt at a time
        for (AttemptEntry entry : batch.changedAttempts.values()) {
            Attempt attempt = entry.attempt;
            if (entry.before != null) {
                update(batch, attempt, entry.before).bind(key(batch, attempt)).add();
                collecting(batch, attempt.job(), isCollecting(entry.before), isCollecting(attempt));
            }
        }
        updateAttempt.flush();
        goOnWithAttempt.flush();
        for (AttemptEntry entry : batch.changedAttempts.values()) {
            Attempt attempt = entry.attempt;
            if (entry.before == null) {
                bind(batch, insertAttempt, attempt)
                        .bind(key(batch, attempt))
                        .bind(key(batch, attempt.job()))
                        .bind(attempt.number())
                        .bind(batch.state.names.backends.number(attempt.backend()))
                        .bind(attempt.slot())
                        .bind(attempt.claimedAt().toEpochMilli())
                        .add();
                collecting(batch, attempt.job(), false, isCollecting(attempt));
            }
        }
        insertAttempt.flush();
        dropCollecting.flush();
        insertCollecting.flush();
    }

    private static boolean isCollecting(Attempt attempt) {
        return attempt.phase() == Attempt.Phase.COLLECTING;
    }

    /** Notes an attempt that left its slot before its end, so that it is found without one. */
    private void collecting(Batch batch, JobId job, boolean before, boolean now) throws SQLException {
        if (before != now) {
            (now ? insertCollecting : dropCollecting).bind(key(batch, job)).add();
        }
    }

    /** The statement that writes what can have changed; its row is still to be bound. */
    private HotStatement update(Batch batch, Attempt attempt, Attempt before) throws SQLException {
        if (!attempt.runId().equals(before.runId())
                || !attempt.lease().equals(before.lease())
                || attempt.failure().isPresent()) {
            return bind(batch, updateAttempt, attempt);
        }
        return goOnWithAttempt
                .bind(attempt.phase().number())
                .bind(Columns.millis(attempt.startedAt()))
                .bind(Columns.millis(attempt.endedAt()))
                .bind(attempt.endedAt().isPresent() ? 0 : TWO_TIMES / 2);
    }

    private static HotStatement bind(Batch batch, HotStatement statement, Attempt attempt) throws SQLException {
        statement
                .bind(Columns.bytes(attempt.runId().value()))
                .bind(attempt.phase().number())
                .bind(batch.state.names.nodes.number(attempt.lease().node()))
                .bind(attempt.lease().token())
                .bind(attempt.lease().until().toEpochMilli())
                .bind(Columns.millis(attempt.startedAt()))
                .bind(Columns.millis(attempt.endedAt()));
        return bindFailure(statement, attempt.failure());
    }

    private static long key(Batch batch, Attempt attempt) {
        return Columns.key(key(batch, attempt.job()), attempt.number());
    }

    private static long key(Batch batch, JobId job) {
        return Objects.requireNonNull(batch.jobs.get(job)).key;
    }

    private void smallTables(Batch batch) throws SQLException {
        Names names = batch.state.names;
        for (Slot slot : batch.changedSlots.values()) {
            boolean added = batch.newSlots.contains(new Batch.SlotKey(slot.backend(), slot.index()));
            long backend = names.backends.number(slot.backend());
            HotStatement put = added ? insertSlot : updateSlot;
            put.bind(slot.job().map(job -> key(batch, job)).orElse(null)).bind(Columns.key(backend, slot.index()));
            if (added) {
                put.bind(backend).bind(slot.index());
            }
            put.add();
        }
        insertSlot.flush();
        updateSlot.flush();
        for (Batch.SlotKey slot : batch.droppedSlots) {
            dropSlot.bind(Columns.key(names.backends.number(slot.backend()), slot.index()))
                    .add();
        }
        dropSlot.flush();
        for (ModelName name : batch.changedModels) {
            ModelLimit model = Objects.requireNonNull(batch.state.models.get(name));
            updateModel
                    .bind(model.set().isPresent() ? Long.valueOf(model.set().getAsInt()) : null)
                    .bind(model.running())
                    .bind(names.models.number(name))
                    .add();
        }
        updateModel.flush();
        for (QueueName name : batch.changedQueues) {
            QueueSwitch queue = Objects.requireNonNull(batch.state.queues.get(name));
            updateQueue
                    .bind(Codes.mode(queue.mode()))
                    .bind(queue.relaxedRunning())
                    .bind(names.queues.number(name))
                    .add();
        }
        updateQueue.flush();
        for (StoreState.LaneKey key : batch.changedClocks) {
            LaneClock clock = Objects.requireNonNull(batch.state.laneClocks.get(key));
            putClock.bind(names.queues.number(clock.queue()))
                    .bind(Codes.lane(clock.lane()))
                    .bind(clock.virtualTime())
                    .add();
        }
        putClock.flush();
        for (Batch.FairKey key : batch.changedFairLines) {
            FairLine line = Objects.requireNonNull(batch.fairLines.get(key));
            putFairLine
                    .bind(Objects.requireNonNull(batch.accounts.get(line.user())).key)
                    .bind(names.queues.number(line.queue()))
                    .bind(Codes.lane(line.lane()))
                    .bind(line.lastKey())
                    .add();
        }
        putFairLine.flush();
    }

    private void outputs(Batch batch) throws SQLException {
        @Nullable JobId last = null;
        int line = 0;
        for (Output output : batch.newOutputs) {
            line = output.job().equals(last) ? line + 1 : 0;
            last = output.job();
            insertOutput
                    .bind(Columns.key(key(batch, output.job()), line))
                    .bind(key(batch, output.job()))
                    .bind(output.index())
                    .bind(Columns.bytes(output.id().value()))
                    .bind(output.name())
                    .bind(output.nodeId().orElse(null))
                    .bind(output.contentType())
                    .bind(output.sizeBytes())
                    .bind(Columns.bytes(output.hash()))
                    .bind(Columns.bytes(output.thumbnail().map(id -> id.value())));
            if (output.pixels().isPresent()) {
                insertOutput
                        .bind(output.pixels().get().width())
                        .bind(output.pixels().get().height());
            } else {
                insertOutput.bindNull().bindNull();
            }
            insertOutput.add();
        }
        insertOutput.flush();
    }

    private void deliveries(Batch batch) throws SQLException {
        for (Delivery delivery : batch.changedDeliveries.values()) {
            if (batch.newDeliveries.contains(delivery.id())) {
                insertDelivery
                        .bind(Columns.bytes(delivery.id().value()))
                        .bind(key(batch, delivery.job()))
                        .bind(delivery.target().channel())
                        .bind(delivery.target().address())
                        .bind(delivery.event().number())
                        .bind(delivery.state().number())
                        .bind(delivery.tries())
                        .bind(delivery.nextAt().toEpochMilli())
                        .bind(delivery.lastError().orElse(null))
                        .bind(delivery.createdAt().toEpochMilli())
                        .add();
            } else {
                updateDelivery
                        .bind(delivery.state().number())
                        .bind(delivery.tries())
                        .bind(delivery.nextAt().toEpochMilli())
                        .bind(delivery.lastError().orElse(null))
                        .bind(Columns.bytes(delivery.id().value()))
                        .add();
            }
        }
        insertDelivery.flush();
        updateDelivery.flush();
    }

    private void idempotency(Batch batch) throws SQLException {
        for (IdempotencyRecord known : batch.newIdempotency) {
            List<Long> jobs = new ArrayList<>(known.jobs().size());
            known.jobs().forEach(id -> jobs.add(key(batch, id)));
            insertIdempotency
                    .bind(Objects.requireNonNull(batch.accounts.get(known.user())).key)
                    .bind(known.key())
                    .bind(known.requestHash())
                    .bind(Columns.json(jobs))
                    .bind(known.at().toEpochMilli())
                    .add();
        }
        insertIdempotency.flush();
    }
}
