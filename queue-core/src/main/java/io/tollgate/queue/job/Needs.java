package io.tollgate.queue.job;

import java.util.Set;
import java.util.TreeSet;

/**
 * What a backend must have to run a job: one of some kinds, and all of some tags. Equal needs have equal
 * {@linkplain #toString texts}.
 *
 * @param types kinds of backends that have a recipe for it, at least one
 * @param tags what the backend must have besides
 */
public record Needs(Set<String> types, Set<String> tags) {
    public Needs {
        types = Set.copyOf(types);
        tags = Set.copyOf(tags);
        if (types.isEmpty()) {
            throw new IllegalArgumentException("a job needs at least one kind of backend");
        }
        for (String word : types) {
            check(word);
        }
        for (String word : tags) {
            check(word);
        }
    }

    /** Reads what {@link #toString} wrote. */
    public static Needs parse(String text) {
        String[] parts = text.split("&", -1);
        Set<String> tags = new TreeSet<>();
        for (int i = 1; i < parts.length; i++) {
            tags.add(parts[i]);
        }
        return new Needs(Set.of(parts[0].split("\\|", -1)), tags);
    }

    /** Whether a backend of this kind with these tags will do. */
    public boolean areMetBy(String type, Set<String> backendTags) {
        return types.contains(type) && backendTags.containsAll(tags);
    }

    /** {@code type|type&tag&tag}, each in the order of the alphabet. */
    @Override
    public String toString() {
        String text = String.join("|", new TreeSet<>(types));
        return tags.isEmpty() ? text : text + "&" + String.join("&", new TreeSet<>(tags));
    }

    private static void check(String word) {
        if (word.isBlank() || word.indexOf('|') >= 0 || word.indexOf('&') >= 0) {
            throw new IllegalArgumentException("not a word for a need: '" + word + "'");
        }
    }
}
