package io.tollgate.app.cli;

import io.tollgate.app.client.ServerAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Whether a command asks a server or works on a data directory. */
final class ServerChoice {
    private static final int MAX_KEY_FILE = 4096;

    private ServerChoice() {}

    /**
     * The server; empty for a data directory.
     *
     * @param aboutUser whether {@code --user} makes sense to a server
     * @throws IllegalArgumentException if what was said doesn't go together; nothing secret is in the message
     */
    static Optional<ServerAddress> of(SharedOptions options, Map<String, String> environment, boolean aboutUser) {
        boolean directory = options.data().isPresent() || options.config().isPresent();
        boolean named = options.url().isPresent();
        if (named && directory) {
            throw new IllegalArgumentException(
                    "--url goes with neither --data nor --config: it is the one or the other");
        }
        Optional<String> url = options.url().or(() -> directory ? Optional.empty() : said(environment, "TOLLGATE_URL"));
        if (url.isEmpty()) {
            if (options.key().isPresent() || options.keyFile().isPresent()) {
                throw new IllegalArgumentException("a key opens a server: say which one with --url");
            }
            return Optional.empty();
        }
        if (options.namedUser().isPresent() && !aboutUser) {
            throw new IllegalArgumentException("--user says who you are on a data directory; a server goes by the key"
                    + (named ? "" : " (TOLLGATE_URL is set; --data DIR wins over it)"));
        }
        return Optional.of(ServerAddress.of(url.get(), key(options, environment)));
    }

    private static Optional<String> said(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
    }

    private static Optional<String> key(SharedOptions options, Map<String, String> environment) {
        if (options.key().isPresent() && options.keyFile().isPresent()) {
            throw new IllegalArgumentException("--key and --key-file say the same; keep one");
        }
        if (options.key().isPresent()) {
            return options.key();
        } else if (options.keyFile().isPresent()) {
            return options.keyFile().map(ServerChoice::read);
        }
        return said(environment, "TOLLGATE_KEY")
                .map(String::strip)
                .or(() -> said(environment, "TOLLGATE_KEY_FILE").map(file -> read(Path.of(file))));
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) <= MAX_KEY_FILE) {
                return Files.readString(file).lines().findFirst().orElse("").strip();
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("the key can't be read from " + file, e);
        }
        throw new IllegalArgumentException(file + " is too long for a key");
    }
}
