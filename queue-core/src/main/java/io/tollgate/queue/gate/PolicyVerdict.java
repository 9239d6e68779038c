package io.tollgate.queue.gate;

/** What a policy says to a request. Both are ordinary; a caller must face both. */
public sealed interface PolicyVerdict {
    /** It may run. */
    record Allowed() implements PolicyVerdict {}

    /**
     * It must not run.
     *
     * @param rule the word for the rule it breaks, for statistics, such as {@code sexual}
     * @param field where, such as {@code inputs.prompt}
     * @param message one line for the user, without what they wrote
     */
    record Refused(String rule, String field, String message) implements PolicyVerdict {}
}
