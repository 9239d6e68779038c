package io.tollgate.queue.job;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a backend must have to run a job: it is of one of some kinds, and has all tags that this kind needs for it.
 * Equal needs have equal {@linkplain #toString texts}.
 *
 * @param tagsByType the kinds of backends that have a recipe for it, at least one, and what one of that kind must have
 */
public record Needs(Map<String, Set<String>> tagsByType) {
    public Needs {
        tagsByType = tagsByType.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, each -> Set.copyOf(each.getValue())));
        if (tagsByType.isEmpty()) {
            throw new IllegalArgumentException("a job needs at least one kind of backend");
        }
        tagsByType.forEach((type, tags) -> {
            check(type);
            tags.forEach(Needs::check);
        });
    }

    /** Any of {@code types}, each with all of {@code tags}. */
    public Needs(Set<String> types, Set<String> tags) {
        this(types.stream().collect(Collectors.toMap(Function.identity(), type -> tags)));
    }

    /** The kinds of backends that have a recipe for it. */
    public Set<String> types() {
        return tagsByType.keySet();
    }

    /** Reads what {@link #toString} wrote. */
    public static Needs parse(String text) {
        Map<String, Set<String>> parsed = new TreeMap<>();
        for (String type : text.split("\\|", -1)) {
            String[] parts = type.split("&", -1);
            Set<String> tags = new TreeSet<>();
            for (int i = 1; i < parts.length; i++) {
                tags.add(parts[i]);
            }
            if (parsed.put(parts[0], tags) != null) {
                throw new IllegalArgumentException("a kind of backend is there twice: '" + text + "'");
            }
        }
        return new Needs(parsed);
    }

    /** Whether a backend of this kind with these tags will do. */
    public boolean areMetBy(String type, Set<String> backendTags) {
        Set<String> tags = tagsByType.get(type);
        return tags != null && backendTags.containsAll(tags);
    }

    /** What a backend of this kind lacks of it, in the order of the alphabet. */
    public Set<String> missing(String type, Set<String> backendTags) {
        Set<String> missing = new TreeSet<>(tagsByType.getOrDefault(type, Set.of()));
        missing.removeAll(backendTags);
        return missing;
    }

    /** The same kinds of backends, which must have more. */
    public Needs and(String type, Set<String> more) {
        Map<String, Set<String>> all = new TreeMap<>(tagsByType);
        all.computeIfPresent(type, (same, tags) -> {
            Set<String> both = new TreeSet<>(tags);
            both.addAll(more);
            return both;
        });
        return new Needs(all);
    }

    /** {@code type&tag&tag|type}, each in the order of the alphabet. */
    @Override
    public String toString() {
        return new TreeMap<>(tagsByType)
                .entrySet().stream()
                        .map(each -> each.getValue().isEmpty()
                                ? each.getKey()
                                : each.getKey() + "&" + String.join("&", new TreeSet<>(each.getValue())))
                        .collect(Collectors.joining("|"));
    }

    private static void check(String word) {
        if (word.isBlank() || word.indexOf('|') >= 0 || word.indexOf('&') >= 0) {
            throw new IllegalArgumentException("not a word for a need: '" + word + "'");
        }
    }
}
