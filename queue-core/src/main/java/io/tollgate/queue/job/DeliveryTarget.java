package io.tollgate.queue.job;

/**
 * Someone who is owed a message when a job ends.
 *
 * @param channel the kind of delivery, such as {@code file} or {@code webhook}: 1 to 32 of a-z 0-9 -
 * @param address where to, in the channel's own words, at most {@value #MAX_ADDRESS} characters
 */
public record DeliveryTarget(String channel, String address) {
    /** The longest address. */
    public static final int MAX_ADDRESS = 2048;

    public DeliveryTarget {
        if (!channel.matches("[a-z0-9-]{1,32}")) {
            throw new IllegalArgumentException("not a delivery channel: '" + channel + "'");
        }
        if (address.isBlank() || address.length() > MAX_ADDRESS) {
            throw new IllegalArgumentException("a delivery address has 1 to " + MAX_ADDRESS + " characters");
        }
    }
}
