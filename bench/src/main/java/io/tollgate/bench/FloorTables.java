package io.tollgate.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The floor's tables and its prepared statements. Confined to the writer's thread; commits nothing but its setup. */
final class FloorTables {
    /*
     * Each posting is two entries. A submission moves the cost from the user's available credits to those that are
     * held, a completion from there to revenue. Account 1 is where credits come from, 2 is revenue; user u has 10 + 2u
     * (available) and 11 + 2u (held).
     */
    private static final int SOURCE = 1;
    private static final int REVENUE = 2;
    private static final int FIRST_USER = 10;
    private static final long GRANT = 1_000_000_000_000L;
    private static final int PRIORITIES = 3;

    private final int users;
    private final PreparedStatement insertJob;
    private final PreparedStatement debit;
    private final PreparedStatement credit;
    private final PreparedStatement insertEntry;
    private final PreparedStatement claim;
    private final PreparedStatement complete;

    private FloorTables(Connection connection, int users) throws SQLException {
        this.users = users;
        insertJob = connection.prepareStatement(
                "INSERT INTO job (id, account_id, priority, state, cost) VALUES (?, ?, ?, 0, ?)");
        debit = connection.prepareStatement(
                "UPDATE account SET balance = balance - ?1 WHERE id = ?2 AND balance >= ?1");
        credit = connection.prepareStatement("UPDATE account SET balance = balance + ? WHERE id = ?");
        insertEntry = connection.prepareStatement("INSERT INTO entry (posting, account_id, amount) VALUES (?, ?, ?)");
        claim = connection.prepareStatement("UPDATE job SET state = 1 WHERE id IN "
                + "(SELECT id FROM job WHERE state = 0 ORDER BY priority DESC, id LIMIT ?) "
                + "RETURNING id, account_id, cost, priority");
        complete = connection.prepareStatement("UPDATE job SET state = 2 WHERE id = ? AND state = 1");
    }

    static FloorTables create(Connection connection, int users) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)");
            statement.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, posting INTEGER NOT NULL, "
                    + "account_id INTEGER NOT NULL REFERENCES account, amount INTEGER NOT NULL)");
            statement.execute("CREATE TABLE job (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL "
                    + "REFERENCES account, priority INTEGER NOT NULL, state INTEGER NOT NULL, cost INTEGER NOT NULL)");
            statement.execute("CREATE INDEX job_ready ON job (priority DESC, id) WHERE state = 0");
        }
        FloorTables tables = open(connection, users);
        tables.openAccounts(connection);
        connection.commit();
        return tables;
    }

    /** Those that were made before. */
    static FloorTables open(Connection connection, int users) throws SQLException {
        connection.setAutoCommit(false);
        return new FloorTables(connection, users);
    }

    /** How many jobs wait. */
    static long ready(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM job WHERE state = 0")) {
            rows.next();
            long ready = rows.getLong(1);
            connection.rollback(); // it only looked
            return ready;
        }
    }

    private void openAccounts(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO account VALUES (?, ?)")) {
            insertAccount(insert, SOURCE, -GRANT * users);
            insertAccount(insert, REVENUE, 0);
            for (int user = 0; user < users; user++) {
                int available = FIRST_USER + 2 * user;
                insertAccount(insert, available, GRANT);
                insertAccount(insert, available + 1, 0);
            }
        }
        for (int user = 0; user < users; user++) {
            post(-1 - user, SOURCE, FIRST_USER + 2 * user, GRANT);
        }
    }

    private static void insertAccount(PreparedStatement insert, int id, long balance) throws SQLException {
        insert.setInt(1, id);
        insert.setLong(2, balance);
        insert.executeUpdate();
    }

    void submit(long number) throws SQLException {
        int account = FIRST_USER + 2 * (int) (number * 7_919 % users); // neighbors in time are none in the table
        long cost = 100 + number % 900;
        insertJob.setLong(1, number);
        insertJob.setInt(2, account);
        insertJob.setLong(3, number % PRIORITIES);
        insertJob.setLong(4, cost);
        one(insertJob, number);
        move(2 * number, account, account + 1, cost);
    }

    /** Claims up to {@code limit} ready jobs and returns them in dispatch order. */
    List<Job> claim(int limit) throws SQLException {
        claim.setInt(1, limit);
        List<Job> jobs = new ArrayList<>(limit);
        try (ResultSet rows = claim.executeQuery()) {
            while (rows.next()) {
                jobs.add(new Job(rows.getLong(1), rows.getInt(2), rows.getLong(3), rows.getInt(4)));
            }
        }
        jobs.sort((a, b) -> a.priority != b.priority
                ? Integer.compare(b.priority, a.priority)
                : Long.compare(a.id, b.id)); // RETURNING promises no order
        return jobs;
    }

    void complete(Job job) throws SQLException {
        complete.setLong(1, job.id);
        one(complete, job.id);
        move(2 * job.id + 1, job.account + 1, REVENUE, job.cost);
    }

    private void move(long posting, int from, int to, long amount) throws SQLException {
        debit.setLong(1, amount);
        debit.setInt(2, from);
        one(debit, posting);
        credit.setLong(1, amount);
        credit.setInt(2, to);
        one(credit, posting);
        post(posting, from, to, amount);
    }

    private void post(long posting, int from, int to, long amount) throws SQLException {
        insertEntry.setLong(1, posting);
        insertEntry.setInt(2, from);
        insertEntry.setLong(3, -amount);
        insertEntry.executeUpdate();
        insertEntry.setInt(2, to);
        insertEntry.setLong(3, amount);
        insertEntry.executeUpdate();
    }

    private static void one(PreparedStatement statement, long what) throws SQLException {
        int changed = statement.executeUpdate();
        if (changed != 1) {
            throw new IllegalStateException("changed " + changed + " rows for " + what + ", not 1");
        }
    }

    /** Throws {@link IllegalStateException} that names the first rule the books break. */
    static void checkBooks(Connection connection) throws SQLException {
        none(
                connection,
                "postings that don't sum to zero",
                "SELECT posting FROM entry GROUP BY posting " + "HAVING sum(amount) <> 0 OR count(*) <> 2");
        none(
                connection,
                "balances that are not the sum of their entries",
                "SELECT a.id FROM account a LEFT JOIN "
                        + "(SELECT account_id, sum(amount) AS total FROM entry GROUP BY account_id) e "
                        + "ON e.account_id = a.id WHERE a.balance <> coalesce(e.total, 0)");
        none(connection, "overdrawn accounts", "SELECT id FROM account WHERE balance < 0 AND id <> " + SOURCE);
        try (Statement statement = connection.createStatement()) {
            // entries have no index by posting in the race, and a temporary one is this connection's alone
            statement.execute("DROP TABLE IF EXISTS temp.entry_of_job");
            statement.execute("CREATE TEMP TABLE entry_of_job AS SELECT posting, amount FROM entry");
            statement.execute("CREATE INDEX temp.entry_of_job_posting ON entry_of_job (posting)");
        }
        none(
                connection,
                "jobs without their hold",
                "SELECT j.id FROM job j WHERE j.cost <> coalesce((SELECT "
                        + "e.amount FROM entry_of_job e WHERE e.posting = 2 * j.id AND e.amount > 0), 0)");
        none(
                connection,
                "jobs not captured exactly when done",
                "SELECT j.id FROM job j WHERE iif(j.state = 2, "
                        + "j.cost, 0) <> coalesce((SELECT e.amount FROM entry_of_job e WHERE e.posting = 2 * j.id + 1 "
                        + "AND e.amount > 0), 0)");
    }

    private static void none(Connection connection, String fault, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (rows.next()) {
                throw new IllegalStateException("floor: " + fault + ", the first is " + rows.getLong(1));
            }
        }
    }

    /** A claimed job. */
    record Job(long id, int account, long cost, int priority) {
        static final Job NONE = new Job(-1, 0, 0, 0);
    }
}
