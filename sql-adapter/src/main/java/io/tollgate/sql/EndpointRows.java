package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.delivery.SigningSecret;
import io.tollgate.queue.delivery.SigningSecrets;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.EndpointId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** How endpoints and secrets stand in their tables. Stateless. */
final class EndpointRows {
    static final String SECRET_COLUMNS = "secret, previous_secret, previous_until";
    static final String COLUMNS =
            SECRET_COLUMNS + ", uuid, user_id, url, events, created_at, state, reason, failing_since";

    private EndpointRows() {}

    static Endpoint endpoint(ResultSet row) throws SQLException {
        return new Endpoint(
                new EndpointId(Columns.uuid(row, 4)),
                new UserId(row.getString(5)),
                row.getString(6),
                events(row.getString(7)),
                secrets(row),
                Columns.instant(row, 8),
                Endpoint.State.ofNumber(row.getInt(9)),
                Optional.ofNullable(row.getString(10)),
                Columns.optionalInstant(row, 11));
    }

    static SigningSecrets secrets(ResultSet row) throws SQLException {
        return new SigningSecrets(
                SigningSecret.parse(row.getString(1)),
                Optional.ofNullable(row.getString(2)).map(SigningSecret::parse),
                Columns.optionalInstant(row, 3));
    }

    static HotStatement bind(HotStatement statement, SigningSecrets secrets) throws SQLException {
        return statement
                .bind(secrets.current().reveal())
                .bind(secrets.previous().map(SigningSecret::reveal).orElse(null))
                .bind(Columns.millis(secrets.previousUntil()));
    }

    static String words(Set<DeliveryEvent> events) {
        return events.stream().map(DeliveryEvent::word).collect(Collectors.joining(" "));
    }

    /** Words that only a later program knows are nothing here. */
    static Set<DeliveryEvent> events(String words) {
        Set<DeliveryEvent> events = EnumSet.noneOf(DeliveryEvent.class);
        for (String word : words.split(" ", -1)) {
            DeliveryEvent.parse(word).ifPresent(events::add);
        }
        return events;
    }

    /** Deletes a user's endpoints and secrets; returns how many endpoints there were. */
    static int forget(HotStatements statements, UserId user) throws SQLException {
        statements
                .statement("DELETE FROM user_secret WHERE user_id = ?")
                .bind(user.value())
                .run();
        return statements
                .statement("DELETE FROM endpoint WHERE user_id = ?")
                .bind(user.value())
                .run();
    }
}
