package io.tollgate.queue.job;

import java.util.Optional;

/**
 * One thing that is wrong with what a request brought. Everything in it is printable, on one line and short, whatever
 * was sent.
 *
 * @param field which input, such as {@code inputs.strength}
 * @param problem what is wrong and what is allowed, such as {@code must be between 0 and 1}
 * @param value what was sent, cut to a few characters; empty if nothing was, or if it was free text, which is not
 *     repeated because prompts must not get into logs
 */
public record InputProblem(String field, String problem, Optional<String> value) {
    /** One line: field, problem and value. */
    @Override
    public String toString() {
        return field + " " + problem + value.map(v -> ", not '" + v + "'").orElse("");
    }
}
