package io.tollgate.queue.job;

import java.util.UUID;

/** What the ids share: a strict reading, and an order in which a UUIDv7 is older than the next. */
final class Ids {
    private static final int LENGTH = 36;

    private Ids() {}

    static UUID parse(String text) {
        // UUID.fromString also takes "1-1-1-1-1"; an id has one spelling only
        if (text.length() != LENGTH) {
            throw new IllegalArgumentException("not an id: '" + text + "'");
        }
        return UUID.fromString(text);
    }

    static int compare(UUID a, UUID b) {
        int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return high != 0 ? high : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    }
}
