package io.tollgate.app.cli;

import io.tollgate.http.ApiJson;
import java.util.List;

/**
 * Prints the result of a command to standard output: with {@code --json} as exactly one document, else for people.
 * Names are in snake case, ids and instants are text, credits and seconds are numbers, enums are lower-case words.
 */
public final class Output {
    private final Terminal terminal;
    private final boolean json;
    private boolean printed;

    public Output(Terminal terminal, boolean json) {
        this.terminal = terminal;
        this.json = json;
    }

    /** Whether a program reads it. */
    public boolean isJson() {
        return json;
    }

    /**
     * Prints a result, as {@code document} or as the lines of {@code table}.
     *
     * @throws IllegalStateException if there was a document before, since a program expects one
     */
    public void result(Object document, Table table) {
        result(document, table.lines());
    }

    /** The same, with any lines for people. */
    public void result(Object document, List<String> lines) {
        if (!json) {
            lines.forEach(line -> terminal.out().println(DisplayText.printable(line)));
        } else if (printed) {
            throw new IllegalStateException("there was a document already");
        } else {
            terminal.out().println(written(document));
        }
        printed = true;
        terminal.out().flush();
    }

    /** A server's answer may have a number in it that is endless when it is written out. */
    private static String written(Object document) {
        try {
            return ApiJson.pretty(document);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("the answer can't be written as JSON: there is a number in it without bounds", e);
        }
    }

    /** A line for people along the way; goes nowhere with {@code --json}. */
    public void say(String line) {
        if (!json) {
            terminal.out().println(DisplayText.printable(line));
            terminal.out().flush();
        }
    }
}
