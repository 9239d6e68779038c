package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.KeyStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * API keys in the database of jobs and credits. What is written shares the store's transactions; what is read comes
 * from the pool of readers. Safe for use by many threads.
 */
public final class SqliteKeyStore implements KeyStore {
    /** The most last uses that are stored in one transaction: others wait for it. */
    private static final int USES_AT_ONCE = 500;

    private static final String KEYS = "SELECT " + KeyRows.COLUMNS + " FROM api_key";

    private final SqliteDatabase database;
    private final SqliteStore store;

    /** @param store on the same database; what it can't write, this can't */
    public SqliteKeyStore(SqliteDatabase database, SqliteStore store) {
        this.database = database;
        this.store = store;
    }

    @Override
    public void add(ApiKey key, String hash) {
        int added = store.write(statements -> statements
                .statement("INSERT INTO api_key (" + KeyRows.COLUMNS
                        + ", hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(Columns.bytes(key.id().value()))
                .bind(key.user().value())
                .bind(key.name())
                .bind(KeyRows.words(key.scopes()))
                .bind(key.createdAt().toEpochMilli())
                .bind(Columns.millis(key.expiresAt()))
                .bind(Columns.millis(key.revokedAt()))
                .bind(key.revokedBy().orElse(null))
                .bind(Columns.millis(key.lastUsedAt()))
                .bind(hash)
                .run());
        if (added == 0) {
            throw new IllegalArgumentException("there is such a key already: " + key.id());
        }
    }

    @Override
    public Optional<ApiKey> byHash(String hash) {
        return list(KEYS + " WHERE hash = :hash", Map.of("hash", hash)).stream().findFirst();
    }

    @Override
    public Optional<ApiKey> find(KeyId id) {
        return list(KEYS + " WHERE uuid = :id", Map.of("id", Columns.bytes(id.value()))).stream()
                .findFirst();
    }

    @Override
    public List<ApiKey> list(Optional<UserId> user, int limit) {
        StoreReads.checkLimit(limit);
        String latest = " ORDER BY id DESC LIMIT :limit";
        return user.isPresent()
                ? list(
                        KEYS + " WHERE user_id = :user" + latest,
                        Map.of("user", user.get().value(), "limit", limit))
                : list(KEYS + latest, Map.of("limit", limit));
    }

    private List<ApiKey> list(String sql, Map<String, ?> parameters) {
        return database.read(handle -> handle.createQuery(sql)
                .bindMap(parameters)
                .map((row, context) -> KeyRows.key(row))
                .list());
    }

    @Override
    public boolean revoke(KeyId id, Instant at, String by) {
        // the first time stays, but the row counts
        return store.write(statements -> statements
                        .statement("UPDATE api_key SET revoked_at = coalesce(revoked_at, ?),"
                                + " revoked_by = coalesce(revoked_by, ?) WHERE uuid = ?")
                        .bind(at.toEpochMilli())
                        .bind(by)
                        .bind(Columns.bytes(id.value()))
                        .run())
                > 0;
    }

    @Override
    public void noteUsed(Map<KeyId, Instant> uses) {
        List<Map.Entry<KeyId, Instant>> all = new ArrayList<>(uses.entrySet());
        for (int from = 0; from < all.size(); from += USES_AT_ONCE) {
            List<Map.Entry<KeyId, Instant>> some = all.subList(from, Math.min(all.size(), from + USES_AT_ONCE));
            store.write(statements -> {
                HotStatement update = statements.statement(
                        "UPDATE api_key SET last_used_at = max(coalesce(last_used_at, ?1), ?1) WHERE uuid = ?2");
                int rows = 0;
                for (Map.Entry<KeyId, Instant> use : some) {
                    rows += update.bind(use.getValue().toEpochMilli())
                            .bind(Columns.bytes(use.getKey().value()))
                            .run();
                }
                return rows;
            });
        }
    }

    @Override
    public int forget(UserId user) {
        return store.write(statements -> KeyRows.forget(statements, user));
    }
}
