package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.EraseResult;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who users are. */
@Command(
        name = "users",
        description = "Shows users and gives them tiers.",
        subcommands = {UsersCommand.Show.class, UsersCommand.GiveTier.class, UsersCommand.Erase.class})
public final class UsersCommand extends CommandGroup {
    /** One of them. */
    @Command(name = "show", description = "Shows a user's tier and credits.")
    static final class Show extends CreditsCommand.OfAnyUser {
        @Override
        protected void execute() {
            show();
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
            UserId user = whose();
            try (Site site = site(Access.WRITE)) {
                show(site.tier(user, tier, end, reason));
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

    /** Who is to be forgotten. */
    @Command(
            name = "erase",
            description = "Forgets who a user was: the ledger keeps its amounts under a pseudonym, everything else that"
                    + " says who it was is deleted, files too.")
    static final class Erase extends UserCommand {
        @Option(
                names = "--reason",
                required = true,
                paramLabel = "TEXT",
                description = "Why, for the books; it stays, so it mustn't say who it was.")
        private String reason = "";

        private record Document(String pseudonym) {}

        @Override
        protected void execute() {
            UserId user = whose();
            if (reason.strip().length() < 3 || reason.length() > 400) {
                throw new CommandFailed("--reason must have 3 to 400 characters");
            }
            try (ServiceContainer container = open(Access.WRITE)) {
                EraseResult result = await(container.tollgate().erase(user, actor(), reason));
                if (result instanceof EraseResult.Busy busy) {
                    throw new CommandFailed(user + " has " + busy.liveJobs() + " live jobs, " + busy.openHolds()
                            + " open holds and " + busy.pendingRefunds()
                            + " pending refunds; cancel or settle them first. Nothing was changed");
                } else if (result instanceof EraseResult.Erased erased) {
                    output().result(
                                    new Document(erased.pseudonym().value()),
                                    List.of("forgotten; the books go on as " + erased.pseudonym()));
                } else {
                    throw new CommandFailed("there is no user " + user);
                }
            }
        }
    }
}
