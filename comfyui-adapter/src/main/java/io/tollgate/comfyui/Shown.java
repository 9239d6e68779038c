package io.tollgate.comfyui;

/** Text from outside, made fit for a message. */
final class Shown {
    private static final int MOST = 60;

    private Shown() {}

    /** One line, printable, at most {@value #MOST} code points. */
    static String of(String text) {
        StringBuilder shown = new StringBuilder();
        int count = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (++count > MOST) {
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
