package io.tollgate.credits.ledger;

/**
 * One thing that an audit found wrong.
 *
 * @param rule the rule that is broken, a word such as {@code hold-settled-once}
 * @param subject the row at fault, such as {@code hold 0190…}
 * @param problem what is wrong with it, in one line
 */
public record Finding(String rule, String subject, String problem) {
    @Override
    public String toString() {
        return rule + ": " + subject + ": " + problem;
    }
}
