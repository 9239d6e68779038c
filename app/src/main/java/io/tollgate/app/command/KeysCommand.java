package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.Scope;
import java.time.Duration;
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

    /** A new one. */
    @Command(
            name = "create",
            description = "Makes a key with which --user can use the HTTP API. It is shown once, and never again.")
    static final class Create extends SiteCommand {
        private static final Pattern SPAN = Pattern.compile("([0-9]{1,6})([mhd])");
        private static final Duration LONGEST = Duration.ofDays(3650);

        @Option(names = "--scopes", required = true, paramLabel = "SCOPE,…", description = "What it opens.")
        private String scopes = "";

        @Option(names = "--name", paramLabel = "TEXT", description = "What you call it.")
        private String name = "";

        @Option(names = "--expires", paramLabel = "TIME", description = "How long it lasts, such as 12h or 30d.")
        private @Nullable String expires;

        @Override
        protected boolean isAboutUser() {
            return true;
        }

        @Override
        protected void execute() {
            Set<Scope> wanted = scopes();
            Optional<Duration> lifetime = Optional.ofNullable(expires).map(Create::span);
            Optional<UserId> user = namedUser();
            try (Site site = site(Access.WRITE)) {
                Doc key = site.createKey(user, wanted, lifetime, name);
                List<String> lines = List.of(
                        key.needed("key"),
                        "",
                        "Keep it: it is shown this once. " + key.text("user_id") + " can use it for "
                                + String.join(", ", key.texts("scopes"))
                                + key.time("expires_at")
                                        .map(end -> " until " + Words.time(end) + " UTC")
                                        .orElse("")
                                + ".",
                        "To revoke it: tollgate keys revoke " + key.text("id"));
                output().result(key.node(), lines);
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
    static final class ListKeys extends SiteCommand {
        @Override
        protected boolean isAboutUser() {
            return true;
        }

        @Override
        protected void execute() {
            Optional<UserId> user = namedUser();
            try (Site site = site(Access.READ)) {
                Doc keys = site.keys(user);
                Table table = new Table("key", "user", "name", "scopes", "status", "created", "expires", "last used");
                keys.list("keys")
                        .forEach(key -> table.row(
                                key.text("id"),
                                key.text("user_id"),
                                key.text("name"),
                                String.join(",", key.texts("scopes")),
                                key.text("status"),
                                Words.time(key.time("created_at")),
                                Words.time(key.time("expires_at")),
                                Words.time(key.time("last_used_at"))));
                output().result(keys.node(), table);
            }
        }
    }

    /** One less. */
    @Command(name = "revoke", description = "Revokes a key for good; it opens nothing more.")
    static final class Revoke extends SiteCommand {
        @Parameters(arity = "1", paramLabel = "ID", description = "Its id, not the key itself.")
        private String id = "";

        @Override
        protected void execute() {
            KeyId key = id(id);
            try (Site site = site(Access.WRITE)) {
                output().result(site.revokeKey(key).node(), List.of("key " + key + " is revoked"));
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
