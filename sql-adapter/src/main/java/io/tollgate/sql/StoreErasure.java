package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.queue.job.EraseRules;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.Transition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts a pseudonym in the place of a user in the tables, and nothing in that of what says who it was. Rare: it goes
 * over whole tables that have no index by user. Confined to the writer's thread.
 */
final class StoreErasure {
    private static final String OWN = " IN (SELECT value FROM json_each(?))";

    private final HotStatements statements;
    private final UserId user;
    private final UserId pseudonym;

    StoreErasure(HotStatements statements, UserId user, UserId pseudonym) {
        this.statements = statements;
        this.user = user;
        this.pseudonym = pseudonym;
    }

    /** How many holds of the user are open. */
    int openHolds() throws SQLException {
        try (ResultSet row = statement("SELECT count(*) FROM credit_hold AS h JOIN account_holder AS c"
                        + " ON c.account_id = h.account_id WHERE c.user_id = ? AND h.state = 1")
                .bind(user.value())
                .query()) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    /** How many payments of the user's wait for a provider to say what became of their money. */
    int pendingRefunds() throws SQLException {
        try (ResultSet row = statement("SELECT count(*) FROM payment AS p JOIN account_holder AS c"
                        + " ON c.account_id IN (p.payer_id, p.account_id) WHERE c.user_id = ? AND p.state = "
                        + Payment.State.REFUND_PENDING.code())
                .bind(user.value())
                .query()) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    void erase() throws SQLException {
        long account = number("SELECT account_id FROM account_holder WHERE user_id = ?");
        payments(account); // while the rows still say whose they are
        invoices(account);
        statement("UPDATE account_holder SET user_id = ? WHERE account_id = ?")
                .bind(pseudonym.value())
                .bind(account)
                .runExpectingOne();
        statement("DELETE FROM quote WHERE user_id = ?").bind(user.value()).run();
        keys(account);
        List<Long> jobs = jobs(account);
        String own = Columns.json(jobs);
        statement("UPDATE job_spec SET inputs = '{}', targets = '[]', tags = '[]', metadata = '{}' WHERE job_id" + OWN)
                .bind(own)
                .run();
        statement("UPDATE job SET failure = '" + EraseRules.GONE
                        + "', failure_place = NULL WHERE failure IS NOT NULL AND id" + OWN)
                .bind(own)
                .run();
        histories(own);
        statement("UPDATE attempt SET failure = '" + EraseRules.GONE
                        + "', failure_place = NULL WHERE failure IS NOT NULL AND job_id" + OWN)
                .bind(own)
                .run();
        statement("UPDATE output SET name = '" + EraseRules.GONE + "', part = NULL WHERE job_id" + OWN)
                .bind(own)
                .run();
        statement("DELETE FROM delivery WHERE job_id" + OWN).bind(own).run();
        statement("DELETE FROM idempotency WHERE account_id = ?").bind(account).run();
        events(own);
        KeyRows.forget(statements, user);
        EndpointRows.forget(statements, user);
        SqliteStateStore.forget(statements, user);
    }

    private void keys(long account) throws SQLException {
        Map<Long, String> keys = new LinkedHashMap<>();
        try (ResultSet row = statement("SELECT t.grant_id, t.source_key FROM credit_grant AS g"
                        + " JOIN grant_terms AS t ON t.grant_id = g.id WHERE g.account_id = ?")
                .bind(account)
                .query()) {
            while (row.next()) {
                String key = row.getString(2);
                String then = EraseRules.inKey(key, user, row.getLong(1));
                if (!then.equals(key)) {
                    keys.put(row.getLong(1), then);
                }
            }
        }
        for (Map.Entry<Long, String> key : keys.entrySet()) {
            statement("UPDATE grant_terms SET source_key = ? WHERE grant_id = ?")
                    .bind(key.getValue())
                    .bind(key.getKey())
                    .runExpectingOne();
        }
    }

    private void payments(long account) throws SQLException {
        Map<Long, Payment> changed = new LinkedHashMap<>();
        try (ResultSet row = statement("SELECT " + PaymentRow.PAYMENT_COLUMNS + " FROM payment AS p"
                        + PaymentRow.PAYMENT_TABLES + " WHERE p.payer_id = ? OR p.account_id = ? OR pi.account_id = ?")
                .bind(account)
                .bind(account)
                .bind(account)
                .query()) {
            while (row.next()) {
                Payment payment = PaymentRow.payment(row);
                changed.put(row.getLong(1), payment.erased(user, pseudonym, this::tells));
            }
        }
        for (Map.Entry<Long, Payment> payment : changed.entrySet()) {
            statement("UPDATE payment SET payload = ?, note = ?, raw = ? WHERE id = ?")
                    .bind(payment.getValue().payload().orElse(null))
                    .bind(payment.getValue().note().orElse(null))
                    .bind(payment.getValue().raw())
                    .bind(payment.getKey())
                    .runExpectingOne();
        }
    }

    private void invoices(long account) throws SQLException {
        Map<Long, String> payloads = new LinkedHashMap<>();
        try (ResultSet row = statement("SELECT " + PaymentRow.INVOICE_COLUMNS + " FROM invoice AS i"
                        + PaymentRow.INVOICE_TABLES + " WHERE i.account_id = ?")
                .bind(account)
                .query()) {
            while (row.next()) {
                Invoice invoice = PaymentRow.invoice(row);
                String payload = invoice.erased(pseudonym, this::tells).payload();
                if (!payload.equals(invoice.payload())) {
                    payloads.put(row.getLong(1), payload);
                }
            }
        }
        for (Map.Entry<Long, String> payload : payloads.entrySet()) {
            statement("UPDATE invoice SET payload = ? WHERE id = ?")
                    .bind(payload.getValue())
                    .bind(payload.getKey())
                    .runExpectingOne();
        }
    }

    private boolean tells(String text) {
        return EraseRules.says(text, user);
    }

    private List<Long> jobs(long account) throws SQLException {
        List<Long> jobs = new ArrayList<>();
        try (ResultSet row = statement("SELECT id FROM job WHERE account_id = ?")
                .bind(account)
                .query()) {
            while (row.next()) {
                jobs.add(row.getLong(1));
            }
        }
        return jobs;
    }

    private void histories(String own) throws SQLException {
        Map<Long, String> changed = new LinkedHashMap<>();
        try (ResultSet row = statement("SELECT id, uuid, history FROM job WHERE id" + OWN)
                .bind(own)
                .query()) {
            while (row.next()) {
                String history = row.getString(3);
                StringBuilder then = new StringBuilder(history.length());
                for (Transition one : JsonColumns.history(new JobId(Columns.uuid(row, 2)), history)) {
                    JsonColumns.appendTransition(
                            then,
                            new Transition(
                                    one.job(),
                                    one.number(),
                                    one.to(),
                                    one.at(),
                                    EraseRules.inHistory(one.cause(), user)));
                }
                if (!then.toString().equals(history)) {
                    changed.put(row.getLong(1), then.toString());
                }
            }
        }
        for (Map.Entry<Long, String> history : changed.entrySet()) {
            statement("UPDATE job SET history = ? WHERE id = ?")
                    .bind(history.getValue())
                    .bind(history.getKey())
                    .runExpectingOne();
        }
    }

    private void events(String own) throws SQLException {
        List<Long> gone = new ArrayList<>();
        try (ResultSet row = statement("SELECT e.id, e.user_id, e.detail, j.id FROM event AS e"
                        + " LEFT JOIN job AS j ON j.uuid = e.job AND j.id" + OWN)
                .bind(own)
                .query()) {
            while (row.next()) {
                boolean about = user.value().equals(row.getString(2)) || Columns.optionalLong(row, 4) != null;
                if (about || EraseRules.says(row.getString(3), user)) {
                    gone.add(row.getLong(1));
                }
            }
        }
        statement("DELETE FROM event WHERE id" + OWN).bind(Columns.json(gone)).run();
    }

    private long number(String sql) throws SQLException {
        try (ResultSet row = statement(sql).bind(user.value()).query()) {
            if (!row.next()) {
                throw new IllegalStateException("there is no " + user);
            }
            return row.getLong(1);
        }
    }

    private HotStatement statement(String sql) {
        return statements.statement(sql);
    }
}
