package io.tollgate.app.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.tollgate.queue.workflow.Nearest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Turns {@code TOLLGATE_…} variables into configuration. */
final class Environment {
    private static final String PREFIX = "TOLLGATE_";
    private static final String FILE_SUFFIX = "_FILE";

    /** Variables of the command line, which are no keys. */
    private static final Set<String> OTHERS =
            Set.of("TOLLGATE_URL", "TOLLGATE_KEY", "TOLLGATE_KEY_FILE", "TOLLGATE_CONFIG");

    private final Map<String, String> variables;
    private final Config known;
    private final Consumer<Problem> problems;
    private final Consumer<String> warnings;

    /** @param known what is configured without the environment; says which names there are */
    Environment(Map<String, String> variables, Config known, Consumer<Problem> problems, Consumer<String> warnings) {
        this.variables = new TreeMap<>(variables);
        this.known = known;
        this.problems = problems;
        this.warnings = warnings;
    }

    Config read() {
        Config config = ConfigFactory.empty();
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            String name = variable.getKey();
            if (!name.startsWith(PREFIX)
                    || OTHERS.contains(name)
                    || variable.getValue().isEmpty()) {
                continue; // an empty variable says nothing: compose files pass those on that nobody set
            }
            Optional<List<String>> path = path(name, false);
            Optional<List<String>> secret =
                    name.endsWith(FILE_SUFFIX) ? path(name.substring(0, name.length() - 5), true) : Optional.empty();
            if (path.isPresent()) {
                config = config.withValue(
                        ConfigUtil.joinPath(path.get()), value(variable.getValue(), "environment " + name));
            } else if (secret.isPresent()) {
                Optional<ConfigValue> text = file(name, variable.getValue());
                if (text.isPresent()) {
                    config = config.withValue(ConfigUtil.joinPath(secret.get()), text.get());
                }
            } else {
                // only a warning: orchestrators put variables of their own there, named after their services
                warnings.accept("environment " + name + ": there is no such key" + hint(name));
            }
        }
        return config;
    }

    private Optional<ConfigValue> file(String name, String file) {
        String place = "environment " + name;
        if (variables.containsKey(name.substring(0, name.length() - FILE_SUFFIX.length()))) {
            problems.accept(new Problem(place, "the same secret comes without " + FILE_SUFFIX + " too; keep one"));
            return Optional.empty();
        }
        try {
            return Optional.of(value(Files.readString(Path.of(file)).strip(), place));
        } catch (IOException | IllegalArgumentException e) {
            problems.accept(new Problem(place, "'" + file + "' must be a file that can be read as text"));
            return Optional.empty();
        }
    }

    private static ConfigValue value(String text, String place) {
        return ConfigValueFactory.fromAnyRef(text, place);
    }

    /** The key that a variable names. Names of the operator's come back in lower case with {@code -}. */
    private Optional<List<String>> path(String variable, boolean secretOnly) {
        Optional<List<String>> found = Optional.empty();
        for (Key<?> key : Keys.ALL) {
            if (secretOnly && !key.isSecret()) {
                continue;
            }
            if (key.environmentName().equals(variable) && !key.path().contains(Key.NAME)) {
                return Optional.of(key.path());
            }
            if (key.path().contains(Key.NAME) && found.isEmpty()) {
                found = named(key, variable);
            }
        }
        return found;
    }

    private Optional<List<String>> named(Key<?> key, String variable) {
        int at = key.path().indexOf(Key.NAME);
        List<String> before = key.path().subList(0, at);
        List<String> after = key.path().subList(at + 1, key.path().size());
        String start = PREFIX + Key.environmentForm(String.join(".", before)) + "_";
        String end = after.isEmpty() ? "" : "_" + Key.environmentForm(String.join(".", after));
        if (!variable.startsWith(start)
                || !variable.endsWith(end)
                || variable.length() <= start.length() + end.length()) {
            return Optional.empty();
        }
        String spelled = variable.substring(start.length(), variable.length() - end.length());
        String section = ConfigUtil.joinPath(before);
        String name = known.hasPath(section) && known.getValue(section) instanceof Map<?, ?> names
                ? names.keySet().stream()
                        .map(String::valueOf)
                        .filter(existing -> Key.environmentForm(existing).equals(spelled))
                        .findFirst()
                        .orElseGet(() -> fresh(spelled))
                : fresh(spelled);
        List<String> path = new ArrayList<>(before);
        path.add(name);
        path.addAll(after);
        return Optional.of(path);
    }

    private static String fresh(String spelled) {
        return spelled.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String hint(String name) {
        return Nearest.of(name, Keys.ALL.stream().map(Key::environmentName).toList())
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
    }
}
