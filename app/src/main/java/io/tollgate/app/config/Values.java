package io.tollgate.app.config;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** What was read, by path. Confined to the thread that loads. */
final class Values {
    private final Map<List<String>, Object> read = new HashMap<>();
    private final Map<String, SortedSet<String>> names = new HashMap<>();
    private final List<Setting> settings = new ArrayList<>();

    void put(List<String> path, Object value) {
        read.put(List.copyOf(path), value);
        name(path);
    }

    void section(List<String> path) {
        name(path);
    }

    void setting(Setting setting) {
        settings.add(setting);
    }

    private void name(List<String> path) {
        if (path.size() == 2) {
            names.computeIfAbsent(path.get(0), section -> new TreeSet<>()).add(path.get(1));
        }
    }

    /** The names that the operator, or we, chose in a section. */
    SortedSet<String> names(String section) {
        return names.getOrDefault(section, new TreeSet<>());
    }

    /** The value of {@code key}, with {@code name} for NAME; its preset if nobody said anything. */
    <T> Optional<T> find(Key<T> key, String... name) {
        List<String> path = key.path().stream()
                .map(part -> part.equals(Key.NAME) ? name[0] : part)
                .toList();
        Object value = read.get(path);
        if (value != null) {
            @SuppressWarnings("unchecked") // put() was called with what this key's kind had read
            T typed = (T) value;
            return Optional.of(typed);
        }
        return key.preset()
                .map(preset -> key.kind()
                        .read(ConfigFactory.parseString("it = " + preset).getValue("it")));
    }

    /** The same for a key that always has a value. */
    <T> T get(Key<T> key, String... name) {
        return find(key, name).orElseThrow(() -> new IllegalStateException("no default for " + key));
    }

    List<Setting> settings() {
        return settings.stream().sorted(Comparator.comparing(Setting::key)).toList();
    }
}
