package io.tollgate.queue.job;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Someone who is owed messages about a job.
 *
 * @param channel the kind of delivery, such as {@code file} or {@code webhook}: 1 to 32 of a-z 0-9 -
 * @param address where to, in the channel's own words, at most {@value #MAX_ADDRESS} characters
 * @param events what it wants to be told of, at least one
 */
public record DeliveryTarget(String channel, String address, Set<DeliveryEvent> events) {
    /** The longest address. */
    public static final int MAX_ADDRESS = 2048;

    /** Someone who is owed a message when a job ends. */
    public DeliveryTarget(String channel, String address) {
        this(channel, address, DeliveryEvent.FINAL);
    }

    public DeliveryTarget {
        if (events.isEmpty()) {
            throw new IllegalArgumentException("a delivery target is told of something");
        }
        events = Collections.unmodifiableSet(EnumSet.copyOf(events));
        if (!channel.matches("[a-z0-9-]{1,32}")) {
            throw new IllegalArgumentException("not a delivery channel: '" + channel + "'");
        }
        if (address.isBlank() || address.length() > MAX_ADDRESS) {
            throw new IllegalArgumentException("a delivery address has 1 to " + MAX_ADDRESS + " characters");
        }
    }

    /** Whether it wants to be told of something that comes before an end, and is kept. */
    boolean isToldBeforeTheEnd() {
        return events.contains(DeliveryEvent.QUEUED)
                || events.contains(DeliveryEvent.STARTED)
                || events.contains(DeliveryEvent.OUTPUT);
    }

    /** The same whatever it wants to be told of: who it is. */
    DeliveryTarget plain() {
        return events.equals(DeliveryEvent.FINAL) ? this : new DeliveryTarget(channel, address);
    }
}
