package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.audit.DrawInvariants;
import io.tollgate.credits.audit.LedgerInvariants;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.queue.job.Attempt;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What must always hold, asked of the tables themselves: each rule is a query for the rows that break it. One reading
 * transaction, so that a live database is seen at one instant. Safe for use by many threads.
 */
final class StoreAudit {
    private static final int FINDINGS_A_RULE = 100;

    /** A rule, and a query for subject and problem of what breaks it. */
    record Rule(String name, String sql) {}

    /** What a slice of an open hold holds of its grant, and a captured one consumed: the slices are taken in order. */
    private static final String SLICES = "SELECT h.id AS hold_id, h.account_id, h.state, s.key AS line,"
            + " json_extract(s.value, '$[0]') AS grant_id, json_extract(s.value, '$[1]') AS amount, h.captured,"
            + " coalesce((SELECT sum(json_extract(t.value, '$[1]')) FROM json_each(h.slices) AS t"
            + " WHERE t.key < s.key), 0) AS before"
            + " FROM credit_hold AS h CROSS JOIN json_each(h.slices) AS s";

    private static final String GRANTS = "credit_grant AS g JOIN grant_terms AS t ON t.grant_id = g.id";
    private static final String USER =
            "'account ' || coalesce((SELECT user_id FROM account_holder WHERE account_id = c.id), c.id)";
    private static final String HOLD_ID = "coalesce(" + text("coalesce(h.uuid, j.uuid)") + ", h.id)";
    private static final String HOLD = "'hold ' || " + HOLD_ID;
    private static final String JOB = text("j.uuid");
    private static final int COLLECTING = Attempt.Phase.COLLECTING.number();

    /** Whether what a job j made was delivered after its hold was given back. */
    private static final String LATE =
            "j.hold_id IN (SELECT hold_id FROM ledger_posting WHERE kind = 12 AND hold_id IS NOT NULL)";

    private static final List<Rule> LEDGER = List.of(
            new Rule(
                    LedgerInvariants.POSTING_SUMS_TO_ZERO,
                    "SELECT 'posting ' || posting_id, 'its entries sum to ' || sum(amount) FROM ledger_entry"
                            + " GROUP BY posting_id HAVING sum(amount) <> 0"),
            new Rule(
                    LedgerInvariants.POSTING_SUMS_TO_ZERO,
                    "SELECT 'all entries', 'sum to ' || sum(amount) FROM ledger_entry HAVING sum(amount) <> 0"),
            new Rule(
                    LedgerInvariants.GRANT_CONSERVES,
                    "SELECT 'grant ' || id, 'its parts are '"
                            + " || (remaining + held + consumed + expired + revoked + repaid)"
                            + " || ' but ' || granted || ' was granted' FROM credit_grant"
                            + " WHERE remaining + held + consumed + expired + revoked + repaid <> granted OR remaining < 0"
                            + " OR held < 0 OR consumed < 0 OR expired < 0 OR revoked < 0 OR repaid < 0"
                            + " OR spent <> (remaining = 0 AND held = 0)"),
            new Rule(
                    LedgerInvariants.HOLD_IS_SUM_OF_SLICES,
                    "SELECT " + HOLD + ", 'is of ' || h.amount || ' but its slices are ' || total FROM"
                            + " (SELECT id AS hold_id, coalesce((SELECT sum(json_extract(s.value, '$[1]'))"
                            + " FROM json_each(slices) AS s), 0) AS total FROM credit_hold) AS x"
                            + " JOIN credit_hold AS h ON h.id = x.hold_id LEFT JOIN job AS j ON j.hold_id = h.id"
                            + " WHERE total <> h.amount"),
            new Rule(
                    LedgerInvariants.PRICE_ADDS_UP,
                    "SELECT " + HOLD + ", 'is of ' || h.amount || ' of ' || h.list_price || ' by the steps '"
                            + " || coalesce(h.steps, 'none') FROM credit_hold AS h"
                            + " LEFT JOIN job AS j ON j.hold_id = h.id WHERE CASE WHEN h.steps IS NULL"
                            + " THEN h.amount <> h.list_price"
                            + " ELSE json_extract(h.steps, '$[#-1][2]') IS NOT h.amount"
                            + " OR EXISTS (SELECT 1 FROM json_each(h.steps) AS s"
                            + " WHERE json_extract(s.value, '$[1]') IS NOT CASE WHEN s.key = 0 THEN h.list_price"
                            + " ELSE json_extract(h.steps, '$[' || (s.key - 1) || '][2]') END"
                            + " OR json_extract(s.value, '$[2]') NOT BETWEEN 0 AND json_extract(s.value, '$[1]')) END"),
            new Rule(
                    LedgerInvariants.BALANCE_NEVER_NEGATIVE,
                    "SELECT " + USER + ", CASE x.book WHEN 1 THEN 'AVAILABLE' WHEN 2 THEN 'HELD' ELSE 'DEBT' END"
                            + " || ' was ' || x.balance || ' after posting ' || min(x.posting_id) FROM"
                            + " (SELECT account_id, book, posting_id, sum(sum(amount)) OVER"
                            + " (PARTITION BY account_id, book ORDER BY posting_id) AS balance FROM ledger_entry"
                            + " WHERE book < 10 GROUP BY account_id, book, posting_id) AS x"
                            + " JOIN account AS c ON c.id = x.account_id"
                            + " WHERE CASE x.book WHEN 3 THEN x.balance > 0 ELSE x.balance < 0 END"
                            + " GROUP BY x.account_id, x.book"),
            new Rule(
                    LedgerInvariants.HOLD_SETTLED_HAS_TIME,
                    "SELECT " + HOLD + ", 'is in state ' || h.state || ', settled at ' || coalesce(h.settled_at, '-')"
                            + " || ', captured ' || h.captured FROM credit_hold AS h"
                            + " LEFT JOIN job AS j ON j.hold_id = h.id"
                            + " WHERE (h.state = 1) <> (h.settled_at IS NULL) OR (h.state <> 2 AND h.captured <> 0)"
                            + " OR h.captured < 0 OR h.captured > h.amount"),
            balance("AVAILABLE", "c.available", 1),
            balance("HELD", "c.held", 2),
            balance("DEBT", "c.debt", 3),
            ofAccount(
                    LedgerInvariants.AVAILABLE_IS_SUM_OF_GRANTS,
                    "AVAILABLE",
                    "c.available",
                    "SELECT account_id, sum(remaining) AS total FROM credit_grant GROUP BY account_id"),
            ofAccount(
                    LedgerInvariants.HELD_IS_SUM_OF_GRANTS,
                    "HELD",
                    "c.held",
                    "SELECT account_id, sum(held) AS total FROM credit_grant GROUP BY account_id"),
            ofAccount(
                    LedgerInvariants.HELD_IS_SUM_OF_HOLDS,
                    "HELD",
                    "c.held",
                    "SELECT account_id, sum(amount) AS total FROM credit_hold WHERE state = 1 GROUP BY account_id"),
            ofGrant("held", "SELECT grant_id, sum(amount) AS total FROM (" + SLICES + ") WHERE state = 1"),
            ofGrant(
                    "consumed",
                    "SELECT grant_id, sum(max(0, min(amount, captured - before))) AS total FROM (" + SLICES
                            + ") WHERE state = 2"),
            new Rule(
                    LedgerInvariants.SLICE_HAS_GRANT,
                    "SELECT 'hold ' || x.hold_id, 'has a slice of grant ' || x.grant_id || ', which is '"
                            + " || CASE WHEN g.id IS NULL THEN 'not there' ELSE 'another''s' END FROM (" + SLICES
                            + ") AS x LEFT JOIN credit_grant AS g ON g.id = x.grant_id"
                            + " WHERE g.id IS NULL OR g.account_id <> x.account_id"),
            new Rule(
                    LedgerInvariants.HOLD_OPENED_ONCE,
                    "SELECT 'hold ' || h.id, 'is of ' || h.amount || ' of ' || h.list_price || ' and was opened '"
                            + " || count(p.id) || ' times' FROM credit_hold AS h LEFT JOIN ("
                            + "SELECT id, hold_id, list_price, net FROM ledger_posting WHERE kind = 2) AS p"
                            + " ON p.hold_id = h.id GROUP BY h.id HAVING count(p.id) <> 1"
                            + " OR max(p.net) <> h.amount OR max(p.list_price) <> h.list_price"),
            new Rule(
                    LedgerInvariants.HOLD_SETTLED_ONCE,
                    "SELECT 'hold ' || h.id, 'is in state ' || h.state || ' of ' || h.captured || ' and was settled '"
                            + " || count(p.id) || ' times' FROM credit_hold AS h LEFT JOIN ("
                            + "SELECT id, hold_id, kind, net FROM ledger_posting WHERE kind IN (3, 4)) AS p"
                            + " ON p.hold_id = h.id GROUP BY h.id HAVING count(p.id) <> (h.state <> 1)"
                            + " OR (h.state = 2 AND (max(p.kind) <> 3 OR max(p.net) <> h.captured))"
                            + " OR (h.state = 3 AND (max(p.kind) <> 4 OR max(p.net) <> h.amount))"),
            new Rule(
                    LedgerInvariants.LATE_ONCE,
                    "SELECT 'hold ' || h.id, 'is in state ' || h.state || ' of ' || h.list_price"
                            + " || ' and was delivered late ' || count(*) || ' times' FROM ledger_posting AS p"
                            + " JOIN credit_hold AS h ON h.id = p.hold_id WHERE p.kind = 12 GROUP BY h.id"
                            + " HAVING count(*) > 1 OR h.state <> 3 OR max(p.net) <> 0 OR min(p.net) <> 0"
                            + " OR max(p.list_price) > h.list_price"),
            orphan("grant", "credit_grant"),
            orphan("hold", "credit_hold"),
            orphan("posting", "ledger_posting"),
            new Rule(
                    LedgerInvariants.NO_ORPHANS,
                    "SELECT 'account ' || b.id, 'has no holder' FROM account AS b"
                            + " LEFT JOIN account_holder AS c ON c.account_id = b.id WHERE c.account_id IS NULL"),
            new Rule(
                    LedgerInvariants.NO_ORPHANS,
                    "SELECT 'grant ' || g.id, 'has no terms' FROM credit_grant AS g"
                            + " LEFT JOIN grant_terms AS t ON t.grant_id = g.id WHERE t.grant_id IS NULL"),
            new Rule(
                    LedgerInvariants.NO_ORPHANS,
                    "SELECT 'posting ' || p.id, 'names hold ' || p.hold_id || ', which is not there or another''s'"
                            + " FROM ledger_posting AS p LEFT JOIN credit_hold AS h ON h.id = p.hold_id"
                            + " WHERE p.hold_id IS NOT NULL AND (h.id IS NULL OR h.account_id <> p.account_id)"),
            new Rule(
                    LedgerInvariants.NO_ORPHANS,
                    "SELECT 'entry ' || e.posting_id || '/' || (e.id % " + Columns.SPAN
                            + "), 'is of no posting, or of another''s account'"
                            + " FROM ledger_entry AS e LEFT JOIN ledger_posting AS p ON p.id = e.posting_id"
                            + " WHERE p.id IS NULL OR (e.account_id IS NOT NULL AND e.account_id <> p.account_id)"),
            // each posting but the newest is followed by one: else a history has a gap
            new Rule(
                    LedgerInvariants.NO_ORPHANS,
                    "SELECT " + USER + ", 'its history has ' || count(*) || ' postings but ' || count(n.id)"
                            + " || ' follow another or are the newest' FROM ledger_posting AS p"
                            + " JOIN account AS c ON c.id = p.account_id LEFT JOIN ("
                            + "SELECT previous_id AS id, account_id FROM ledger_posting WHERE previous_id IS NOT NULL"
                            + " UNION ALL SELECT last_posting_id, id FROM account) AS n"
                            + " ON n.id = p.id AND n.account_id = p.account_id"
                            + " GROUP BY c.id HAVING count(*) <> count(n.id)"),
            new Rule(
                    LedgerInvariants.KEY_USED_ONCE,
                    "SELECT 'key ' || idem_key, count(*) || ' postings have it' FROM ledger_posting"
                            + " WHERE idem_key IS NOT NULL GROUP BY idem_key HAVING count(*) > 1"),
            new Rule(
                    LedgerInvariants.KEY_USED_ONCE,
                    "SELECT 'source key ' || source_key, count(*) || ' grants have it' FROM grant_terms"
                            + " GROUP BY source_key HAVING count(*) > 1"),
            new Rule(
                    DrawInvariants.DRAW_IS_LATEST,
                    "SELECT 'account ' || c.user_id, 'drew last on day ' || coalesce(max(d.day), 'none') || ' but says '"
                            + " || coalesce(c.draw_day, 'none') FROM account_holder AS c LEFT JOIN lucky_draw AS d"
                            + " ON d.account_id = c.account_id GROUP BY c.account_id"
                            + " HAVING max(d.day) IS NOT c.draw_day"),
            books(
                    LedgerInvariants.REVENUE_IS_LIST_PRICE,
                    "REVENUE",
                    "13",
                    "SELECT sum(list_price) FROM ledger_posting WHERE kind IN (3, 12)"),
            books(
                    LedgerInvariants.REVENUE_IS_CAPTURED,
                    "REVENUE + SUBSIDY",
                    "13, 14",
                    "SELECT sum(captured) FROM credit_hold"),
            books(
                    LedgerInvariants.ISSUED_IS_GRANTED,
                    "ISSUED_PAID",
                    "11",
                    "SELECT -sum(granted) FROM " + GRANTS + " WHERE source = 2"),
            books(
                    LedgerInvariants.ISSUED_IS_GRANTED,
                    "ISSUED_PROMO",
                    "12",
                    "SELECT -sum(granted) FROM " + GRANTS + " WHERE source IN (1, 3, 4)"),
            books(
                    LedgerInvariants.ISSUED_IS_GRANTED,
                    "OPENING",
                    "18",
                    "SELECT -sum(granted) FROM " + GRANTS + " WHERE source = 7"),
            books(
                    LedgerInvariants.ISSUED_IS_GRANTED,
                    "BREAKAGE",
                    "15",
                    "SELECT sum(expired) - sum(CASE WHEN source = 6 THEN granted ELSE 0 END) FROM " + GRANTS),
            books(
                    LedgerInvariants.ISSUED_IS_GRANTED,
                    "ADJUST + REVOKED",
                    "16, 17",
                    "SELECT sum(revoked) + sum(CASE WHEN revocation = 2 THEN consumed + repaid ELSE 0 END)"
                            + " - sum(CASE WHEN source = 5 THEN granted ELSE 0 END) FROM " + GRANTS));

    private static final List<Rule> JOBS = List.of(
            new Rule(
                    "hold-has-job",
                    "SELECT " + HOLD_ID + ", 'is held for a job that isn''t there' FROM credit_hold AS h"
                            + " LEFT JOIN job AS j ON j.hold_id = h.id WHERE h.state = 1 AND j.id IS NULL"),
            new Rule(
                    "hold-settled-once",
                    "SELECT " + JOB + ", 'the job is in state ' || j.state || ' but its hold in ' || h.state"
                            + " FROM job AS j JOIN credit_hold AS h ON h.id = j.hold_id"
                            + " WHERE h.state <> CASE WHEN j.state < 3 THEN 1 WHEN j.state = 3 AND NOT " + LATE
                            + " THEN 2 ELSE 3 END"),
            new Rule(
                    "late-has-success",
                    "SELECT " + JOB + ", 'was delivered late, but the job is in state ' || j.state"
                            + " FROM job AS j WHERE j.state <> 3 AND " + LATE),
            new Rule(
                    "job-has-hold",
                    "SELECT " + JOB + ", 'has no hold of its owner' FROM job AS j"
                            + " LEFT JOIN credit_hold AS h ON h.id = j.hold_id AND h.account_id = j.account_id"
                            + " WHERE h.id IS NULL"),
            new Rule(
                    "job-has-spec",
                    "SELECT " + JOB + ", 'has no spec' FROM job AS j LEFT JOIN job_spec AS s ON s.job_id = j.id"
                            + " WHERE s.job_id IS NULL"),
            new Rule(
                    "job-in-line",
                    "SELECT " + JOB + ", 'is in state ' || j.state || ' and in line ' || j.line FROM job AS j"
                            + " WHERE (j.state = 0) <> (j.line > 0)"),
            new Rule(
                    "attempt-has-job",
                    "SELECT coalesce(" + JOB + ", a.job_id), 'runs, but its job does not' FROM attempt AS a"
                            + " LEFT JOIN job AS j ON j.id = a.job_id"
                            + " WHERE a.ended_at IS NULL AND (j.id IS NULL OR j.state NOT IN (1, 2))"),
            new Rule(
                    "job-has-attempt",
                    "SELECT " + JOB + ", 'is running without an attempt' FROM job AS j WHERE j.state IN (1, 2)"
                            + " AND NOT EXISTS (SELECT 1 FROM attempt AS a"
                            + " WHERE a.job_id = j.id AND a.number = j.attempts AND a.ended_at IS NULL)"),
            new Rule(
                    "slot-once",
                    "SELECT coalesce(" + JOB + ", s.job_id), 'is in ' || count(*) || ' slots' FROM slot AS s"
                            + " LEFT JOIN job AS j ON j.id = s.job_id WHERE s.job_id IS NOT NULL"
                            + " GROUP BY s.job_id HAVING count(*) > 1"),
            new Rule(
                    "slot-has-run",
                    "SELECT 'slot ' || b.name || '/' || s.number, 'is taken by a job that doesn''t run'"
                            + " FROM slot AS s JOIN backend AS b ON b.id = s.backend_id"
                            + " LEFT JOIN job AS j ON j.id = s.job_id"
                            + " WHERE s.job_id IS NOT NULL AND (j.id IS NULL OR j.state NOT IN (1, 2)"
                            + " OR j.id IN (SELECT job_id FROM collecting))"),
            new Rule(
                    "run-has-slot",
                    "SELECT coalesce(" + JOB + ", a.job_id), 'runs outside its slot' FROM attempt AS a"
                            + " LEFT JOIN job AS j ON j.id = a.job_id"
                            + " WHERE a.ended_at IS NULL AND a.phase <> " + COLLECTING + " AND NOT EXISTS ("
                            + "SELECT 1 FROM slot AS s WHERE s.backend_id = a.backend_id AND s.number = a.slot"
                            + " AND s.job_id = a.job_id)"),
            new Rule(
                    "collecting-has-run",
                    "SELECT coalesce(" + JOB + ", w.job_id), 'is noted as collecting, but is not' FROM collecting AS w"
                            + " LEFT JOIN job AS j ON j.id = w.job_id WHERE NOT EXISTS ("
                            + "SELECT 1 FROM attempt AS a WHERE a.job_id = w.job_id AND a.phase = " + COLLECTING + ")"
                            + " UNION ALL SELECT coalesce(" + JOB
                            + ", a.job_id), 'is collecting, but not noted as such'"
                            + " FROM attempt AS a LEFT JOIN job AS j ON j.id = a.job_id WHERE a.ended_at IS NULL"
                            + " AND a.phase = " + COLLECTING + " AND a.job_id NOT IN (SELECT job_id FROM collecting)"),
            counter(
                    "model-count",
                    "model",
                    "SELECT name AS subject, coalesce(running, 0) AS kept, coalesce(real, 0) AS there FROM model"
                            + " LEFT JOIN (SELECT r.model_id, count(*) AS real FROM job AS j"
                            + " JOIN requirement AS r ON r.id = j.requirement_id WHERE j.state IN (1, 2)"
                            + " AND j.id NOT IN (SELECT job_id FROM collecting) GROUP BY r.model_id) ON model_id = id"),
            counter(
                    "relaxed-count",
                    "queue",
                    "SELECT name AS subject, relaxed_running AS kept, coalesce(real, 0) AS there FROM queue"
                            + " LEFT JOIN (SELECT r.queue_id, count(*) AS real FROM job AS j"
                            + " JOIN requirement AS r ON r.id = j.requirement_id WHERE j.state IN (1, 2)"
                            + " AND j.id NOT IN (SELECT job_id FROM collecting) AND r.lane = 3 GROUP BY r.queue_id) ON queue_id = id"),
            counter(
                    "user-load",
                    "user",
                    "SELECT user_id AS subject, live AS kept, coalesce(real, 0) AS there FROM account AS b"
                            + " JOIN account_holder AS c ON c.account_id = b.id"
                            + " LEFT JOIN (SELECT account_id, count(*) AS real FROM job WHERE state < 3"
                            + " GROUP BY account_id) AS l ON l.account_id = b.id"),
            // each job but the newest is followed by one: else a list has a gap
            new Rule(
                    "job-in-chain",
                    "SELECT " + USER + ", 'has ' || count(*) || ' jobs but ' || count(n.id)"
                            + " || ' follow another or are the newest' FROM job AS j"
                            + " JOIN account AS c ON c.id = j.account_id LEFT JOIN ("
                            + "SELECT previous_id AS id, account_id FROM job WHERE previous_id IS NOT NULL"
                            + " UNION ALL SELECT last_job_id, id FROM account) AS n"
                            + " ON n.id = j.id AND n.account_id = j.account_id"
                            + " GROUP BY c.id HAVING count(*) <> count(n.id)"));

    private final SqliteDatabase database;

    StoreAudit(SqliteDatabase database) {
        this.database = database;
    }

    /** An id as everybody else writes it, to be looked for; NULL if there is none. */
    static String text(String uuid) {
        List<String> parts = new ArrayList<>();
        int from = 1;
        for (int digits : new int[] {8, 4, 4, 4, 12}) {
            parts.add("substr(lower(hex(" + uuid + ")), " + from + ", " + digits + ")");
            from += digits;
        }
        return "CASE WHEN " + uuid + " IS NOT NULL THEN " + String.join(" || '-' || ", parts) + " END";
    }

    private static Rule balance(String name, String column, int book) {
        return ofAccount(
                LedgerInvariants.BALANCE_IS_SUM_OF_ENTRIES,
                name,
                column,
                "SELECT account_id, sum(amount) AS total FROM ledger_entry WHERE book = " + book
                        + " GROUP BY account_id");
    }

    static Rule ofAccount(String rule, String name, String column, String sums) {
        return new Rule(
                rule,
                "SELECT " + USER + ", '" + name + " is ' || " + column + " || ' but should be ' || coalesce(total, 0)"
                        + " FROM account AS c LEFT JOIN (" + sums + ") ON account_id = c.id"
                        + " WHERE " + column + " <> coalesce(total, 0)");
    }

    private static Rule ofGrant(String column, String sums) {
        return new Rule(
                LedgerInvariants.GRANT_AGREES_WITH_SLICES,
                "SELECT 'grant ' || g.id, '" + column + " is ' || g." + column
                        + " || ' but should be ' || coalesce(total, 0) FROM credit_grant AS g LEFT JOIN (" + sums
                        + " GROUP BY grant_id) ON grant_id = g.id WHERE g." + column + " <> coalesce(total, 0)");
    }

    private static Rule orphan(String what, String table) {
        return new Rule(
                LedgerInvariants.NO_ORPHANS,
                "SELECT '" + what + " ' || x.id, 'its user has no account: ' || x.account_id FROM " + table
                        + " AS x LEFT JOIN account AS c ON c.id = x.account_id WHERE c.id IS NULL");
    }

    private static Rule books(String rule, String name, String books, String should) {
        return new Rule(
                rule,
                "SELECT 'book " + name + "', 'is ' || total || ' but should be ' || should FROM"
                        + " (SELECT coalesce((SELECT sum(amount) FROM ledger_entry WHERE book IN (" + books
                        + ")), 0) AS total, coalesce((" + should + "), 0) AS should) WHERE total <> should");
    }

    private static Rule counter(String rule, String what, String counts) {
        return new Rule(
                rule,
                "SELECT '" + what + " ' || subject, 'counts ' || kept || ', there are ' || there FROM (" + counts
                        + ") WHERE kept <> there");
    }

    /** Checks the ledger. */
    AuditReport ledger() {
        return check(false);
    }

    /** Checks the ledger and everything between jobs, slots, limits and holds. */
    AuditReport all() {
        return check(true);
    }

    private AuditReport check(boolean jobs) {
        return database.read(handle -> {
            Connection connection = handle.getConnection();
            List<Finding> findings = new ArrayList<>();
            Map<String, Long> counts = new TreeMap<>();
            try {
                count(connection, counts, "accounts", "account");
                count(connection, counts, "grants", "credit_grant");
                count(connection, counts, "holds", "credit_hold");
                count(connection, counts, "postings", "ledger_posting");
                count(connection, counts, "entries", "ledger_entry");
                count(connection, counts, "draws", "lucky_draw");
                for (Rule rule : LEDGER) {
                    check(connection, rule, findings);
                }
                count(connection, counts, "invoices", "invoice");
                count(connection, counts, "payments", "payment");
                for (Rule rule : PaymentAudit.RULES) {
                    check(connection, rule, findings);
                }
                count(connection, counts, "quotas", "quota_day");
                for (Rule rule : TollAudit.LEDGER) {
                    check(connection, rule, findings);
                }
                checkRolls(connection, findings);
                if (jobs) {
                    count(connection, counts, "jobs", "job");
                    count(connection, counts, "running", "attempt WHERE ended_at IS NULL");
                    count(connection, counts, "slots", "slot");
                    for (Rule rule : JOBS) {
                        check(connection, rule, findings);
                    }
                    for (Rule rule : TollAudit.JOBS) {
                        check(connection, rule, findings);
                    }
                }
            } catch (SQLException e) {
                throw SqlErrors.translate("can't audit", e);
            }
            return new AuditReport(counts, findings);
        });
    }

    private static void count(Connection connection, Map<String, Long> counts, String word, String table)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            counts.put(word, row.next() ? row.getLong(1) : 0L);
        }
    }

    /** What no query can say: whether rolls are made of their days' secrets. */
    private static void checkRolls(Connection connection, List<Finding> findings) throws SQLException {
        int most = findings.size() + FINDINGS_A_RULE;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT s.day, s.secret, s.at, c.user_id, d.day, d.roll,"
                        + " d.prize, d.percent_off, d.at, d.provable FROM lucky_draw AS d"
                        + " LEFT JOIN draw_secret AS s ON s.day = d.day"
                        + " JOIN account_holder AS c ON c.account_id = d.account_id WHERE d.provable <> 0")) {
            while (row.next() && findings.size() < most) {
                Draw draw = LedgerRow.draw(row, 5, new UserId(row.getString(4)));
                Optional<DrawSecret> secret =
                        row.getBytes(2) == null ? Optional.empty() : Optional.of(DrawRows.secret(row));
                DrawInvariants.check(draw, secret).ifPresent(findings::add);
            }
        }
    }

    private static void check(Connection connection, Rule rule, List<Finding> findings) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(rule.sql() + " LIMIT " + FINDINGS_A_RULE)) {
            while (row.next()) {
                findings.add(new Finding(rule.name(), row.getString(1), row.getString(2)));
            }
        } catch (SQLException e) {
            // a planted amount may be so large that it can't be summed, slices may be no JSON: that is a finding, too
            String message = String.valueOf(e.getMessage());
            if (!message.contains("integer overflow") && !message.contains("malformed JSON")) {
                throw e;
            }
            findings.add(new Finding(rule.name(), "all rows", "can't be checked: " + message));
        }
    }
}
