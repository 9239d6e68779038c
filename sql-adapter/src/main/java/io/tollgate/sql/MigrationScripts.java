package io.tollgate.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The steps of the schema that this program knows, oldest first.
 *
 * <p>On the class path they lie in {@code io/tollgate/sql/migrations/}, a folder for each dialect, in which
 * {@code index.txt} names them, because a jar's folders can't be listed everywhere.
 *
 * @param bootstrap SQL for the tables that migrations need themselves; must do nothing where they are
 * @param scripts numbered from 1 without gaps
 */
public record MigrationScripts(Dialect dialect, String bootstrap, List<MigrationScript> scripts) {
    private static final String ROOT = "migrations/";

    public MigrationScripts {
        scripts = List.copyOf(scripts);
        for (int i = 0; i < scripts.size(); i++) {
            if (scripts.get(i).version() != i + 1) {
                throw new IllegalArgumentException("migration " + (i + 1) + " is missing or not in its place: "
                        + scripts.get(i).fileName());
            }
        }
    }

    /** Those that the program is shipped with. */
    public static MigrationScripts shipped(Dialect dialect) {
        String folder = ROOT + dialect.folder() + "/";
        List<MigrationScript> scripts = new ArrayList<>();
        for (String line : resource(folder + "index.txt").lines().toList()) {
            if (!line.isBlank() && !line.startsWith("#")) {
                scripts.add(new MigrationScript(line.strip(), resource(folder + line.strip())));
            }
        }
        return new MigrationScripts(dialect, resource(folder + "bootstrap.sql"), scripts);
    }

    /** The same with other steps after the same bootstrap. */
    MigrationScripts with(List<MigrationScript> others) {
        return new MigrationScripts(dialect, bootstrap, others);
    }

    /** The newest version, 0 if there is none. */
    public int latest() {
        return scripts.size();
    }

    Optional<MigrationScript> script(int version) {
        return version >= 1 && version <= scripts.size() ? Optional.of(scripts.get(version - 1)) : Optional.empty();
    }

    private static String resource(String name) {
        try (InputStream in = MigrationScripts.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("can't read " + name, e);
        }
    }
}
