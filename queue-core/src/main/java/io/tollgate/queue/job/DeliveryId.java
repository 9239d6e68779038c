package io.tollgate.queue.job;

import java.nio.ByteBuffer;
import java.util.UUID;

/** The name of a delivery, the same at every try, so that receivers can tell a repetition. */
public record DeliveryId(UUID value) implements Comparable<DeliveryId> {
    /**
     * The name of a message of a job, made of what it tells of: nobody has to bring one.
     *
     * @param number which of its kind, such as an attempt's number
     * @param target which of the job's targets, from 0
     */
    public static DeliveryId of(JobId job, DeliveryEvent event, long number, int target) {
        ByteBuffer name = ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES + Long.BYTES + Integer.BYTES)
                .putLong(job.value().getMostSignificantBits())
                .putLong(job.value().getLeastSignificantBits())
                .putInt(event.number())
                .putLong(number)
                .putInt(target);
        return new DeliveryId(UUID.nameUUIDFromBytes(name.array()));
    }

    /**
     * Reads the usual 36 characters.
     *
     * @throws IllegalArgumentException if they are no UUID
     */
    public static DeliveryId parse(String text) {
        return new DeliveryId(Ids.parse(text));
    }

    @Override
    public int compareTo(DeliveryId other) {
        return Ids.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
