package io.tollgate.app.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration can't be used. Tells all problems at once, each in one line; nothing was started. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, in the order of the keys, never empty. */
    public List<Problem> problems() {
        return problems;
    }
}
