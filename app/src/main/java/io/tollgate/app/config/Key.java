package io.tollgate.app.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing that can be configured.
 *
 * @param path where it stands; {@link #NAME} stands for a name that the operator chose
 * @param kind what it may be
 * @param preset what holds without it, as it would be written; empty if {@code reference.conf} says so, or nothing does
 * @param meaning what it is for, in a sentence
 */
record Key<T>(List<String> path, Kind<T> kind, Optional<String> preset, String meaning) {
    static final String NAME = "NAME";

    Key {
        path = List.copyOf(path);
    }

    static <T> Key<T> key(String path, Kind<T> kind, String meaning) {
        return new Key<>(List.of(path.split("\\.")), kind, Optional.empty(), meaning);
    }

    static <T> Key<T> key(String path, Kind<T> kind, String preset, String meaning) {
        return new Key<>(List.of(path.split("\\.")), kind, Optional.of(preset), meaning);
    }

    boolean isSecret() {
        return kind.name().equals("secret");
    }

    /** The variable of the environment that overrides it. */
    String environmentName() {
        return "TOLLGATE_" + environmentForm(String.join(".", path));
    }

    /** How a path is spelled in the environment. */
    static String environmentForm(String path) {
        return path.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    }

    @Override
    public String toString() {
        return String.join(".", path);
    }
}
