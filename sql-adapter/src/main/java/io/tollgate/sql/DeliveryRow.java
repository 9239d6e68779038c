package io.tollgate.sql;

import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.DeliveryTry;
import io.tollgate.queue.job.JobId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** How deliveries are read. Stateless. */
final class DeliveryRow {
    /** What {@link #read} reads, of a delivery {@code d} and its job {@code j}. */
    static final String COLUMNS = "d.id, d.uuid, j.uuid, d.channel, d.address, d.event, d.state, d.tries, d.next_at,"
            + " d.last_error, d.created_at";

    /** What {@link #readTry} reads, of a try {@code t} and its delivery {@code d}. */
    static final String TRY_COLUMNS = "t.id, d.uuid, t.number, t.at, t.took_ms, t.status, t.error, t.answer";

    private DeliveryRow() {}

    static DeliveryTry readTry(ResultSet row) throws SQLException {
        try {
            int answered = row.getInt(6);
            OptionalInt status = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(answered);
            return new DeliveryTry(
                    new DeliveryId(Columns.uuid(row, 2)),
                    row.getInt(3),
                    Columns.instant(row, 4),
                    Duration.ofMillis(row.getLong(5)),
                    status,
                    Optional.ofNullable(row.getString(7)),
                    Optional.ofNullable(row.getString(8)));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException("delivery_try", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }

    static Delivery read(ResultSet row) throws SQLException {
        try {
            return new Delivery(
                    new DeliveryId(Columns.uuid(row, 2)),
                    new JobId(Columns.uuid(row, 3)),
                    new DeliveryTarget(row.getString(4), row.getString(5)),
                    DeliveryEvent.ofNumber(row.getInt(6)),
                    Delivery.State.ofNumber(row.getInt(7)),
                    row.getInt(8),
                    Columns.instant(row, 9),
                    Optional.ofNullable(row.getString(10)),
                    Columns.instant(row, 11));
        } catch (IllegalArgumentException e) {
            throw new CorruptRowException("delivery", row.getLong(1), String.valueOf(e.getMessage()), e);
        }
    }
}
