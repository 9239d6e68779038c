package io.tollgate.queue.workflow;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the known word that a mistyped one was meant to be. */
public final class Nearest {
    private static final int MAX_LENGTH = 64;

    private Nearest() {}

    /**
     * The known word with the smallest edit distance, ignoring case; empty if none is near: more than a third of its
     * letters, and at least two, would have to change. The first of several equals.
     */
    public static Optional<String> of(String wanted, Collection<String> known) {
        if (wanted.isEmpty() || wanted.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String typed = wanted.toLowerCase(Locale.ROOT);
        Optional<String> nearest = Optional.empty();
        int smallest = Integer.MAX_VALUE;
        for (String word : known) {
            int distance = distance(typed, word.toLowerCase(Locale.ROOT));
            int bound = Math.max(2, word.length() / 3);
            if (distance <= bound && distance < word.length() && distance < smallest) {
                smallest = distance;
                nearest = Optional.of(word);
            }
        }
        return nearest;
    }

    /** Optimal string alignment: inserted, deleted, changed and swapped letters cost one each. */
    private static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        int[] above = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            int[] spare = before;
            before = above;
            above = row;
            row = spare;
        }
        return above[b.length()];
    }
}
