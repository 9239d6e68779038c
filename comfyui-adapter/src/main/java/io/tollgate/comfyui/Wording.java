package io.tollgate.comfyui;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes what a server says fit to be shown: one line, no paths, none of the user's own words, not too long. */
final class Wording {
    private static final int LONGEST = 200;
    private static final int MOST_READ = 4_000;
    private static final int MOST_SEARCHED = 1 << 20;
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
        String read = without(text, secrets);
        String shortened = read.length() > MOST_READ ? read.substring(0, MOST_READ) : read;
        String first = shortened.strip().lines().findFirst().orElse("");
        StringBuilder shown = new StringBuilder();
        PATH.matcher(first)
                .replaceAll("…")
                .codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT)
                .limit(LONGEST)
                .forEach(shown::appendCodePoint);
        return shown.toString().strip();
    }

    /**
     * A text without these secrets, in any form in which Python or JSON write them. Longest first: one may be a part of
     * another. So it is cut before, that it takes bounded time, and never in the middle of a secret.
     */
    static String without(String text, Collection<String> secrets) {
        String read = text.length() > MOST_SEARCHED ? text.substring(0, MOST_SEARCHED) : text;
        List<String> forms = secrets.stream()
                .flatMap(secret -> Stream.of(secret, secret.strip()))
                .filter(secret -> secret.length() >= SHORTEST_SECRET)
                .flatMap(Wording::forms)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        for (String form : forms) {
            read = read.replace(form, "…");
        }
        return read;
    }

    /** As it is, as Python's {@code repr} has it with either quote, and as a JSON text with and without Unicode. */
    private static Stream<String> forms(String secret) {
        if (secret.chars().allMatch(c -> c >= ' ' && c < 0x7F && c != '\'' && c != '"' && c != '\\')) {
            return Stream.of(secret);
        }
        return Stream.of(
                secret,
                escaped(secret, "", false),
                escaped(secret, "'", false),
                escaped(secret, "\"", false),
                escaped(secret, "\"", true));
    }

    private static String escaped(String text, String quote, boolean ascii) {
        StringBuilder written = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> written.append("\\n");
                case '\r' -> written.append("\\r");
                case '\t' -> written.append("\\t");
                case '\\' -> written.append("\\\\");
                default -> {
                    if (quote.indexOf(c) >= 0) {
                        written.append('\\').append(c);
                    } else if (c < ' ' || c == 0x7F) {
                        written.append(String.format(ascii ? "\\u%04x" : "\\x%02x", (int) c));
                    } else if (ascii && c > 0x7F) {
                        written.append(String.format("\\u%04x", (int) c));
                    } else {
                        written.append(c);
                    }
                }
            }
        }
        return written.toString();
    }

    /** A name that a server says, such as a node's or its class's. */
    static String name(String text) {
        String line = line(text, List.of());
        return line.isEmpty() ? "?" : line.length() > 80 ? line.substring(0, 80) : line;
    }
}
