package io.tollgate.queue.job;

import java.util.UUID;

/** What the ids share: a strict reading, and an order in which a UUIDv7 is older than the next. */
final class Ids {
    private static final int LENGTH = 36;

    private Ids() {}

    static UUID parse(String text) {
        // UUID.fromString also takes "1-1-1-1-1", signs and the digits of any script; an id has one spelling only
        UUID id = text.length() == LENGTH ? UUID.fromString(text) : null;
        if (id == null || !id.toString().equalsIgnoreCase(text)) {
            throw new IllegalArgumentException("not an id: '" + text + "'");
        }
        return id;
    }

    static int compare(UUID a, UUID b) {
        int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return high != 0 ? high : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    }
}
