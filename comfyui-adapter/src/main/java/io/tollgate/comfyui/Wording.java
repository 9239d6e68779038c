package io.tollgate.comfyui;

import java.util.Collection;
import java.util.regex.Pattern;

/** Makes what a server says fit to be shown: one line, no paths, none of the user's own words, not too long. */
final class Wording {
    private static final int LONGEST = 200;
    private static final int MOST_READ = 4_000;
    private static final int SHORTEST_SECRET = 4;
    /** From the root or a drive on; a slash inside a word, as in {@code image/png}, is none. */
    private static final Pattern PATH =
            Pattern.compile("(?<![\\w.])(?:[A-Za-z]:[\\\\/]|\\\\\\\\|~?/)[^\\s'\"<>|:*?]+(?:[\\\\/][^\\s'\"<>|:*?]*)*");

    private Wording() {}

    /**
     * The first line of a text.
     *
     * @param secrets texts of the user's, which a message may repeat
     */
    static String line(String text, Collection<String> secrets) {
        String read = text.length() > MOST_READ ? text.substring(0, MOST_READ) : text;
        for (String secret : secrets) {
            if (secret.length() >= SHORTEST_SECRET) {
                read = read.replace(secret, "…");
            }
        }
        String first = read.strip().lines().findFirst().orElse("");
        StringBuilder shown = new StringBuilder();
        PATH.matcher(first)
                .replaceAll("…")
                .codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT)
                .limit(LONGEST)
                .forEach(shown::appendCodePoint);
        return shown.toString().strip();
    }

    /** A name that a server says, such as a node's or its class's. */
    static String name(String text) {
        String line = line(text, java.util.List.of());
        return line.isEmpty() ? "?" : line.length() > 80 ? line.substring(0, 80) : line;
    }
}
