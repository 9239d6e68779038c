package io.tollgate.queue.job;

import java.util.Locale;

/** The priority class inside a queue, best first. */
public enum Lane {
    /** Ahead of all others. */
    VIP,
    /** Where paid work goes. */
    REGULAR,
    /** Free of charge: takes a slot only when no eligible paid job wants it, and never more than its share. */
    RELAXED;

    /** Whether its jobs are paid for, in credits or by a tier, and so may not wait for ever. */
    public boolean isPaid() {
        return this != RELAXED;
    }

    /** The word in APIs, configuration and docs. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The lane of this word.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Lane ofWord(String word) {
        for (Lane lane : values()) {
            if (lane.word().equals(word)) {
                return lane;
            }
        }
        throw new IllegalArgumentException("there is no lane '" + word + "': vip, regular or relaxed");
    }
}
