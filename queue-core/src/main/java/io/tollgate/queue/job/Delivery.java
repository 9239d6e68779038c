package io.tollgate.queue.job;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * One message owed to someone, kept until it is done or given up.
 *
 * @param id the same at every try
 * @param job what it is about
 * @param target who is owed
 * @param event what it tells of
 * @param state whether it is done
 * @param tries how often it was tried
 * @param nextAt when it is tried next, while pending; how long it waits at most, while waiting
 * @param lastError why the last try failed, if it did
 * @param createdAt when it came to be owed
 */
public record Delivery(
        DeliveryId id,
        JobId job,
        DeliveryTarget target,
        DeliveryEvent event,
        State state,
        int tries,
        Instant nextAt,
        Optional<String> lastError,
        Instant createdAt) {
    /** Whether a delivery is done. */
    public enum State {
        /** It will be tried. */
        PENDING(0),
        /** Its receiver has it. */
        DELIVERED(1),
        /** It was given up and can be sent again by hand. */
        DEAD(2),
        /** It will be tried when what was owed before it, of the same job to the same target, is over. */
        WAITING(3);

        private final int number;

        State(int number) {
            this.number = number;
        }

        /** The number under which stores keep it; never reused. */
        public int number() {
            return number;
        }

        /**
         * The state with this number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static State ofNumber(int number) {
            for (State state : values()) {
                if (state.number == number) {
                    return state;
                }
            }
            throw new IllegalArgumentException("no delivery state has the number " + number);
        }

        /** The word in APIs, logs and docs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether it is still owed: neither made nor given up. */
        public boolean isOwed() {
            return this == PENDING || this == WAITING;
        }
    }

    /** Whether it is still owed, and its time has come. */
    public boolean isDue(Instant now) {
        return state.isOwed() && !nextAt.isAfter(now);
    }

    Delivery taken(Instant until) {
        return new Delivery(id, job, target, event, State.PENDING, tries + 1, until, lastError, createdAt);
    }

    /** Stays behind what was owed before it. */
    Delivery waiting(Instant until) {
        return new Delivery(id, job, target, event, State.WAITING, tries, until, lastError, createdAt);
    }

    /** It is its turn. */
    Delivery released(Instant now) {
        return new Delivery(id, job, target, event, State.PENDING, tries, now, lastError, createdAt);
    }

    Delivery delivered() {
        return new Delivery(id, job, target, event, State.DELIVERED, tries, nextAt, Optional.empty(), createdAt);
    }

    Delivery failed(String error, Instant next) {
        return new Delivery(id, job, target, event, State.PENDING, tries, next, Optional.of(error), createdAt);
    }

    Delivery putBack(Instant next) {
        return new Delivery(id, job, target, event, State.PENDING, tries - 1, next, lastError, createdAt);
    }

    Delivery dead(String error) {
        return new Delivery(id, job, target, event, State.DEAD, tries, nextAt, Optional.of(error), createdAt);
    }

    /** Due at once, and from the start if it was over; a try that is still out keeps its number, and loses its word. */
    Delivery again(Instant now) {
        int from = state == State.PENDING ? tries : 0;
        return new Delivery(id, job, target, event, State.PENDING, from, now, lastError, createdAt);
    }
}
