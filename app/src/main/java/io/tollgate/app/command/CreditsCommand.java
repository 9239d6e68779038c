package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private static Amount amount(String text) {
        try {
            return Amount.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<String> lines(Doc balance) {
        List<String> lines = new ArrayList<>();
        lines.add("user       " + balance.needed("user_id") + ", tier " + balance.text("tier"));
        lines.add("available  " + balance.amount("available"));
        lines.add("held       " + balance.amount("held"));
        if (!balance.amount("debt").isZero()) {
            lines.add("debt       " + balance.amount("debt"));
        }
        if (balance.has("trial")) {
            Doc trial = balance.at("trial");
            lines.add("trial      " + trial.amount("left") + " left until " + Words.time(trial.time("until")) + " UTC");
        }
        if (balance.has("draw")) {
            Doc draw = balance.at("draw");
            lines.add("draw       " + draw.text("prize") + ", " + draw.text("percent_off") + " % off on "
                    + draw.text("day"));
        }
        balance.list("quotas").forEach(quota -> lines.add("quota      " + quota(quota)));
        for (Doc grant : balance.list("grants")) {
            lines.add("grant      " + grant.amount("remaining") + " of " + grant.amount("granted") + ", "
                    + grant.text("source")
                    + grant.time("expires_at")
                            .map(end -> ", until " + Words.time(end) + " UTC")
                            .orElse(""));
        }
        return lines;
    }

    private static String quota(Doc runs) {
        return runs.flag("unlimited")
                ? runs.text("workflow") + " as often as you like"
                : runs.text("left") + " of " + runs.text("per_day") + " free runs of " + runs.text("workflow")
                        + " left until " + Words.time(runs.time("until")) + " UTC";
    }

    /** Of the user who is named. */
    abstract static class OfUser extends SiteCommand {
        @Parameters(arity = "1", index = "0", paramLabel = "USER", description = "Whose.")
        private String whose = "";

        final UserId whose() {
            return userId(whose);
        }

        final void show(Doc balance) {
            output().result(balance.node(), lines(balance));
        }
    }

    /** Of the user who is named, or one's own. */
    abstract static class OfAnyUser extends SiteCommand {
        @Parameters(
                arity = "0..1",
                index = "0",
                paramLabel = "USER",
                description = "Whose (default: yours); of others a server wants an operator's key.")
        private @Nullable String whose;

        final Optional<UserId> whose() {
            return Optional.ofNullable(whose).map(SiteCommand::userId);
        }

        final void show() {
            Optional<UserId> user = whose();
            try (Site site = site(Access.READ)) {
                Doc balance = site.credits(user);
                output().result(balance.node(), lines(balance));
            }
        }
    }

    /** The balance. */
    @Command(name = "show", description = "Shows what a user has.")
    static final class Show extends OfAnyUser {
        @Override
        protected void execute() {
            show();
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

        @Option(names = "--idempotency-key", paramLabel = "KEY", description = "The same key grants once only.")
        private @Nullable String once;

        @Override
        protected void execute() {
            Amount credits = amount(amount);
            if (!credits.isPositive()) {
                throw new CommandFailed("a grant is more than 0 credits, not " + credits
                        + "; to take some: tollgate credits adjust " + whose() + " --reason R -- " + credits);
            }
            checkReason(reason);
            UserId user = whose();
            try (Site site = site(Access.WRITE)) {
                show(site.grant(user, credits, reason, Optional.ofNullable(once)));
            }
        }
    }

    /** The day's luck. */
    @Command(name = "draw", description = "Draws a user's luck for the day: something off the price of its jobs.")
    static final class DrawLuck extends OfAnyUser {
        @Override
        protected void execute() {
            Optional<UserId> user = whose();
            try (Site site = site(Access.WRITE)) {
                Doc draw = site.draw(user);
                output().result(
                                draw.node(),
                                List.of((draw.flag("again") ? "drawn before, on " : "drawn for ") + draw.text("day")
                                        + ": " + draw.text("prize") + ", " + draw.text("percent_off")
                                        + " % off the price of each job"));
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

        @Option(names = "--idempotency-key", paramLabel = "KEY", description = "The same key corrects once only.")
        private @Nullable String once;

        @Override
        protected void execute() {
            Amount credits = amount(amount);
            if (credits.isZero()) {
                throw new CommandFailed("an adjustment adds or takes something, not 0");
            }
            checkReason(reason);
            UserId user = whose();
            try (Site site = site(Access.WRITE)) {
                show(site.adjust(user, credits, reason, Optional.ofNullable(once)));
            }
        }
    }

    /** What happened. */
    @Command(name = "history", description = "Shows what happened to a user's credits, newest first.")
    static final class ShowHistory extends OfAnyUser {
        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "50",
                description = "The most that are listed (default: 50).")
        private int limit = 50;

        private static String more(Doc entry) {
            List<String> words = new ArrayList<>();
            Amount returned = entry.amount("available");
            if (entry.text("kind").equals("capture") && returned.isPositive()) {
                words.add("returned " + returned);
            }
            Amount list = entry.amount("list_price");
            if (!list.equals(entry.amount("amount")) && list.isPositive()) {
                words.add("list price " + list);
            }
            Amount debt = entry.amount("debt");
            if (!debt.isZero()) {
                words.add(debt.isNegative() ? "debt of " + debt.negated() : "debt paid " + debt);
            }
            entry.maybe("reason").ifPresent(words::add);
            return String.join(", ", words);
        }

        @Override
        protected void execute() {
            if (limit < 1 || limit > 1000) {
                throw new CommandFailed("--limit must be between 1 and 1000, not " + limit);
            }
            Optional<UserId> user = whose();
            try (Site site = site(Access.READ)) {
                Doc history = site.history(user, limit);
                Table table = new Table("time", "what", "credits", "job", "by", "more");
                List<Doc> entries = history.list("entries");
                entries.forEach(entry -> table.row(
                        Words.time(entry.time("at")),
                        entry.text("kind"),
                        entry.amount("amount"),
                        entry.text("hold"),
                        entry.text("actor"),
                        more(entry)));
                if (entries.isEmpty()) {
                    output().result(history.node(), List.of("nothing happened yet"));
                } else {
                    output().result(history.node(), table);
                }
            }
        }
    }
}
