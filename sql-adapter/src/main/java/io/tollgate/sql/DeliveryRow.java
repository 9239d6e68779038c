package io.tollgate.sql;

import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** How deliveries are read. Stateless. */
final class DeliveryRow {
    /** What {@link #read} reads, of a delivery {@code d} and its job {@code j}. */
    static final String COLUMNS = "d.id, d.uuid, j.uuid, d.channel, d.address, d.event, d.state, d.tries, d.next_at,"
            + " d.last_error, d.created_at";

    private DeliveryRow() {}

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
