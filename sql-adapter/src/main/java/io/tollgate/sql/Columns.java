package io.tollgate.sql;

import io.tollgate.queue.job.ContentHash;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How values stand in columns: UUIDs in 16 bytes, instants as milliseconds, sets of keys as JSON, and the key of a row
 * that belongs to another made of both numbers. Stateless.
 */
final class Columns {
    /** One more than the highest number of a row that belongs to another. */
    static final long SPAN = 1L << 20;

    private static final int UUID_BYTES = 16;

    private Columns() {}

    /** The key of a row that belongs to another: such rows stand together, and new ones at their table's end. */
    static long key(long owner, int number) {
        if (number < 0 || number >= SPAN) {
            throw new IllegalArgumentException("row " + owner + " can't have " + number + " others");
        }
        return owner * SPAN + number;
    }

    /** The condition that a key is one of {@link #key}'s for an owner. */
    static String belongs(String key, String owner) {
        return key + " BETWEEN " + owner + " * " + SPAN + " AND " + owner + " * " + SPAN + " + " + (SPAN - 1);
    }

    static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(UUID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    static UUID uuid(byte[] bytes) {
        if (bytes.length != UUID_BYTES) {
            throw new IllegalArgumentException("a UUID has 16 bytes, not " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    static UUID uuid(ResultSet row, int column) throws SQLException {
        return uuid(row.getBytes(column));
    }

    static Optional<UUID> optionalUuid(ResultSet row, int column) throws SQLException {
        byte @Nullable [] bytes = row.getBytes(column);
        return bytes == null ? Optional.empty() : Optional.of(uuid(bytes));
    }

    /** The number of its function in a byte, and the digest. */
    static byte[] bytes(ContentHash hash) {
        return ByteBuffer.allocate(1 + ContentHash.BYTES)
                .put((byte) hash.function().number())
                .put(hash.digest())
                .array();
    }

    static ContentHash hash(ResultSet row, int column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        if (bytes.length != 1 + ContentHash.BYTES) {
            throw new IllegalArgumentException("a hash has " + (1 + ContentHash.BYTES) + " bytes, not " + bytes.length);
        }
        return ContentHash.of(ContentHash.Function.of(bytes[0]), Arrays.copyOfRange(bytes, 1, bytes.length));
    }

    static @Nullable Long optionalLong(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    static Instant instant(ResultSet row, int column) throws SQLException {
        return Instant.ofEpochMilli(row.getLong(column));
    }

    static Optional<Instant> optionalInstant(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(optionalLong(row, column)).map(Instant::ofEpochMilli);
    }

    static @Nullable Long millis(Optional<Instant> instant) {
        return instant.isPresent() ? Long.valueOf(instant.get().toEpochMilli()) : null;
    }

    static byte @Nullable [] bytes(Optional<UUID> id) {
        return id.isPresent() ? bytes(id.get()) : null;
    }

    /** {@code [1,2]}, for {@code json_each}. */
    static String json(Collection<Long> keys) {
        StringBuilder json = new StringBuilder(keys.size() * 8 + 2).append('[');
        for (Iterator<Long> each = keys.iterator(); each.hasNext(); ) {
            json.append(each.next().longValue());
            if (each.hasNext()) {
                json.append(',');
            }
        }
        return json.append(']').toString();
    }

    /** {@code ["0190…","0191…"]} in hex digits, for {@code unhex} over {@code json_each}. */
    static String jsonOfUuids(Collection<UUID> ids) {
        HexFormat hex = HexFormat.of();
        StringBuilder json = new StringBuilder(ids.size() * 35 + 2).append('[');
        for (Iterator<UUID> each = ids.iterator(); each.hasNext(); ) {
            UUID id = each.next();
            json.append('"')
                    .append(hex.toHexDigits(id.getMostSignificantBits()))
                    .append(hex.toHexDigits(id.getLeastSignificantBits()))
                    .append('"');
            if (each.hasNext()) {
                json.append(',');
            }
        }
        return json.append(']').toString();
    }
}
