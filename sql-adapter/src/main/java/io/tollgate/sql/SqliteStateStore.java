package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.StateStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Small values in the database of jobs and credits. What is written shares the store's transactions; what is read comes
 * from the pool of readers. Safe for use by many threads.
 */
public final class SqliteStateStore implements StateStore {
    private static final int REMOVED_AT_ONCE = 2_000;

    private static final String IS_GONE = "expires_at IS NOT NULL AND expires_at <= ";

    private final SqliteDatabase database;
    private final SqliteStore store;
    private final InstantSource clock;

    /**
     * State in a database.
     *
     * @param store on the same database; what it can't write, this can't
     * @param clock says what expired
     */
    public SqliteStateStore(SqliteDatabase database, SqliteStore store, InstantSource clock) {
        this.database = database;
        this.store = store;
        this.clock = clock;
    }

    @Override
    public Optional<String> get(String key) {
        StateStore.check(key);
        return database.read(handle -> handle.createQuery(
                        "SELECT value FROM state_value WHERE name = :name AND NOT (" + IS_GONE + ":now)")
                .bind("name", key)
                .bind("now", clock.millis())
                .mapTo(String.class)
                .findFirst());
    }

    @Override
    public void put(String key, String value, Optional<Instant> expiresAt) {
        StateStore.check(key, value);
        store.write(statements -> statements
                .statement("INSERT INTO state_value (name, value, expires_at) VALUES (?, ?, ?)"
                        + " ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at")
                .bind(key)
                .bind(value)
                .bind(Columns.millis(expiresAt))
                .run());
    }

    @Override
    public boolean putIfAbsent(String key, String value, Optional<Instant> expiresAt) {
        StateStore.check(key, value);
        return store.write(statements -> statements
                        .statement("INSERT INTO state_value (name, value, expires_at) VALUES (?, ?, ?)"
                                + " ON CONFLICT (name) DO UPDATE SET value = excluded.value,"
                                + " expires_at = excluded.expires_at WHERE state_value." + IS_GONE + "?")
                        .bind(key)
                        .bind(value)
                        .bind(Columns.millis(expiresAt))
                        .bind(clock.millis())
                        .run())
                > 0;
    }

    @Override
    public boolean remove(String key) {
        StateStore.check(key);
        // one that expired goes, too, but doesn't count: by the time of the deed, as everywhere
        return store.write(statements -> {
                    int there = statements
                            .statement("DELETE FROM state_value WHERE name = ? AND NOT (" + IS_GONE + "?)")
                            .bind(key)
                            .bind(clock.millis())
                            .run();
                    statements
                            .statement("DELETE FROM state_value WHERE name = ?")
                            .bind(key)
                            .run();
                    return there;
                })
                > 0;
    }

    @Override
    public int removeExpired(Instant now) {
        int removed = 0;
        int some;
        do { // in small transactions: others wait for each
            some = store.write(statements -> statements
                    .statement("DELETE FROM state_value WHERE name IN (SELECT name FROM state_value WHERE " + IS_GONE
                            + "? LIMIT " + REMOVED_AT_ONCE + ")")
                    .bind(now.toEpochMilli())
                    .run());
            removed += some;
        } while (some == REMOVED_AT_ONCE);
        return removed;
    }

    @Override
    public int forget(UserId user) {
        return store.write(statements -> forget(statements, user));
    }

    static int forget(HotStatements statements, UserId user) throws SQLException {
        Map<String, Optional<String>> changed = new LinkedHashMap<>();
        try (ResultSet row =
                statements.statement("SELECT name, value FROM state_value").query()) {
            while (row.next()) {
                Optional<String> then = StateStore.without(row.getString(1), row.getString(2), user);
                if (!then.equals(Optional.of(row.getString(2)))) {
                    changed.put(row.getString(1), then);
                }
            }
        }
        for (Map.Entry<String, Optional<String>> value : changed.entrySet()) {
            if (value.getValue().isPresent()) {
                statements
                        .statement("UPDATE state_value SET value = ? WHERE name = ?")
                        .bind(value.getValue().get())
                        .bind(value.getKey())
                        .runExpectingOne();
            } else {
                statements
                        .statement("DELETE FROM state_value WHERE name = ?")
                        .bind(value.getKey())
                        .runExpectingOne();
            }
        }
        return changed.size();
    }
}
