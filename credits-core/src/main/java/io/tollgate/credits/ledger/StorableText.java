package io.tollgate.credits.ledger;

/** What every store can keep: PostgreSQL takes no NUL, and neither it nor UTF-8 half a surrogate pair. */
public final class StorableText {
    /** The rule, as the end of a sentence. */
    public static final String RULE = "must not have the character NUL or half a surrogate pair";

    private static final char REPLACEMENT = '\uFFFD';

    private StorableText() {}

    /** Whether a text can be kept as it is. */
    public static boolean isStorable(String text) {
        return firstProblem(text, 0) == text.length();
    }

    /** The text with U+FFFD in place of each char that can't be kept; for texts that nobody can be asked to mend. */
    public static String repaired(String text) {
        if (isStorable(text)) {
            return text;
        }
        StringBuilder repaired = new StringBuilder(text);
        for (int i = firstProblem(text, 0); i < text.length(); i = firstProblem(text, i + 1)) {
            repaired.setCharAt(i, REPLACEMENT);
        }
        return repaired.toString();
    }

    private static int firstProblem(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (c == 0 || Character.isSurrogate(c)) {
                return i;
            }
        }
        return text.length();
    }
}
