package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.CreditService;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.OpeningResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Users of another system, with what they had there. */
@Command(
        name = "import",
        description =
                "Brings users along from another system: user, balance, and perhaps tier and tier_until, as CSV or"
                        + " JSON. Doing it again changes nothing.")
final class ImportCommand extends LocalCommand {
    private static final Pattern ORIGIN = Pattern.compile("[A-Za-z0-9._-]{1,60}");
    private static final int AT_ONCE = 500;

    @Parameters(arity = "1", paramLabel = "FILE", description = "The other system's users.")
    private Path file = Path.of("");

    @Option(
            names = "--origin",
            required = true,
            paramLabel = "NAME",
            description = "What the other system is called; each user is brought along from it once.")
    private String origin = "";

    @Option(names = "--dry-run", description = "Only check the file.")
    private boolean dryRun;

    /**
     * What came of it.
     *
     * @param users in the file
     * @param made who was brought along now
     * @param there who had been before
     * @param empty who has neither credits nor a tier
     */
    private record Document(
            Path file,
            String origin,
            boolean dryRun,
            long users,
            Amount credits,
            long made,
            long there,
            long empty,
            long problemCount,
            List<String> problems) {}

    @Override
    protected void execute() throws IOException {
        if (!ORIGIN.matcher(origin).matches()) {
            throw new CommandFailed("--origin has 1 to 60 characters of A-Z a-z 0-9 . _ -, not '" + origin + "'");
        }
        try (ServiceContainer container = open(dryRun ? Access.READ : Access.WRITE)) {
            CreditService credits = container.tollgate().credits();
            OpeningFile read = OpeningFile.read(file, credits.policy().tiers(), credits.now());
            if (read.problemCount() > 0) {
                output().result(document(read, 0, 0, read.problems(), read.problemCount()), read.problems());
                throw new CommandFailed(file + " has " + read.problemCount() + " problems, the first in "
                        + read.problems().get(0) + "; nothing was changed");
            }
            if (dryRun) {
                output().result(
                                document(read, 0, 0, List.of(), 0),
                                List.of("the file is sound: " + summary(read) + "; nothing was changed"));
                return;
            }
            bring(read, credits);
        }
    }

    private void bring(OpeningFile read, CreditService credits) {
        long made = 0;
        long there = 0;
        List<String> others = new ArrayList<>();
        long otherCount = 0;
        List<OpeningFile.Opening> all =
                read.openings().stream().filter(opening -> !isEmpty(opening)).toList();
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            List<OpeningFile.Opening> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
            List<CompletionStage<OpeningResult>> answers = new ArrayList<>(some.size());
            for (OpeningFile.Opening opening : some) {
                answers.add(credits.open(
                        opening.user(),
                        origin,
                        opening.balance(),
                        opening.tier(),
                        opening.tierUntil(),
                        actor(),
                        "brought along from " + origin));
            }
            for (int i = 0; i < some.size(); i++) {
                OpeningResult result = await(answers.get(i));
                if (result instanceof OpeningResult.Opened opened) {
                    made += opened.replayed() ? 0 : 1;
                    there += opened.replayed() ? 1 : 0;
                } else {
                    otherCount++;
                    if (others.size() < OpeningFile.MOST_PROBLEMS) {
                        others.add(some.get(i).user() + " was brought along from " + origin
                                + " with something else before");
                    }
                }
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add("brought along " + made + " users, " + there + " were there already (" + summary(read) + ")");
        lines.addAll(others);
        output().result(document(read, made, there, others, otherCount), lines);
        if (otherCount > 0) {
            throw new CommandFailed(otherCount + " users were left as they are, the first: " + others.get(0));
        }
    }

    private Document document(OpeningFile read, long made, long there, List<String> problems, long count) {
        return new Document(
                file, origin, dryRun, read.openings().size(), credits(read), made, there, empty(read), count, problems);
    }

    private static String summary(OpeningFile read) {
        long empty = empty(read);
        return read.openings().size() + " users with " + credits(read) + " credits in the file"
                + (empty == 0 ? "" : ", " + empty + " of them with neither credits nor a tier");
    }

    private static long empty(OpeningFile read) {
        return read.openings().stream().filter(ImportCommand::isEmpty).count();
    }

    private static boolean isEmpty(OpeningFile.Opening opening) {
        return opening.balance().isZero() && opening.tier().isEmpty();
    }

    private static Amount credits(OpeningFile read) {
        return Amount.sum(
                read.openings().stream().map(OpeningFile.Opening::balance).toList());
    }
}
