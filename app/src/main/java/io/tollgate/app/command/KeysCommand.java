package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keys to the HTTP API. */
@Command(
        name = "keys",
        description = "Makes, shows and revokes keys to the HTTP API.",
        subcommands = {KeysCommand.Create.class, KeysCommand.ListKeys.class, KeysCommand.Revoke.class})
public final class KeysCommand extends CommandGroup {
    private static final String SCOPES =
            Stream.of(Scope.values()).map(Scope::word).collect(Collectors.joining(", "));

    private record KeyDocument(
            KeyId id,
            UserId user,
            String name,
            List<String> scopes,
            String status,
            Instant createdAt,
            Optional<Instant> expiresAt,
            Optional<Instant> revokedAt,
            Optional<String> revokedBy,
            Optional<Instant> lastUsedAt) {
        static KeyDocument of(ApiKey key, Instant now) {
            return new KeyDocument(
                    key.id(),
                    key.user(),
                    key.name(),
                    words(key),
                    standing(key, now),
                    key.createdAt(),
                    key.expiresAt(),
                    key.revokedAt(),
                    key.revokedBy(),
                    key.lastUsedAt());
        }
    }

    private static List<String> words(ApiKey key) {
        return key.scopes().stream().map(Scope::word).toList();
    }

    private static String standing(ApiKey key, Instant now) {
        if (key.revokedAt().isPresent()) {
            return "revoked";
        }
        return key.isUsableAt(now) ? "active" : "expired";
    }

    /** A new one. */
    @Command(
            name = "create",
            description = "Makes a key with which --user can use the HTTP API. It is shown once, and never again.")
    static final class Create extends LocalCommand {
        private static final Pattern SPAN = Pattern.compile("([0-9]{1,6})([mhd])");
        private static final Duration LONGEST = Duration.ofDays(3650);

        @Option(names = "--scopes", required = true, paramLabel = "SCOPE,…", description = "What it opens.")
        private String scopes = "";

        @Option(names = "--name", paramLabel = "TEXT", description = "What you call it.")
        private String name = "";

        @Option(names = "--expires", paramLabel = "TIME", description = "How long it lasts, such as 12h or 30d.")
        private @Nullable String expires;

        private record CreatedDocument(
                KeyId id,
                String key,
                UserId user,
                String name,
                List<String> scopes,
                Instant createdAt,
                Optional<Instant> expiresAt) {}

        @Override
        protected void execute() {
            UserId user = user();
            Set<Scope> wanted = scopes();
            Optional<Duration> lifetime = Optional.ofNullable(expires).map(Create::span);
            try (ServiceContainer container = open(Access.WRITE)) {
                Keys.Created created = container.keys().create(user, wanted, lifetime, name);
                ApiKey key = created.key();
                List<String> lines = new ArrayList<>(List.of(
                        created.secret(),
                        "",
                        "Keep it: it is shown this once. " + user + " can use it for "
                                + String.join(", ", words(key))
                                + key.expiresAt()
                                        .map(end -> " until " + Words.time(end) + " UTC")
                                        .orElse("") + ".",
                        "To revoke it: tollgate keys revoke " + key.id()));
                output().result(
                                new CreatedDocument(
                                        key.id(),
                                        created.secret(),
                                        key.user(),
                                        key.name(),
                                        words(key),
                                        key.createdAt(),
                                        key.expiresAt()),
                                lines);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }

        private Set<Scope> scopes() {
            Set<Scope> wanted = EnumSet.noneOf(Scope.class);
            for (String word : scopes.split(",", -1)) {
                wanted.add(Scope.parse(word.strip())
                        .orElseThrow(() -> new CommandFailed(
                                "--scopes: there is no scope '" + word.strip() + "'; there are " + SCOPES)));
            }
            return wanted;
        }

        private static Duration span(String text) {
            Matcher matcher = SPAN.matcher(text);
            if (matcher.matches()) {
                long count = Long.parseLong(matcher.group(1));
                Duration span = switch (matcher.group(2)) {
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    default -> Duration.ofDays(count);
                };
                if (!span.isZero() && span.compareTo(LONGEST) <= 0) {
                    return span;
                }
            }
            throw new CommandFailed(
                    "--expires must be a time with its unit from 1m to 3650d such as 12h or 30d, not '" + text + "'");
        }
    }

    /** Those there are. */
    @Command(
            name = "list",
            description = "Lists the newest " + Keys.MAX_LISTED + " keys: everybody's, or those of --user.")
    static final class ListKeys extends LocalCommand {
        private record KeysDocument(List<KeyDocument> keys) {}

        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.READ)) {
                Instant now = container.clock().instant();
                List<ApiKey> keys = container.keys().list(namedUser());
                Table table = new Table("key", "user", "name", "scopes", "status", "created", "expires", "last used");
                keys.forEach(key -> table.row(
                        key.id(),
                        key.user(),
                        key.name(),
                        String.join(",", words(key)),
                        standing(key, now),
                        Words.time(key.createdAt()),
                        Words.time(key.expiresAt()),
                        Words.time(key.lastUsedAt())));
                output().result(
                                new KeysDocument(keys.stream()
                                        .map(key -> KeyDocument.of(key, now))
                                        .toList()),
                                table);
            }
        }
    }

    /** One less. */
    @Command(name = "revoke", description = "Revokes a key for good; it opens nothing more.")
    static final class Revoke extends LocalCommand {
        @Parameters(arity = "1", paramLabel = "ID", description = "Its id, not the key itself.")
        private String id = "";

        @Override
        protected void execute() {
            KeyId key = id(id);
            try (ServiceContainer container = open(Access.WRITE)) {
                Instant now = container.clock().instant();
                if (!container.keys().revoke(key, actor())) {
                    throw new CommandFailed("there is no key " + key + "; 'tollgate keys list' shows them");
                }
                ApiKey revoked = container.keys().find(key).orElseThrow();
                output().result(KeyDocument.of(revoked, now), List.of("key " + key + " is revoked"));
            }
        }

        private static KeyId id(String text) {
            try {
                return KeyId.parse(text);
            } catch (IllegalArgumentException e) {
                // whoever typed the key itself doesn't want to see it in a log
                throw new CommandFailed("that is not a key's id; 'tollgate keys list' shows them", e);
            }
        }
    }
}
