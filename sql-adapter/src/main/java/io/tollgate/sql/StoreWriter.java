package io.tollgate.sql;

import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.queue.job.CommitListener;
import io.tollgate.queue.job.EraseResult;
import io.tollgate.queue.job.EraseRules;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobDecision;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.StoredEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does the commands of one transaction: loads by set what they name, lets the rules decide one after the other, writes
 * what changed, and tells the listeners after the commit. Confined to the writer's thread.
 */
final class StoreWriter implements BatchHandler<Work, Work.Done> {
    /** Forgets deliveries that are over, and with them the tries. */
    static final String OVER = "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE state IN (1, 2)"
            + " AND next_at < ? LIMIT ?)";

    private final JobRules rules;
    private final InstantSource clock;
    private final List<CommitListener> listeners;
    private final Consumer<Throwable> errors;
    private final HotStatements statements;
    private final BatchLoader loader;
    private final BatchFlush flush;
    private @Nullable StoreState state;
    private long lastMillis;

    StoreWriter(
            Connection connection,
            JobRules rules,
            InstantSource clock,
            List<CommitListener> listeners,
            Consumer<Throwable> errors) {
        this.rules = rules;
        this.clock = clock;
        this.listeners = listeners;
        this.errors = errors;
        this.statements = new HotStatements(connection);
        this.loader = new BatchLoader(connection, statements, rules.policy(), errors);
        this.flush = new BatchFlush(statements);
    }

    @Override
    public List<Answer<Work.Done>> run(Connection connection, List<Work> work, Writing writing) throws SQLException {
        StoreState current = state;
        if (current == null) {
            current = loader.state();
            state = current;
        }
        Instant now = now();
        List<JobChanges> changes = new ArrayList<>();
        List<Work.Done> done = new ArrayList<>(work.size());
        int from = 0;
        for (int to = 0; to <= work.size(); to++) { // an erasure goes over the tables, between what others write
            if (to == work.size() || work.get(to) instanceof Work.Erase) {
                if (to > from) {
                    run(current, work.subList(from, to), now, writing, changes, done);
                }
                if (to < work.size()) {
                    done.add(erase((Work.Erase) work.get(to), current, now, writing));
                }
                from = to + 1;
            }
        }
        List<Answer<Work.Done>> answers = new ArrayList<>(work.size());
        for (int i = 0; i < done.size(); i++) {
            answers.add(i == 0 ? new Answer<>(done.get(i), () -> tell(changes)) : Answer.of(done.get(i)));
        }
        return answers;
    }

    private void run(
            StoreState current,
            List<Work> work,
            Instant now,
            Writing writing,
            List<JobChanges> changes,
            List<Work.Done> done)
            throws SQLException {
        Batch batch = new Batch(current, loader, now, writing);
        try {
            loader.load(batch, work);
            for (Work one : work) {
                done.add(decide(one, batch, changes));
            }
        } catch (BatchLoader.LoadFailedException e) {
            throw e.sql();
        }
        if (batch.isChanged()) {
            writing.begins();
            flush.flush(batch);
        }
        current.keep(batch);
    }

    private Work.Done erase(Work.Erase erase, StoreState current, Instant now, Writing writing) throws SQLException {
        Batch batch = new Batch(current, loader, now, writing);
        loader.load(batch, List.of(erase));
        StoreErasure erasure = new StoreErasure(statements, erase.user(), erase.pseudonym());
        Decision<EraseResult> decision;
        try {
            decision = EraseRules.decide(
                    batch,
                    erase.user(),
                    erase.pseudonym(),
                    erasure.openHolds(),
                    erasure.pendingRefunds(),
                    erase.actor(),
                    erase.reason(),
                    now);
        } catch (RuntimeException e) {
            return Work.Done.failed(e);
        }
        if (decision.result() instanceof EraseResult.Erased) {
            batch.apply(decision.changes(), Map.of());
            writing.begins();
            flush.flush(batch);
            current.keep(batch);
            erasure.erase();
            current.accounts.remove(erase.user());
        }
        return Work.Done.of(decision.result());
    }

    private Work.Done decide(Work work, Batch batch, List<JobChanges> changes) throws SQLException {
        if (work instanceof Work.OfJobs jobs) {
            return decide(jobs.command(), batch, changes);
        } else if (work instanceof Work.OfLedger ledger) {
            return decide(ledger.command(), batch);
        } else if (work instanceof Work.Keep keep) {
            batch.writing.begins();
            keep(keep.events());
            return Work.Done.of(keep);
        } else if (work instanceof Work.Prune prune) {
            batch.writing.begins();
            return Work.Done.of(prune(prune));
        } else if (work instanceof Work.Write write) {
            batch.writing.begins();
            return Work.Done.of(write.rows().run(statements));
        }
        throw new AssertionError("nobody does " + work.getClass());
    }

    private <R> Work.Done decide(JobCommand<R> command, Batch batch, List<JobChanges> changes) {
        JobDecision<R> decision;
        try {
            decision = rules.decide(command, batch, batch.now);
        } catch (BatchLoader.LoadFailedException e) {
            throw e;
        } catch (RuntimeException e) {
            return Work.Done.failed(e); // a rule that throws has changed nothing
        }
        if (!decision.changes().isEmpty()) {
            batch.apply(decision.changes());
            changes.add(decision.changes());
        }
        return Work.Done.of(decision.result());
    }

    private static <R> Work.Done decide(LedgerCommand<R> command, Batch batch) {
        Decision<R> decision;
        try {
            decision = command.decide(batch, batch.now);
        } catch (RuntimeException e) {
            return Work.Done.failed(e);
        }
        batch.apply(decision.changes(), Map.of());
        return Work.Done.of(decision.result());
    }

    private void keep(List<StoredEvent> events) throws SQLException {
        HotStatement insert =
                statements.statement("INSERT INTO event (at, kind, user_id, job, detail) VALUES (?, ?, ?, ?, ?)");
        for (StoredEvent event : events) {
            insert.bind(event.at().toEpochMilli())
                    .bind(event.kind())
                    .bind(event.user().map(user -> user.value()).orElse(null))
                    .bind(Columns.bytes(event.job().map(job -> job.value())))
                    .bind(event.detail())
                    .add();
        }
        insert.flush();
    }

    private int prune(Work.Prune prune) throws SQLException {
        int events = statements
                .statement("DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < ? LIMIT ?)")
                .bind(prune.eventsBefore().toEpochMilli())
                .bind(prune.limit())
                .run();
        int keys = statements
                .statement("DELETE FROM idempotency WHERE (account_id, idem_key) IN"
                        + " (SELECT account_id, idem_key FROM idempotency WHERE at < ? LIMIT ?)")
                .bind(prune.keysBefore().toEpochMilli())
                .bind(prune.limit() - events)
                .run();
        int quotes = statements
                .statement("DELETE FROM quote WHERE id IN (SELECT id FROM quote WHERE expires_at < ? LIMIT ?)")
                .bind(prune.keysBefore().toEpochMilli())
                .bind(prune.limit() - events - keys)
                .run();
        int deliveries = statements
                .statement(OVER)
                .bind(prune.eventsBefore().toEpochMilli())
                .bind(prune.limit() - events - keys - quotes)
                .run();
        return events + keys + quotes + deliveries;
    }

    private void tell(List<JobChanges> changes) {
        if (changes.isEmpty()) {
            return;
        }
        List<JobChanges> all = List.copyOf(changes);
        for (CommitListener listener : listeners) {
            try {
                listener.committed(all);
            } catch (RuntimeException e) {
                errors.accept(e);
            }
        }
    }

    /** The store's time: to the millisecond, and never going back. */
    private Instant now() {
        lastMillis = Math.max(lastMillis, clock.millis());
        return Instant.ofEpochMilli(lastMillis);
    }

    @Override
    public void discard() {
        statements.clear();
        state = null;
    }
}
