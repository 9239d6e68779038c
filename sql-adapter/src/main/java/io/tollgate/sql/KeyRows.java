package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** How API keys stand in their table. Stateless. */
final class KeyRows {
    static final String COLUMNS =
            "uuid, user_id, name, scopes, created_at, expires_at, revoked_at, revoked_by, last_used_at";

    private KeyRows() {}

    static ApiKey key(ResultSet row) throws SQLException {
        return new ApiKey(
                new KeyId(Columns.uuid(row, 1)),
                new UserId(row.getString(2)),
                row.getString(3),
                scopes(row.getString(4)),
                Columns.instant(row, 5),
                Columns.optionalInstant(row, 6),
                Columns.optionalInstant(row, 7),
                Optional.ofNullable(row.getString(8)),
                Columns.optionalInstant(row, 9));
    }

    static String words(Set<Scope> scopes) {
        return scopes.stream().map(Scope::word).collect(Collectors.joining(" "));
    }

    /** What a later program's key opens beyond what is known here, it doesn't open here. */
    private static Set<Scope> scopes(String words) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : words.split(" ", -1)) {
            Scope.parse(word).ifPresent(scopes::add);
        }
        return scopes;
    }

    /** Deletes a user's keys and what the others tell of that user; returns how many were deleted. */
    static int forget(HotStatements statements, UserId user) throws SQLException {
        int deleted = statements
                .statement("DELETE FROM api_key WHERE user_id = ?")
                .bind(user.value())
                .run();
        List<ApiKey> telling = new ArrayList<>();
        try (ResultSet row =
                statements.statement("SELECT " + COLUMNS + " FROM api_key").query()) {
            while (row.next()) {
                ApiKey key = key(row);
                if (!key.without(user).equals(key)) {
                    telling.add(key.without(user));
                }
            }
        }
        for (ApiKey key : telling) {
            statements
                    .statement("UPDATE api_key SET name = ?, revoked_by = ? WHERE uuid = ?")
                    .bind(key.name())
                    .bind(key.revokedBy().orElse(null))
                    .bind(Columns.bytes(key.id().value()))
                    .runExpectingOne();
        }
        return deleted;
    }
}
