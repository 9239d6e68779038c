package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.Balance;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.AdjustResult;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawResult;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantResult;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.http.BalanceDocument;
import io.tollgate.http.EntryDocument;
import io.tollgate.queue.FreeRuns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What people do with credits. */
@Command(
        name = "credits",
        description = "Shows, grants and corrects credits.",
        subcommands = {
            CreditsCommand.Show.class,
            CreditsCommand.GrantCredits.class,
            CreditsCommand.Adjust.class,
            CreditsCommand.DrawLuck.class,
            CreditsCommand.ShowHistory.class,
            PacksCommands.ListPacks.class,
            PacksCommands.Buy.class,
            TotalsCommand.class,
            DrawProofCommand.class,
            ExportCommand.class,
            ImportCommand.class
        })
public final class CreditsCommand extends CommandGroup {
    private static String words(FreeRuns runs) {
        return runs.unlimited()
                ? runs.workflow() + " as often as you like"
                : runs.left() + " of " + runs.perDay() + " free runs of " + runs.workflow() + " left until "
                        + Words.time(runs.until()) + " UTC";
    }

    /** What they have in common. */
    abstract static class OfUser extends LocalCommand {
        @Parameters(arity = "1", index = "0", paramLabel = "USER", description = "Whose.")
        private String whose = "";

        final UserId whose() {
            try {
                return new UserId(whose);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }

        final void show(ServiceContainer container) {
            Balance balance = container.tollgate().credits().balance(whose());
            List<String> lines = new ArrayList<>();
            lines.add("user       " + whose() + ", tier " + balance.tier().name());
            lines.add("available  " + balance.account().available());
            lines.add("held       " + balance.account().held());
            if (!balance.account().debt().isZero()) {
                lines.add("debt       " + balance.account().debt());
            }
            balance.trial()
                    .ifPresent(trial -> lines.add(
                            "trial      " + trial.left() + " left until " + Words.time(trial.until()) + " UTC"));
            container
                    .tollgate()
                    .credits()
                    .drawn(whose())
                    .ifPresent(draw -> lines.add(
                            "draw       " + draw.prize() + ", " + draw.percentOff() + " % off on " + draw.day()));
            List<FreeRuns> quotas = container.tollgate().freeRuns(whose());
            quotas.forEach(quota -> lines.add("quota      " + words(quota)));
            for (Grant grant : balance.grants()) {
                lines.add("grant      " + grant.remaining() + " of " + grant.granted() + ", "
                        + grant.source().name().toLowerCase(Locale.ROOT)
                        + grant.expiresAt()
                                .map(end -> ", until " + Words.time(end) + " UTC")
                                .orElse(""));
            }
            output().result(BalanceDocument.of(whose(), balance, quotas), lines);
        }

        static Amount amount(String text) {
            try {
                return Amount.parse(text);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }
    }

    /** The balance. */
    @Command(name = "show", description = "Shows what a user has.")
    static final class Show extends OfUser {
        @Override
        protected void execute() {
            whose();
            try (ServiceContainer container = open(Access.READ)) {
                show(container);
            }
        }
    }

    /** Gives credits. */
    @Command(name = "grant", description = "Gives a user credits.")
    static final class GrantCredits extends OfUser {
        @Parameters(index = "1", paramLabel = "AMOUNT", description = "How many, more than 0.")
        private String amount = "";

        @Option(
                names = "--reason",
                paramLabel = "TEXT",
                defaultValue = "granted by hand",
                description = "Why, for the books (default: granted by hand).")
        private String reason = "granted by hand";

        @Option(names = "--key", paramLabel = "KEY", description = "The same key grants once only.")
        private @Nullable String key;

        @Override
        protected void execute() {
            Amount credits = amount(amount);
            if (!credits.isPositive()) {
                throw new CommandFailed("a grant is more than 0 credits, not " + credits
                        + "; to take some: tollgate credits adjust " + whose() + " --reason R -- " + credits);
            }
            checkReason(reason);
            try (ServiceContainer container = open(Access.WRITE)) {
                GrantResult result = asked(() -> container
                        .tollgate()
                        .credits()
                        .grant(
                                whose(),
                                GrantSource.GOODWILL,
                                "cli:" + (key == null ? UUID.randomUUID().toString() : key),
                                credits,
                                Optional.empty(),
                                actor(),
                                reason));
                if (result instanceof GrantResult.KeyReused reused) {
                    throw new CommandFailed("the key '" + key + "' was used for another grant; nothing was changed ("
                            + reused.sourceKey() + ")");
                }
                show(container);
            }
        }
    }

    /** The day's luck. */
    @Command(name = "draw", description = "Draws a user's luck for the day: something off the price of its jobs.")
    static final class DrawLuck extends OfUser {
        private record DrawDocument(
                UserId userId,
                String day,
                String prize,
                int percentOff,
                int roll,
                Instant at,
                boolean provable,
                boolean again) {}

        @Override
        protected void execute() {
            whose();
            try (ServiceContainer container = open(Access.WRITE)) {
                if (container.tollgate().credits().policy().draw().isEmpty()) {
                    throw new CommandFailed("there is no lucky draw; set lucky-draw in the configuration");
                }
                DrawResult result = await(container.tollgate().credits().draw(whose()));
                Draw draw = result.draw();
                output().result(
                                new DrawDocument(
                                        whose(),
                                        draw.day().toString(),
                                        draw.prize(),
                                        draw.percentOff(),
                                        draw.roll(),
                                        draw.at(),
                                        draw.provable(),
                                        result.again()),
                                List.of((result.again() ? "drawn before, on " : "drawn for ") + draw.day() + ": "
                                        + draw.prize() + ", " + draw.percentOff() + " % off the price of each job"));
            }
        }
    }

    private static void checkReason(String reason) {
        if (reason.strip().length() < 3 || reason.length() > 500) {
            throw new CommandFailed("--reason must have 3 to 500 characters");
        }
    }

    /** Corrects a balance. */
    @Command(name = "adjust", description = "Corrects a user's balance; a negative amount goes behind --.")
    static final class Adjust extends OfUser {
        @Parameters(index = "1", paramLabel = "AMOUNT", description = "What is added, or taken if negative.")
        private String amount = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why, for the books.")
        private String reason = "";

        @Option(names = "--key", paramLabel = "KEY", description = "The same key corrects once only.")
        private @Nullable String key;

        @Override
        protected void execute() {
            Amount credits = amount(amount);
            if (credits.isZero()) {
                throw new CommandFailed("an adjustment adds or takes something, not 0");
            }
            checkReason(reason);
            try (ServiceContainer container = open(Access.WRITE)) {
                AdjustResult result = asked(() -> container
                        .tollgate()
                        .credits()
                        .adjust(
                                whose(),
                                credits,
                                actor(),
                                reason,
                                "cli:" + (key == null ? UUID.randomUUID().toString() : key)));
                if (result instanceof AdjustResult.Insufficient few) {
                    throw new CommandFailed(whose() + " has " + few.available() + " credits, not " + few.required()
                            + "; nothing was changed");
                } else if (result instanceof AdjustResult.KeyReused) {
                    throw new CommandFailed(
                            "the key '" + key + "' was used for another adjustment; nothing was changed");
                }
                show(container);
            }
        }
    }

    /** What happened. */
    @Command(name = "history", description = "Shows what happened to a user's credits, newest first.")
    static final class ShowHistory extends OfUser {
        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "50",
                description = "The most that are listed (default: 50).")
        private int limit = 50;

        private record Document(UserId userId, List<EntryDocument> entries) {}

        private static String more(Posting posting) {
            List<String> words = new ArrayList<>();
            Amount returned = EntryDocument.moved(posting, Book.AVAILABLE);
            if (posting.kind() == Posting.Kind.CAPTURE && returned.isPositive()) {
                words.add("returned " + returned);
            }
            if (!posting.listPrice().equals(posting.net())
                    && posting.listPrice().isPositive()) {
                words.add("list price " + posting.listPrice());
            }
            Amount debt = EntryDocument.moved(posting, Book.DEBT);
            if (!debt.isZero()) {
                words.add(debt.isNegative() ? "debt of " + debt.negated() : "debt paid " + debt);
            }
            posting.reason().ifPresent(words::add);
            return String.join(", ", words);
        }

        @Override
        protected void execute() {
            if (limit < 1 || limit > 1000) {
                throw new CommandFailed("--limit must be between 1 and 1000, not " + limit);
            }
            whose();
            try (ServiceContainer container = open(Access.READ)) {
                History history = container.tollgate().credits().history(whose(), Optional.empty(), limit);
                Table table = new Table("time", "what", "credits", "job", "by", "more");
                List<EntryDocument> lines = new ArrayList<>();
                for (History.Line line : history.lines()) {
                    Posting posting = line.posting();
                    EntryDocument entry = EntryDocument.of(line);
                    table.row(
                            Words.time(posting.at()),
                            entry.kind(),
                            posting.net(),
                            posting.hold().map(HoldId::toString).orElse(""),
                            posting.actor(),
                            more(posting));
                    lines.add(entry);
                }
                Document document = new Document(whose(), lines);
                if (lines.isEmpty()) {
                    output().result(document, List.of("nothing happened yet"));
                } else {
                    output().result(document, table);
                }
            }
        }
    }
}
