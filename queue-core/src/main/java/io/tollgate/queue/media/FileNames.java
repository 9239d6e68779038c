package io.tollgate.queue.media;

import java.text.Normalizer;

/** Makes file names from outside safe to store, to show and to put into a header. */
public final class FileNames {
    /** The longest name, in code points. */
    public static final int MAX_LENGTH = 120;

    private static final int MAX_READ = 4096;
    private static final int MAX_EXTENSION = 12;
    private static final String NAMELESS = "file";

    private FileNames() {}

    /**
     * The last part of a path, without anything that a file system, a terminal or a browser could take for more than a
     * letter. Takes anything; a safe name stays as it is.
     *
     * @return 1 to {@value #MAX_LENGTH} code points; {@code file} if nothing is left
     */
    public static String safe(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        if (last.length() > MAX_READ) {
            last = last.substring(0, MAX_READ);
        }
        StringBuilder safe = new StringBuilder();
        Normalizer.normalize(last, Normalizer.Form.NFC).codePoints().forEach(c -> {
            if (isSafe(c)) {
                safe.appendCodePoint(c);
            } else if (!isInvisible(c)) {
                safe.append('_');
            }
        });
        // again, for letters that were kept apart by something invisible are now together
        String trimmed = trim(Normalizer.normalize(safe, Normalizer.Form.NFC));
        return trimmed.isEmpty() ? NAMELESS : cut(trimmed);
    }

    /** Whether nothing in it could be taken for more than a letter: a little less than {@link #safe} makes sure of. */
    static boolean isHarmless(String name) {
        return !name.isBlank()
                && name.codePointCount(0, name.length()) <= MAX_LENGTH
                && !name.equals(".")
                && !name.equals("..")
                && name.codePoints().noneMatch(c -> isInvisible(c) || c == '/' || c == '\\');
    }

    private static boolean isSafe(int c) {
        return Character.isDefined(c)
                && !isInvisible(c)
                && Character.getType(c) != Character.PRIVATE_USE
                && Character.getType(c) != Character.LINE_SEPARATOR
                && Character.getType(c) != Character.PARAGRAPH_SEPARATOR
                && "/\\<>:\"|?*".indexOf(c) < 0;
    }

    private static boolean isInvisible(int c) {
        return Character.getType(c) == Character.CONTROL
                || Character.getType(c) == Character.FORMAT
                || Character.getType(c) == Character.SURROGATE;
    }

    /** Hidden files and parents start with a dot, and Windows drops dots and spaces from the end. */
    private static String trim(String name) {
        int from = 0;
        int to = name.length();
        while (from < to && isEdge(name.charAt(from))) {
            from++;
        }
        while (to > from && isEdge(name.charAt(to - 1))) {
            to--;
        }
        return name.substring(from, to);
    }

    private static boolean isEdge(char c) {
        return c == '.' || Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    /** Cuts in front of the extension, so that the name still says what the file is. */
    private static String cut(String name) {
        int length = name.codePointCount(0, name.length());
        if (length <= MAX_LENGTH) {
            return name;
        }
        int dot = name.lastIndexOf('.');
        String extension = dot > 0 && name.length() - dot <= MAX_EXTENSION ? name.substring(dot) : "";
        int kept = MAX_LENGTH - extension.codePointCount(0, extension.length());
        String stem = trim(name.substring(0, name.offsetByCodePoints(0, kept)));
        return stem + extension;
    }
}
