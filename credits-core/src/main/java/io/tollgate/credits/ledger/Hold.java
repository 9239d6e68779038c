package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Credits set aside for something that is to come, settled exactly once: captured or released. It has no clock of its
 * own.
 *
 * @param price what the user pays at most, and how that came about
 * @param freeRun the free run that it takes; counted as had if it is captured
 * @param slices what each grant gives, in the order in which they are captured
 * @param captured what was taken of {@link #amount}; 0 unless the state is {@link State#CAPTURED}
 * @param settledAt when it was captured or released; empty while it is open
 */
public record Hold(
        HoldId id,
        UserId user,
        Price price,
        Optional<FreeRun> freeRun,
        List<Slice> slices,
        State state,
        Amount captured,
        Instant openedAt,
        Optional<Instant> settledAt) {
    public Hold {
        slices = List.copyOf(slices);
        Amount amount = price.net();
        Amount sum = Amount.sum(slices.stream().map(Slice::amount).toList());
        if (!sum.equals(amount)) {
            throw new IllegalArgumentException("hold " + id + " is of " + amount + " but its slices are " + sum);
        }
        if (captured.isNegative() || captured.compareTo(amount) > 0) {
            throw new IllegalArgumentException("captured must be 0 to " + amount + ": " + captured + " of hold " + id);
        }
        if (state != State.CAPTURED && !captured.isZero()) {
            throw new IllegalArgumentException("nothing can be captured of hold " + id + ", which is " + state);
        }
        if ((state == State.OPEN) != settledAt.isEmpty()) {
            throw new IllegalArgumentException("hold " + id + " is " + state + " and settled at " + settledAt);
        }
    }

    /** A hold that takes no free run. */
    public Hold(
            HoldId id,
            UserId user,
            Price price,
            List<Slice> slices,
            State state,
            Amount captured,
            Instant openedAt,
            Optional<Instant> settledAt) {
        this(id, user, price, Optional.empty(), slices, state, captured, openedAt, settledAt);
    }

    /** This hold, of somebody else. */
    public Hold of(UserId other) {
        return new Hold(id, other, price, freeRun, slices, state, captured, openedAt, settledAt);
    }

    /** The price before perks and discounts. */
    public Amount listPrice() {
        return price.list();
    }

    /** What the user pays at most, from 0 to the list price; the sum of the slices. */
    public Amount amount() {
        return price.net();
    }

    /** Whether it still waits for its settlement. */
    public boolean open() {
        return state == State.OPEN;
    }

    Hold captured(Amount taken, Instant now) {
        return new Hold(id, user, price, freeRun, slices, State.CAPTURED, taken, openedAt, Optional.of(now));
    }

    Hold released(Instant now) {
        return new Hold(id, user, price, freeRun, slices, State.RELEASED, Amount.ZERO, openedAt, Optional.of(now));
    }

    /** Where a hold stands. Only an open one can change. */
    public enum State {
        OPEN(1),
        /** Taken, all or a part; the rest went back. */
        CAPTURED(2),
        /** Given back. */
        RELEASED(3);

        private final int code;

        State(int code) {
            this.code = code;
        }

        /** The number it is stored under; never changes. */
        public int code() {
            return code;
        }

        /**
         * The state that is stored under a number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static State ofCode(int code) {
            for (State state : values()) {
                if (state.code == code) {
                    return state;
                }
            }
            throw new IllegalArgumentException("no hold state has the code " + code);
        }
    }
}
