package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.delivery.EndpointStore;
import io.tollgate.queue.delivery.SigningSecrets;
import io.tollgate.queue.job.EndpointId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Endpoints in a SQLite database, written in the transactions of its store. Safe for use by many threads. */
public final class SqliteEndpointStore implements EndpointStore {
    private static final String ENDPOINTS = "SELECT " + EndpointRows.COLUMNS + " FROM endpoint";

    private final SqliteDatabase database;
    private final SqliteStore store;

    /** @param store on the same database; what it can't write, this can't */
    public SqliteEndpointStore(SqliteDatabase database, SqliteStore store) {
        this.database = database;
        this.store = store;
    }

    @Override
    public boolean add(Endpoint endpoint, int atMost) {
        if (find(endpoint.id()).isPresent()) {
            throw new IllegalArgumentException("there is such an endpoint already: " + endpoint.id());
        }
        return store.write(statements -> EndpointRows.bind(
                                statements.statement("INSERT INTO endpoint (" + EndpointRows.COLUMNS
                                        + ") SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
                                        + " WHERE (SELECT count(*) FROM endpoint WHERE user_id = ?) < ?"),
                                endpoint.secrets())
                        .bind(Columns.bytes(endpoint.id().value()))
                        .bind(endpoint.user().value())
                        .bind(endpoint.url())
                        .bind(EndpointRows.words(endpoint.events()))
                        .bind(endpoint.createdAt().toEpochMilli())
                        .bind(endpoint.state().number())
                        .bind(endpoint.reason().orElse(null))
                        .bind(Columns.millis(endpoint.failingSince()))
                        .bind(endpoint.user().value())
                        .bind(atMost)
                        .run())
                > 0;
    }

    @Override
    public Optional<Endpoint> find(EndpointId id) {
        return list(ENDPOINTS + " WHERE uuid = :id", Map.of("id", Columns.bytes(id.value()))).stream()
                .findFirst();
    }

    @Override
    public List<Endpoint> list(UserId user) {
        return list(ENDPOINTS + " WHERE user_id = :user ORDER BY id", Map.of("user", user.value()));
    }

    @Override
    public void forEach(Consumer<Endpoint> consumer) {
        list(ENDPOINTS + " ORDER BY id", Map.of()).forEach(consumer);
    }

    private List<Endpoint> list(String sql, Map<String, ?> parameters) {
        return database.read(handle -> handle.createQuery(sql)
                .bindMap(parameters)
                .map((row, context) -> EndpointRows.endpoint(row))
                .list());
    }

    @Override
    public boolean setSecrets(EndpointId id, SigningSecrets secrets) {
        return store.write(statements -> EndpointRows.bind(
                                statements.statement(
                                        "UPDATE endpoint SET secret = ?, previous_secret = ?, previous_until = ?"
                                                + " WHERE uuid = ?"),
                                secrets)
                        .bind(Columns.bytes(id.value()))
                        .run())
                > 0;
    }

    @Override
    public boolean setState(Endpoint endpoint) {
        return store.write(statements -> statements
                        .statement("UPDATE endpoint SET state = ?, reason = ?, failing_since = ? WHERE uuid = ?")
                        .bind(endpoint.state().number())
                        .bind(endpoint.reason().orElse(null))
                        .bind(Columns.millis(endpoint.failingSince()))
                        .bind(Columns.bytes(endpoint.id().value()))
                        .run())
                > 0;
    }

    @Override
    public boolean delete(EndpointId id) {
        return store.write(statements -> statements
                        .statement("DELETE FROM endpoint WHERE uuid = ?")
                        .bind(Columns.bytes(id.value()))
                        .run())
                > 0;
    }

    @Override
    public Optional<SigningSecrets> secrets(UserId user) {
        return database.read(handle -> handle.createQuery(
                        "SELECT " + EndpointRows.SECRET_COLUMNS + " FROM user_secret WHERE user_id = :user")
                .bind("user", user.value())
                .map((row, context) -> EndpointRows.secrets(row))
                .findFirst());
    }

    @Override
    public SigningSecrets addSecrets(UserId user, SigningSecrets first) {
        store.write(statements -> EndpointRows.bind(
                        statements.statement("INSERT INTO user_secret (" + EndpointRows.SECRET_COLUMNS
                                + ", user_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"),
                        first)
                .bind(user.value())
                .run());
        return secrets(user).orElseThrow(() -> new IllegalStateException("somebody deleted the secrets at once"));
    }

    @Override
    public void setSecrets(UserId user, SigningSecrets secrets) {
        store.write(statements -> EndpointRows.bind(
                        statements.statement("UPDATE user_secret SET secret = ?, previous_secret = ?,"
                                + " previous_until = ? WHERE user_id = ?"),
                        secrets)
                .bind(user.value())
                .run());
    }

    @Override
    public int forget(UserId user) {
        return store.write(statements -> EndpointRows.forget(statements, user));
    }
}
