package io.tollgate.credits.ledger;

import java.util.List;
import java.util.Optional;

/**
 * A page of what happened to a user, newest first.
 *
 * @param lines the postings, newest first
 * @param next what to ask for to get the page after this; empty if this is the last
 */
public record History(List<Line> lines, Optional<Long> next) {
    public History {
        lines = List.copyOf(lines);
    }

    /** The postings without their numbers. */
    public List<Posting> postings() {
        return lines.stream().map(Line::posting).toList();
    }

    /**
     * One posting.
     *
     * @param number its number in the ledger; later postings have higher ones
     */
    public record Line(long number, Posting posting) {}
}
