package io.tollgate.queue.workflow;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/** What the constructors of the input specs share. */
final class Checks {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,39}");
    static final Pattern MEDIA_TYPE = Pattern.compile("[a-z]+/[a-z0-9][a-z0-9.+-]{0,63}");
    private static final int MAX_LABEL = 200;

    private Checks() {}

    static void input(String name, String label) {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidWorkflowException("an input's name must be 1 to 40 of a-z 0-9 _, starting with a"
                    + " letter, not '" + Texts.shown(name) + "'");
        }
        if (Texts.problem(label, MAX_LABEL).isPresent() || label.indexOf('\n') >= 0) {
            throw bad(name, "label must be one line of at most " + MAX_LABEL + " characters", label);
        }
    }

    static void digits(String name, String key, BigDecimal value) {
        if (Numbers.isTooLong(value)) {
            throw bad(
                    name, key + " must have at most " + InputSpec.Decimal.MAX_DIGITS + " digits", Numbers.shown(value));
        }
    }

    static InvalidWorkflowException bad(String name, String rule, Object value) {
        return new InvalidWorkflowException(
                "input " + name + ": " + rule + ", not '" + Texts.shown(value.toString()) + "'");
    }
}
