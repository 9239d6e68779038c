package io.tollgate.credits.ledger;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount of credits, kept as whole hundredths of a credit, so that 9.5 credits are 950. Amounts are added exactly or
 * not at all: an overflow throws {@link ArithmeticException}. May be negative, as the entries of a ledger are.
 *
 * @param hundredths hundredths of a credit
 */
public record Amount(long hundredths) implements Comparable<Amount> {
    public static final Amount ZERO = new Amount(0);

    /** Whole credits. */
    public static Amount credits(long credits) {
        return new Amount(Math.multiplyExact(credits, 100L));
    }

    /**
     * Reads a decimal such as {@code 9.5}.
     *
     * @throws IllegalArgumentException if it is no number, has more than two decimal places or is out of range
     */
    public static Amount parse(String text) {
        try {
            return of(new BigDecimal(text.strip()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not an amount of credits: '" + text + "'", e);
        }
    }

    /**
     * Credits as a decimal.
     *
     * @throws IllegalArgumentException if it has more than two decimal places or is out of range
     */
    public static Amount of(BigDecimal credits) {
        try {
            return new Amount(credits.movePointRight(2).longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("credits have at most two decimal places: " + credits, e);
        }
    }

    /** Credits with two decimals at most, and none if they are whole. */
    public BigDecimal toCredits() {
        BigDecimal credits = BigDecimal.valueOf(hundredths, 2);
        return credits.setScale(Math.max(0, credits.stripTrailingZeros().scale()), RoundingMode.UNNECESSARY);
    }

    /** The sum of all, {@link #ZERO} of none. */
    public static Amount sum(Iterable<Amount> amounts) {
        Amount sum = ZERO;
        for (Amount amount : amounts) {
            sum = sum.plus(amount);
        }
        return sum;
    }

    public Amount plus(Amount other) {
        return new Amount(Math.addExact(hundredths, other.hundredths));
    }

    public Amount minus(Amount other) {
        return new Amount(Math.subtractExact(hundredths, other.hundredths));
    }

    public Amount negated() {
        return new Amount(Math.negateExact(hundredths));
    }

    /**
     * This amount times {@code parts / of}, rounded down. Never overflows.
     *
     * @param parts 0 to {@code of}
     * @param of at least 1
     */
    public Amount portion(int parts, int of) {
        if (of < 1 || parts < 0 || parts > of) {
            throw new IllegalArgumentException("not a part of a whole: " + parts + " of " + of);
        }
        // whole shares first: the product of an amount and a count may not fit
        long shares = Math.floorDiv(hundredths, (long) of) * parts;
        long rest = Math.floorMod(hundredths, (long) of) * parts / of;
        return new Amount(shares + rest);
    }

    public Amount min(Amount other) {
        return compareTo(other) <= 0 ? this : other;
    }

    public boolean isZero() {
        return hundredths == 0;
    }

    public boolean isPositive() {
        return hundredths > 0;
    }

    public boolean isNegative() {
        return hundredths < 0;
    }

    @Override
    public int compareTo(Amount other) {
        return Long.compare(hundredths, other.hundredths);
    }

    /** The decimal that {@link #parse} reads. */
    @Override
    public String toString() {
        return toCredits().toPlainString();
    }
}
