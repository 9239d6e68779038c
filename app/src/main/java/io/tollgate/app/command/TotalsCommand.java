package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.CreditService;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Books;
import io.tollgate.credits.ledger.DailyTotals;
import io.tollgate.credits.ledger.Totals;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What became of all users' credits, day by day. */
@Command(
        name = "totals",
        description = "Shows what was issued, captured, subsidised and lost on each day, and that it adds up; exit 1 if"
                + " it doesn't.")
final class TotalsCommand extends LocalCommand {
    private static final int DAYS_BEFORE = 6;

    @Option(
            names = "--from",
            paramLabel = "DAY",
            description = "The first day, such as 2026-11-01 (default: six days before the last).")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "DAY", description = "The last day (default: today).")
    private @Nullable String to;

    private record BooksDocument(Amount available, Amount held, Amount debt) {
        static BooksDocument of(Books books) {
            return new BooksDocument(books.available(), books.held(), books.debt());
        }
    }

    private record DayDocument(
            String day,
            BooksDocument start,
            Amount issuedPaid,
            Amount issuedPromotional,
            Amount issuedOpening,
            Amount creditBack,
            Amount adjusted,
            Amount held,
            Amount released,
            Amount captured,
            Amount subsidised,
            Map<String, Amount> subsidies,
            Amount expired,
            Amount revoked,
            BooksDocument end,
            boolean addsUp) {
        static DayDocument of(DailyTotals day) {
            return new DayDocument(
                    day.day().toString(),
                    BooksDocument.of(day.start()),
                    day.issuedPaid(),
                    day.issuedPromotional(),
                    day.issuedOpening(),
                    day.creditBack(),
                    day.adjusted(),
                    day.held(),
                    day.released(),
                    day.captured(),
                    day.subsidised(),
                    day.subsidies(),
                    day.expired(),
                    day.revoked(),
                    BooksDocument.of(day.end()),
                    day.addsUp());
        }
    }

    private record Document(
            String timeZone,
            List<DayDocument> days,
            BooksDocument entries,
            BooksDocument accounts,
            boolean addsUp,
            List<String> problems) {}

    @Override
    protected void execute() {
        Optional<LocalDate> first = day("--from", from);
        Optional<LocalDate> last = day("--to", to);
        try (ServiceContainer container = open(Access.READ)) {
            CreditService credits = container.tollgate().credits();
            LocalDate end = last.orElseGet(credits::today);
            LocalDate start = first.orElse(end.minusDays(DAYS_BEFORE));
            Totals totals;
            try {
                totals = credits.totals(start, end);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
            output().result(
                            new Document(
                                    credits.policy().zone().getId(),
                                    totals.days().stream().map(DayDocument::of).toList(),
                                    BooksDocument.of(totals.entries()),
                                    BooksDocument.of(totals.accounts()),
                                    totals.addsUp(),
                                    totals.problems()),
                            lines(totals));
            if (!totals.addsUp()) {
                throw new CommandFailed(
                        "the totals don't add up: " + totals.problems().get(0));
            }
        }
    }

    private static List<String> lines(Totals totals) {
        Table table = new Table(
                "day",
                "issued",
                "adjusted",
                "back",
                "captured",
                "expired",
                "revoked",
                "change",
                "users have",
                "held",
                "released",
                "subsidised");
        List<String> lines = new ArrayList<>();
        for (DailyTotals day : totals.days()) {
            table.row(
                    day.day(),
                    day.issued(),
                    day.adjusted(),
                    day.creditBack(),
                    day.captured(),
                    day.expired(),
                    day.revoked(),
                    day.change(),
                    day.end().all(),
                    day.held(),
                    day.released(),
                    day.subsidised());
        }
        lines.addAll(table.lines());
        for (DailyTotals day : totals.days()) {
            if (!day.change().isZero() || !day.explained().isZero()) {
                lines.add(day.day() + "  " + day.line());
            }
            if (!day.issued().isZero()) {
                lines.add(day.day() + "  issued: paid " + day.issuedPaid() + ", promotional " + day.issuedPromotional()
                        + ", opening " + day.issuedOpening());
            }
            if (!day.subsidies().isEmpty()) {
                List<String> rules = new ArrayList<>();
                day.subsidies().forEach((rule, amount) -> rules.add(rule + " " + amount));
                lines.add(day.day() + "  subsidised: " + String.join(", ", rules));
            }
        }
        lines.add("now users have " + totals.accounts().all() + ": "
                + totals.accounts().available() + " available, "
                + totals.accounts().held() + " held, "
                + totals.accounts().debt() + " debt" + (totals.addsUp() ? "; it adds up" : ""));
        return lines;
    }

    static Optional<LocalDate> day(String option, @Nullable String text) {
        try {
            return Optional.ofNullable(text).map(LocalDate::parse);
        } catch (DateTimeParseException e) {
            throw new CommandFailed(option + " must be a day such as 2026-11-22, not '" + text + "'", e);
        }
    }
}
