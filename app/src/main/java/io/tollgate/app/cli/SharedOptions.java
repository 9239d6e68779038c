package io.tollgate.app.cli;

import io.tollgate.app.config.TollgateConfig.LogFormat;
import io.tollgate.app.config.TollgateConfig.LogLevel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes, before its name or after it. */
public final class SharedOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The configuration. Without it ./tollgate.conf, if there is one.")
    private @Nullable Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The data directory, made if it isn't there; the database is DIR/tollgate.db.")
    private @Nullable Path data;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Who you are (default: local).")
    private @Nullable String user;

    @Option(
            names = "--url",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = "Ask this server instead of a data directory; also TOLLGATE_URL.")
    private @Nullable String url;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            scope = ScopeType.INHERIT,
            description = "The API key for the server. Others on this machine may see it: better in TOLLGATE_KEY.")
    private @Nullable String key;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "A file whose first line is the API key; also TOLLGATE_KEY_FILE.")
    private @Nullable Path keyFile;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "Print one JSON document to standard output and nothing else.")
    private boolean json;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            scope = ScopeType.INHERIT,
            description = "The least that is logged: ${COMPLETION-CANDIDATES}.")
    private @Nullable LogLevel logLevel;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            description = "How lines are logged: ${COMPLETION-CANDIDATES}.")
    private @Nullable LogFormat logFormat;

    /** The configuration that was named. */
    Optional<Path> config() {
        return Optional.ofNullable(config);
    }

    /** Who acts. */
    String user() {
        return user == null ? "local" : user;
    }

    /** Who acts, if that was said. */
    Optional<String> namedUser() {
        return Optional.ofNullable(user);
    }

    /** The server that was named. */
    Optional<String> url() {
        return Optional.ofNullable(url);
    }

    /** The key that was named. */
    Optional<String> key() {
        return Optional.ofNullable(key);
    }

    /** The file that has it. */
    Optional<Path> keyFile() {
        return Optional.ofNullable(keyFile);
    }

    /** Whether a program reads the result. */
    boolean json() {
        return json;
    }

    /** Whether the user said how much is logged. */
    boolean saysLogLevel() {
        return logLevel != null;
    }

    /** The data directory that was named. */
    Optional<Path> data() {
        return Optional.ofNullable(data);
    }

    /** What the options say, as keys of the configuration. */
    Map<String, String> settings() {
        Map<String, String> settings = logSettings();
        if (data != null) {
            settings.put("data-dir", data.toString());
            settings.put("database.url", "jdbc:sqlite:" + data.resolve("tollgate.db"));
        }
        return settings;
    }

    /** What they say about logging. */
    Map<String, String> logSettings() {
        Map<String, String> settings = new HashMap<>();
        if (logLevel != null) {
            settings.put("log.level", logLevel.name().toLowerCase(Locale.ROOT));
        }
        if (logFormat != null) {
            settings.put("log.format", logFormat.name().toLowerCase(Locale.ROOT));
        }
        return settings;
    }
}
