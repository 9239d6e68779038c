package io.tollgate.queue.gate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A sequence of words to look for, written as {@code verb|other ~ noun* !word}. Words are parted by spaces; {@code |}
 * is or; {@code *} at the end of a word stands for any ending; {@code ~} for at most six words that only fill, such as
 * <i>all of her</i>; {@code ...} for at most four words of any sort; {@code !} for a word that must not follow;
 * {@code @name} for a named list of words.
 */
final class Phrase {
    private static final int MAX_FILL = 6;
    private static final int MAX_GAP = 4;

    private final List<Element> elements = new ArrayList<>();

    private Phrase() {}

    /** Looking for a phrase at one place takes a bounded number of steps: gaps are short and at most two. */
    static Phrase of(String phrase, Map<String, String> lists) {
        Phrase parsed = new Phrase();
        for (String part : phrase.split(" ", -1)) {
            parsed.elements.add(
                    switch (part) {
                        case "~" -> new Element(Sort.FILL, alternatives(lists.getOrDefault("fill", ""), lists));
                        case "..." -> new Element(Sort.GAP, new Alternatives(Set.of(), List.of()));
                        default ->
                            part.startsWith("!")
                                    ? new Element(Sort.NOT, alternatives(part.substring(1), lists))
                                    : new Element(Sort.WORD, alternatives(part, lists));
                    });
        }
        return parsed;
    }

    private static Alternatives alternatives(String part, Map<String, String> lists) {
        Set<String> exact = new HashSet<>();
        List<String> prefixes = new ArrayList<>();
        collect(part, lists, exact, prefixes);
        return new Alternatives(exact, prefixes);
    }

    private static void collect(String part, Map<String, String> lists, Set<String> exact, List<String> prefixes) {
        for (String word : part.split("\\|", -1)) {
            if (word.startsWith("@")) {
                String list = lists.get(word.substring(1));
                if (list == null) {
                    throw new IllegalArgumentException("no such list of words: " + word);
                }
                collect(list, lists, exact, prefixes);
            } else if (word.endsWith("*")) {
                prefixes.add(Words.normalize(word.substring(0, word.length() - 1)));
            } else {
                exact.add(Words.normalize(word));
            }
        }
    }

    /** Where the phrase ends that starts at {@code from}: the index after its last word, or -1 if it isn't there. */
    int endAt(List<Words.Word> words, int from) {
        return end(words, from, 0);
    }

    private int end(List<Words.Word> words, int at, int element) {
        if (element == elements.size()) {
            return at;
        }
        Element next = elements.get(element);
        return switch (next.sort) {
            case WORD -> at < words.size() && next.words.has(words.get(at)) ? end(words, at + 1, element + 1) : -1;
            case NOT -> at < words.size() && next.words.has(words.get(at)) ? -1 : end(words, at, element + 1);
            case FILL, GAP -> {
                int most = next.sort == Sort.FILL ? MAX_FILL : MAX_GAP;
                for (int gap = 0; gap <= most && at + gap <= words.size(); gap++) {
                    int end = end(words, at + gap, element + 1);
                    if (end >= 0) {
                        yield end;
                    }
                    boolean goesOn =
                            at + gap < words.size() && (next.sort == Sort.GAP || next.words.has(words.get(at + gap)));
                    if (!goesOn) {
                        break;
                    }
                }
                yield -1;
            }
        };
    }

    /** Whether it is only one word. */
    boolean isWord() {
        return elements.size() == 1;
    }

    /** What the first word may be. */
    Set<String> starts() {
        return elements.get(0).words.exact;
    }

    /** How the first word may begin. */
    List<String> startPrefixes() {
        return elements.get(0).words.prefixes;
    }

    private enum Sort {
        WORD,
        NOT,
        FILL,
        GAP
    }

    private record Element(Sort sort, Alternatives words) {}

    private record Alternatives(Set<String> exact, List<String> prefixes) {
        boolean has(Words.Word word) {
            return !word.excused && word.forms.stream().anyMatch(this::has);
        }

        boolean has(String form) {
            return exact.contains(form) || prefixes.stream().anyMatch(form::startsWith);
        }
    }
}
