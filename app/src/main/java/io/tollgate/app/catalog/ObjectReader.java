package io.tollgate.app.catalog;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import io.tollgate.app.config.Kind;
import io.tollgate.app.config.Places;
import io.tollgate.app.config.Problem;
import io.tollgate.queue.workflow.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Takes the values of one section by name, and tells of those that are wrong, missing, or were never asked for.
 * Confined to one thread.
 */
final class ObjectReader {
    private static final int SHOWN = 100;

    private final ConfigObject object;
    private final String path;
    private final Consumer<Problem> problems;
    private final TreeSet<String> asked = new TreeSet<>();

    /** @param path where the section stands in its file, empty for the whole */
    ObjectReader(ConfigObject object, String path, Consumer<Problem> problems) {
        this.object = object;
        this.path = path;
        this.problems = problems;
    }

    /** The value, if it is there and right. */
    <T> Optional<T> find(String key, Kind<T> kind) {
        asked.add(key);
        ConfigValue value = object.get(key);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(kind.read(value));
        } catch (IllegalArgumentException | ArithmeticException e) {
            wrong(key, value, "must be " + kind.allowed());
            return Optional.empty();
        }
    }

    /** The same; that it is missing is a problem. */
    <T> Optional<T> need(String key, Kind<T> kind) {
        if (!object.containsKey(key)) {
            asked.add(key);
            tell(object.origin(), at(key) + ": is missing; must be " + kind.allowed());
            return Optional.empty();
        }
        return find(key, kind);
    }

    /** A section; empty if there is none. */
    Optional<ObjectReader> section(String key) {
        asked.add(key);
        ConfigValue value = object.get(key);
        if (value instanceof ConfigObject section) {
            return Optional.of(new ObjectReader(section, at(key), problems));
        }
        if (value != null) {
            wrong(key, value, "must be a section { … }");
        }
        return Optional.empty();
    }

    /** The sections of a list; none if there is no list. */
    List<ObjectReader> sections(String key) {
        asked.add(key);
        ConfigValue value = object.get(key);
        if (value == null) {
            return List.of();
        }
        List<ObjectReader> sections = new ArrayList<>();
        if (value instanceof ConfigList list) {
            for (int i = 0; i < list.size(); i++) {
                if (list.get(i) instanceof ConfigObject section) {
                    sections.add(new ObjectReader(section, at(key) + "[" + i + "]", problems));
                } else {
                    wrong(key + "[" + i + "]", list.get(i), "must be a section { … }");
                }
            }
        } else {
            wrong(key, value, "must be a list of sections [ { … } ]");
        }
        return sections;
    }

    /** The names that are there, sorted. */
    List<String> names() {
        return List.copyOf(new TreeSet<>(object.keySet()));
    }

    /** Tells of a value that is wrong for a reason of its own. */
    void wrong(String key, String why) {
        ConfigValue value = object.get(key);
        if (value == null) {
            tell(object.origin(), at(key) + ": " + why);
        } else {
            wrong(key, value, why);
        }
    }

    /** Tells of each name that was never asked for, where {@code known} might have been, too. */
    void finish(Collection<String> known) {
        asked.addAll(known);
        finish();
    }

    /** Tells of each name that was never asked for. */
    void finish() {
        for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(object).entrySet()) {
            if (!asked.contains(entry.getKey())) {
                String hint = Nearest.of(entry.getKey(), asked)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("; allowed here: " + String.join(", ", asked));
                tell(entry.getValue().origin(), at(entry.getKey()) + ": there is no such key" + hint);
            }
        }
    }

    private void wrong(String key, ConfigValue value, String why) {
        String text = value.render(ConfigRenderOptions.concise());
        String shown = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
        tell(value.origin(), at(key) + " = " + shown + ": " + why);
    }

    private void tell(ConfigOrigin origin, String text) {
        problems.accept(new Problem(Places.of(origin), text));
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
