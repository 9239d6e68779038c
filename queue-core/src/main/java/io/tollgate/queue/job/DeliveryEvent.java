package io.tollgate.queue.job;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a message tells of a job. The numbers of the final ones are those of their states. */
public enum DeliveryEvent {
    /** It waits in line. */
    QUEUED(0),
    /** A backend works on it. */
    STARTED(1),
    /** It made something. */
    OUTPUT(2),
    /** It is done. */
    SUCCEEDED(3),
    /** It is over, and not done. */
    FAILED(4),
    /** Somebody stopped it. */
    CANCELED(5),
    /** It waited too long. */
    EXPIRED(6),
    /** How far it is. Never kept: it may be dropped. */
    PROGRESS(7);

    /** Those of an end: what everybody is told who doesn't say otherwise. */
    public static final Set<DeliveryEvent> FINAL =
            Collections.unmodifiableSet(EnumSet.of(SUCCEEDED, FAILED, CANCELED, EXPIRED));

    private static final String PREFIX = "job.";

    private final int number;

    DeliveryEvent(int number) {
        this.number = number;
    }

    /** The number under which stores keep it; never reused. */
    public int number() {
        return number;
    }

    /**
     * The event with this number.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static DeliveryEvent ofNumber(int number) {
        for (DeliveryEvent event : values()) {
            if (event.number == number) {
                return event;
            }
        }
        throw new IllegalArgumentException("no delivery event has the number " + number);
    }

    /** What tells of an end. */
    static DeliveryEvent of(JobState.Terminal end) {
        return ofNumber(end.kind().number());
    }

    /** Whether nothing follows it. */
    public boolean isFinal() {
        return FINAL.contains(this);
    }

    /** The word in logs and tables, such as {@code succeeded}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The type in messages and APIs, such as {@code job.succeeded}. */
    public String type() {
        return PREFIX + word();
    }

    /** The event of a {@link #word} or a {@link #type}. */
    public static Optional<DeliveryEvent> parse(String text) {
        String word = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
        for (DeliveryEvent event : values()) {
            if (event.word().equals(word)) {
                return Optional.of(event);
            }
        }
        return Optional.empty();
    }
}
