package io.tollgate.queue.access;

import java.util.Arrays;
import java.util.Optional;

/** What a key opens. Scopes don't include one another: who may do two things has two. */
public enum Scope {
    /** Submit jobs of the catalogue, and see, cancel and repeat one's own. */
    JOBS("jobs"),
    /** Submit graphs that are not in the catalogue. */
    JOBS_RAW("jobs:raw"),
    /** See one's own balance and history. */
    CREDITS_READ("credits:read"),
    /** Everything that is an operator's. */
    ADMIN("admin"),
    /** Fetch work as a worker does, and bring what came of it. */
    WORKER("worker");

    private final String word;

    Scope(String word) {
        this.word = word;
    }

    /** What it is called in requests, in tables and on the command line. */
    public String word() {
        return word;
    }

    /** The scope of a word, as {@link #word} has it; empty if there is none. */
    public static Optional<Scope> parse(String word) {
        return Arrays.stream(values()).filter(scope -> scope.word.equals(word)).findFirst();
    }

    @Override
    public String toString() {
        return word;
    }
}
