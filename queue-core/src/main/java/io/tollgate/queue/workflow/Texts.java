package io.tollgate.queue.workflow;

import java.util.Optional;

/** The rules for text from outside, and how it is shown back. */
public final class Texts {
    private static final int SHOWN = 60;

    private Texts() {}

    /** What is wrong with a text, as the end of a sentence; empty if nothing is. */
    static Optional<String> problem(String text, int maxLength) {
        // a text has at least half as many code points as chars: the hostile ones are refused without being read
        if (text.length() > 2L * maxLength || text.codePointCount(0, text.length()) > maxLength) {
            return Optional.of("must have at most " + maxLength + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) && c != '\n' && c != '\t') {
                return Optional.of("must not have control characters other than line breaks and tabs");
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return Optional.of("must be well-formed Unicode: it has half a surrogate pair");
            }
        }
        return Optional.empty();
    }

    /** A text made fit for a message: one line, printable, at most {@value #SHOWN} code points. */
    public static String shown(String text) {
        StringBuilder shown = new StringBuilder(SHOWN);
        int count = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (++count > SHOWN) {
                return shown.append('…').toString();
            }
            shown.appendCodePoint(isPrintable(c) ? c : '\uFFFD');
        }
        return shown.toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
