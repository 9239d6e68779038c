package io.tollgate.queue.gate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Phrases to look for together, found by how they start: a text is read once, however many there are. */
final class Phrases {
    private final Map<String, List<Phrase>> byWord = new HashMap<>();
    private final Map<String, List<Phrase>> byPrefix = new HashMap<>();
    private int longestPrefix;
    private int shortestPrefix = Integer.MAX_VALUE;

    Phrases(List<Phrase> phrases) {
        for (Phrase phrase : phrases) {
            for (String word : phrase.starts()) {
                byWord.computeIfAbsent(word, w -> new ArrayList<>()).add(phrase);
            }
            for (String prefix : phrase.startPrefixes()) {
                byPrefix.computeIfAbsent(prefix, w -> new ArrayList<>()).add(phrase);
                longestPrefix = Math.max(longestPrefix, prefix.length());
                shortestPrefix = Math.min(shortestPrefix, prefix.length());
            }
        }
    }

    /** Whether one of them is in the text, put together from pieces or not. */
    boolean isIn(Words words) {
        List<Words.Word> list = words.list();
        for (int from = 0; from < list.size(); from++) {
            if (endAt(list, from) >= 0) {
                return true;
            }
        }
        return words.joined().stream()
                .anyMatch(word -> candidates(word).stream().anyMatch(Phrase::isWord));
    }

    /** The index after the first phrase found that starts at {@code from}; -1 if none does. */
    int endAt(List<Words.Word> list, int from) {
        for (String form : list.get(from).forms) {
            for (Phrase phrase : candidates(form)) {
                int end = phrase.endAt(list, from);
                if (end >= 0) {
                    return end;
                }
            }
        }
        return -1;
    }

    private List<Phrase> candidates(String word) {
        List<Phrase> found = byWord.getOrDefault(word, List.of());
        int most = Math.min(longestPrefix, word.length());
        for (int length = shortestPrefix; length <= most; length++) {
            List<Phrase> more = byPrefix.get(word.substring(0, length));
            if (more != null) {
                found = new ArrayList<>(found);
                found.addAll(more);
            }
        }
        return found;
    }
}
