package io.tollgate.app.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.tollgate.queue.workflow.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The tree of all keys; holds a configuration against it. */
final class Schema {
    private static final Schema ROOT = new Schema();

    static {
        Keys.ALL.forEach(key -> ROOT.add(key, 0));
    }

    private final Map<String, Schema> children = new TreeMap<>();
    private Optional<Key<?>> leaf = Optional.empty();

    private Schema() {}

    private void add(Key<?> key, int depth) {
        if (depth == key.path().size()) {
            leaf = Optional.of(key);
        } else {
            children.computeIfAbsent(key.path().get(depth), name -> new Schema())
                    .add(key, depth + 1);
        }
    }

    /** Reads everything in {@code root}, and tells {@code problems} what can't be read. */
    static Values read(ConfigObject root, Consumer<Problem> problems) {
        Values values = new Values();
        ROOT.walk(root, List.of(), values, problems);
        return values;
    }

    private void walk(ConfigObject object, List<String> at, Values values, Consumer<Problem> problems) {
        for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(object).entrySet()) {
            ConfigValue value = entry.getValue();
            List<String> path = new ArrayList<>(at);
            path.add(entry.getKey());
            String shown = ConfigUtil.joinPath(path);
            Schema child = child(entry.getKey());
            if (child == null) {
                problems.accept(unknown(path, value));
            } else if (child.leaf.isPresent()) {
                if (named(path, value, problems)) {
                    read(child.leaf.get(), path, value, values, problems);
                }
            } else if (value instanceof ConfigObject section) {
                if (named(path, value, problems)) {
                    values.section(path);
                    child.walk(section, path, values, problems);
                }
            } else {
                problems.accept(new Problem(
                        Places.of(value.origin()), shown + ": must be a section { … }, not " + typeOf(value)));
            }
        }
    }

    private @Nullable Schema child(String name) {
        Schema exact = children.get(name);
        return exact != null && !name.equals(Key.NAME) ? exact : children.get(Key.NAME);
    }

    private boolean named(List<String> path, ConfigValue value, Consumer<Problem> problems) {
        Consumer<String> rule = path.size() == 2 ? Keys.NAMES.get(path.get(0)) : null;
        if (rule == null) {
            return true;
        }
        try {
            rule.accept(path.get(1));
            return true;
        } catch (IllegalArgumentException e) {
            problems.accept(new Problem(Places.of(value.origin()), ConfigUtil.joinPath(path) + ": " + e.getMessage()));
            return false;
        }
    }

    private static <T> void read(
            Key<T> key, List<String> path, ConfigValue value, Values values, Consumer<Problem> problems) {
        String shown = ConfigUtil.joinPath(path);
        try {
            values.put(path, key.kind().read(value));
            values.setting(new Setting(shown, show(key, value), Places.of(value.origin())));
        } catch (IllegalArgumentException | ArithmeticException e) {
            problems.accept(new Problem(
                    Places.of(value.origin()),
                    shown + " = " + show(key, value) + ": must be " + key.kind().allowed()));
        }
    }

    /** A value as it may be shown. */
    private static String show(Key<?> key, ConfigValue value) {
        return key.isSecret() ? Secret.HIDDEN : SecretText.hide(rendered(value));
    }

    static String rendered(ConfigValue value) {
        String text = value.render(ConfigRenderOptions.concise());
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    private Problem unknown(List<String> path, ConfigValue value) {
        String name = path.get(path.size() - 1);
        List<String> parent = path.subList(0, path.size() - 1);
        String hint = Nearest.of(name, children.keySet())
                .map(near -> {
                    List<String> meant = new ArrayList<>(parent);
                    meant.add(near);
                    return ConfigUtil.joinPath(meant);
                })
                .or(() -> elsewhere(name))
                .map(near -> "; did you mean " + near + "?")
                .orElse(parent.isEmpty() ? "" : "; allowed here: " + String.join(", ", children.keySet()));
        // the value is not shown: it may be a secret under a mistyped key
        return new Problem(Places.of(value.origin()), ConfigUtil.joinPath(path) + ": there is no such key" + hint);
    }

    private static Optional<String> elsewhere(String name) {
        return Keys.ALL.stream()
                .filter(key -> key.path().get(key.path().size() - 1).equals(name)
                        || String.join("-", key.path()).equals(name))
                .map(Key::toString)
                .findFirst();
    }

    private static String typeOf(ConfigValue value) {
        return value.valueType() == ConfigValueType.LIST ? "a list" : rendered(value);
    }
}
