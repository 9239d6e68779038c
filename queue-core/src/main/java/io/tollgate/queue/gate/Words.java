package io.tollgate.queue.gate;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The words of a text as a reader sees them, whatever was done to hide them from a machine: other alphabets, accents,
 * invisible characters, digits for letters, dots between letters, letters repeated.
 */
final class Words {
    private static final int MAX_WORD = 40; // longer ones are in no list
    private static final int MAX_JOINED = 16;

    private static final Pattern REPEATED = Pattern.compile("(.)\\1{2,}");
    private static final String LOOKALIKES = "аеорсухіѕјкмтнвԁԛɡαεονικυρτ";
    private static final String LATIN = "aeopcyxisjkmthbdqgaeovikupt";

    private final List<Word> words = new ArrayList<>();
    private final Set<String> joined;
    private final String letters;

    /** Texts of any length, in time that grows with it. */
    Words(String text) {
        String normal = normalize(text);
        StringBuilder all = new StringBuilder();
        StringBuilder word = new StringBuilder();
        boolean glued = false;
        for (int i = 0; i < normal.length(); ) {
            int c = normal.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c) || c == '@' || c == '$') {
                word.appendCodePoint(c);
                all.appendCodePoint(c);
            } else {
                glued = end(word, glued) && !Character.isWhitespace(c);
            }
        }
        end(word, glued);
        letters = all.toString();
        joined = join(words);
    }

    /** Ends a word, if there is one; returns whether the next one may hang together with the last. */
    private boolean end(StringBuilder word, boolean glued) {
        if (word.length() > 0) {
            words.add(new Word(word.substring(0, Math.min(word.length(), MAX_WORD)), glued));
            word.setLength(0);
            return true;
        }
        return glued;
    }

    /** One word, in all the ways to read it. */
    static final class Word {
        final List<String> forms;

        private final String plain;
        private final boolean glued;

        /** Whether it is part of something harmless, such as the naked eye. */
        boolean excused;

        private Word(String base, boolean glued) {
            this.glued = glued;
            List<String> all = new ArrayList<>();
            all.add(base);
            plain = plain(base, 'i');
            add(all, plain);
            add(all, plain(base, 'l'));
            if (REPEATED.matcher(plain).find()) {
                add(all, REPEATED.matcher(plain).replaceAll("$1"));
                add(all, REPEATED.matcher(plain).replaceAll("$1$1"));
            }
            this.forms = all;
        }

        private static void add(List<String> all, String form) {
            if (!all.contains(form)) {
                all.add(form);
            }
        }

        private boolean single() {
            return forms.get(0).length() == 1;
        }
    }

    List<Word> list() {
        return words;
    }

    /** All letters and digits without what stands between, for languages that put nothing between words. */
    String letters() {
        return letters;
    }

    /** Words that were taken apart: {@code s.e.x}, {@code s e x}, {@code nu.de}; of at least three letters. */
    Set<String> joined() {
        return joined;
    }

    private static Set<String> join(List<Word> words) {
        Set<String> joined = new HashSet<>();
        for (int from = 0; from < words.size(); from++) {
            StringBuilder whole = new StringBuilder(words.get(from).plain);
            boolean singles = words.get(from).single();
            boolean unbroken = true;
            for (int i = from + 1; i < words.size() && whole.length() < MAX_JOINED; i++) {
                Word next = words.get(i);
                singles &= next.single();
                unbroken &= next.glued;
                if (!singles && !unbroken) {
                    break;
                }
                whole.append(next.plain);
                if (whole.length() >= 3) {
                    joined.add(whole.toString());
                }
            }
        }
        return joined;
    }

    /** The text in small letters, without accents and what can't be seen. */
    static String normalize(String text) {
        String folded = Normalizer.normalize(
                Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT), Normalizer.Form.NFD);
        StringBuilder kept = new StringBuilder(folded.length());
        folded.codePoints().filter(c -> !isHidden(c)).forEach(kept::appendCodePoint);
        // Hangul and kana are put together again: their marks make other letters of them
        return Normalizer.normalize(kept, Normalizer.Form.NFC);
    }

    private static boolean isHidden(int c) {
        boolean latinMark = (c >= 0x0300 && c <= 0x036F)
                || (c >= 0x1AB0 && c <= 0x1AFF)
                || (c >= 0x1DC0 && c <= 0x1DFF)
                || (c >= 0x20D0 && c <= 0x20FF)
                || (c >= 0xFE00 && c <= 0xFE0F)
                || (c >= 0xFE20 && c <= 0xFE2F);
        boolean filler = c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0x2800;
        return latinMark || filler || Character.getType(c) == Character.FORMAT;
    }

    /** A word with letters for the digits and foreign letters that look like them; a number stays as it is. */
    private static String plain(String word, char one) {
        if (word.length() > 1 && word.chars().allMatch(Character::isDigit)) {
            return word;
        }
        StringBuilder plain = new StringBuilder(word.length());
        for (int i = 0; i < word.length(); i++) {
            plain.append(plain(word.charAt(i), one));
        }
        String latin = plain.toString();
        // Russian and Greek words have letters without a Latin twin
        return latin.chars().allMatch(c -> c < 0x80) ? latin : word;
    }

    private static char plain(char c, char one) {
        return switch (c) {
            case '0' -> 'o';
            case '1' -> one;
            case '3' -> 'e';
            case '4', '@' -> 'a';
            case '5', '$' -> 's';
            case '7' -> 't';
            case '8' -> 'b';
            case '9' -> 'g';
            default -> {
                int known = LOOKALIKES.indexOf(c);
                yield known < 0 ? c : LATIN.charAt(known);
            }
        };
    }
}
