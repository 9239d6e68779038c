package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who users are. */
@Command(
        name = "users",
        description = "Shows users and gives them tiers.",
        subcommands = {UsersCommand.Show.class, UsersCommand.GiveTier.class})
public final class UsersCommand extends CommandGroup {
    /** One of them. */
    @Command(name = "show", description = "Shows a user's tier and credits.")
    static final class Show extends CreditsCommand.OfUser {
        @Override
        protected void execute() {
            whose();
            try (ServiceContainer container = open(Access.READ)) {
                show(container);
            }
        }
    }

    /** What they are from now on. */
    @Command(name = "tier", description = "Gives a user a tier.")
    static final class GiveTier extends CreditsCommand.OfUser {
        @Parameters(index = "1", paramLabel = "TIER", description = "Its name, such as gold.")
        private String tier = "";

        @Option(names = "--until", paramLabel = "TIME", description = "When it ends, such as 2027-01-31T00:00:00Z.")
        private @Nullable String until;

        @Option(
                names = "--reason",
                paramLabel = "TEXT",
                defaultValue = "set by hand",
                description = "Why, for the books (default: set by hand).")
        private String reason = "set by hand";

        @Override
        protected void execute() {
            Optional<Instant> end = Optional.ofNullable(until).map(GiveTier::instant);
            whose();
            try (ServiceContainer container = open(Access.WRITE)) {
                asked(() -> container.tollgate().credits().assignTier(whose(), tier, end, actor(), reason));
                show(container);
            }
        }

        private static Instant instant(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new CommandFailed("--until must be a time such as 2027-01-31T00:00:00Z, not '" + text + "'", e);
            }
        }
    }
}
