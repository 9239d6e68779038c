package io.tollgate.queue.workflow;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/** Numbers from outside. Nothing here costs more than the length of what was sent. */
final class Numbers {
    /** JSON's numbers without an exponent: one spelling, no sign to guess about. */
    private static final Pattern PLAIN = Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?");

    private static final int MAX_TEXT = InputSpec.Decimal.MAX_DIGITS + 2;
    private static final int MAX_BITS = 200; // 10^60 needs 200 bits

    private Numbers() {}

    /** Reads a number; empty if the text is none or absurdly long. */
    static Optional<BigDecimal> parse(String text) {
        return text.length() <= MAX_TEXT && PLAIN.matcher(text).matches()
                ? Optional.of(new BigDecimal(text))
                : Optional.empty();
    }

    /**
     * Whether a number has more digits, or zeros that its exponent stands for, than anything here may have. Such a
     * number must not be computed with: {@code 1e999999999} is short to write and long to add.
     */
    static boolean isTooLong(BigDecimal value) {
        return Math.abs((long) value.scale()) > InputSpec.Decimal.MAX_DIGITS
                || value.unscaledValue().bitLength() > MAX_BITS
                || value.precision() > InputSpec.Decimal.MAX_DIGITS;
    }

    /** The number for a message. */
    static String shown(BigDecimal value) {
        // turning a huge unscaled value into digits is what must not happen
        return value.unscaledValue().bitLength() > MAX_BITS ? "a very long number" : value.toString();
    }
}
