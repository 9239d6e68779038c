package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.payment.ManualGateway;
import io.tollgate.credits.payment.Payments;
import io.tollgate.http.PaymentDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Money that came, and money that goes back. */
@Command(
        name = "payments",
        description = "Lists, records, matches and refunds payments.",
        subcommands = {
            PaymentsCommand.ListPayments.class,
            PaymentsCommand.RecordPayment.class,
            PaymentsCommand.Match.class,
            PaymentsCommand.Refund.class,
            PaymentsCommand.Chargeback.class
        })
public final class PaymentsCommand extends CommandGroup {
    /** What was typed, read. */
    private static <T> T read(String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }

    private static PaymentId id(String text) {
        try {
            return PaymentId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("'" + text + "' is not a payment's id; 'tollgate payments list' shows them", e);
        }
    }

    /** What was done; any other result is refused. */
    static PaymentResult.Done done(PaymentResult result) {
        if (result instanceof PaymentResult.NoSuchPayment none) {
            throw new CommandFailed("there is no payment " + none.what());
        } else if (result instanceof PaymentResult.ChargeReused reused) {
            throw new CommandFailed("this charge was recorded before, as "
                    + reused.known().money() + " of " + reused.known().payer() + " (payment "
                    + reused.known().id() + "); nothing was changed");
        } else if (result instanceof PaymentResult.WrongState wrong) {
            throw new CommandFailed("payment " + wrong.payment().id() + " is "
                    + words(wrong.payment().state().word()) + "; nothing was changed");
        } else if (result instanceof PaymentResult.Spent spent) {
            throw new CommandFailed("of its credits " + spent.consumed() + " were spent, " + spent.held()
                    + " are held and " + spent.repaid() + " paid a debt; with --override the user owes those");
        }
        return (PaymentResult.Done) result;
    }

    private static List<String> lines(Doc payment, boolean replayed) {
        String end = payment.text("period_end");
        List<String> lines = new ArrayList<>();
        lines.add("payment  " + payment.needed("id") + (replayed ? ", known before" : ""));
        lines.add("charge   " + payment.text("provider") + " " + payment.text("charge")
                + (end.isEmpty() || end.equals("0") ? "" : " until " + end));
        lines.add("money    " + payment.money("money", "currency") + " from " + payment.text("payer"));
        lines.add("state    " + words(payment.text("state"))
                + payment.maybe("note").map(note -> ": " + note).orElse(""));
        payment.maybe("user_id").ifPresent(user -> lines.add("credits  " + payment.amount("credits") + " to " + user));
        return lines;
    }

    private static String words(String state) {
        return state.replace('_', ' ');
    }

    /** What only the directory's own machine is told. */
    abstract static class OfCharges extends LocalCommand {
        /** Does something with payments, and shows the one that it was about. */
        final void change(Function<Payments, CompletionStage<PaymentResult>> wish) {
            try (ServiceContainer container = open(Access.WRITE)) {
                PaymentResult.Done done = done(await(wish.apply(container.payments())));
                PaymentDocument document = PaymentDocument.of(done.payment());
                output().result(document, lines(Doc.of(document), done.replayed()));
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }
    }

    /** What operators do with one that is known. */
    abstract static class OfOne extends SiteCommand {
        final void change(Function<Site, Doc> wish) {
            try (Site site = site(Access.WRITE)) {
                Doc payment = wish.apply(site);
                output().result(payment.node(), lines(payment, false));
            }
        }
    }

    /** All of them. */
    @Command(name = "list", description = "Lists payments, newest first; with --user, those that NAME paid or got.")
    static final class ListPayments extends SiteCommand {
        @Option(names = "--state", paramLabel = "STATE", description = "Only those in this state, such as unmatched.")
        private @Nullable String state;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "50",
                description = "The most that are listed (default: 50).")
        private int limit = 50;

        @Override
        protected void execute() {
            if (limit < 1 || limit > 1000) {
                throw new CommandFailed("--limit must be between 1 and 1000, not " + limit);
            }
            Optional<Payment.State> wanted = Optional.ofNullable(state).map(ListPayments::state);
            Optional<UserId> whose = namedUser(); // who paid or got them
            try (Site site = site(Access.READ)) {
                Doc found = site.payments(wanted, whose, limit);
                Table table = new Table("payment", "state", "money", "payer", "credits", "to", "when", "note");
                found.list("payments")
                        .forEach(payment -> table.row(
                                payment.text("id"),
                                words(payment.text("state")),
                                payment.money("money", "currency"),
                                payment.text("payer"),
                                payment.amount("credits"),
                                payment.text("user_id"),
                                Words.time(payment.time("created_at")),
                                payment.text("note")));
                if (found.list("payments").isEmpty()) {
                    output().result(found.node(), List.of("no payments"));
                } else {
                    output().result(found.node(), table);
                }
            }
        }

        @Override
        protected boolean isAboutUser() {
            return true;
        }

        private static Payment.State state(String word) {
            return Stream.of(Payment.State.values())
                    .filter(state -> state.word().equals(word.replace('-', '_')))
                    .findFirst()
                    .orElseThrow(() -> new CommandFailed("there is no state '" + word + "'; there are "
                            + Stream.of(Payment.State.values())
                                    .map(Payment.State::word)
                                    .collect(Collectors.joining(", "))));
        }
    }

    /** Money came. */
    @Command(
            name = "record",
            description = "Records money that came from --user, once per charge; with its invoice, it is credited.")
    static final class RecordPayment extends OfCharges {
        /** Who records: here --user is who paid. */
        private static final String OPERATOR = "cli";

        @Option(
                names = "--provider",
                paramLabel = "NAME",
                defaultValue = ManualGateway.PROVIDER,
                description = "Who took it (default: manual).")
        private String provider = ManualGateway.PROVIDER;

        @Option(names = "--charge", required = true, paramLabel = "ID", description = "What the provider calls it.")
        private String charge = "";

        @Option(
                names = "--money",
                required = true,
                paramLabel = "MONEY",
                description = "How much, such as \"4.99 EUR\".")
        private String money = "";

        @Option(
                names = "--invoice",
                paramLabel = "PAYLOAD",
                description = "What it is for: the payload that 'credits buy' shows.")
        private @Nullable String payload;

        @Override
        protected void execute() {
            Charge taken = read(charge, text -> Charge.once(provider, text));
            UserId payer = namedUser().orElseThrow(() -> new CommandFailed("--user must say who paid"));
            Money amount = read(money, Money::parse);
            change(payments ->
                    payments.record(taken, payer, amount, Optional.ofNullable(payload), "recorded by hand", OPERATOR));
        }
    }

    /** What it was for. */
    @Command(name = "match", description = "Says whom an unmatched payment is for, and what it is worth.")
    static final class Match extends OfOne {
        @Parameters(index = "0", paramLabel = "ID", description = "The payment.")
        private String id = "";

        @Parameters(index = "1", paramLabel = "USER", description = "Who gets the credits.")
        private String whose = "";

        @Parameters(index = "2", paramLabel = "AMOUNT", description = "How many, more than 0.")
        private String amount = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why, for the books.")
        private String reason = "";

        @Override
        protected void execute() {
            PaymentId payment = id(id);
            UserId user = read(whose, UserId::new);
            Amount credits = read(amount, Amount::parse);
            change(site -> site.match(payment, user, credits, reason));
        }
    }

    /** Money goes back. */
    @Command(
            name = "refund",
            description = "Sends a payment's money back and takes its credits back; refused if some were used.")
    static final class Refund extends OfOne {
        @Parameters(index = "0", paramLabel = "ID", description = "The payment.")
        private String id = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why, for the books.")
        private String reason = "";

        @Option(names = "--override", description = "Do it though some of the credits were used; those are owed then.")
        private boolean override;

        @Override
        protected void execute() {
            PaymentId payment = id(id);
            change(site -> site.refund(payment, override, reason));
        }
    }

    /** Money was taken back. */
    @Command(
            name = "chargeback",
            description = "Records that a payer had the money taken back; credits that were used are owed then.")
    static final class Chargeback extends OfCharges {
        @Parameters(index = "0", paramLabel = "PROVIDER", description = "Who had taken the money.")
        private String provider = "";

        @Parameters(index = "1", paramLabel = "CHARGE", description = "What the provider calls the payment.")
        private String charge = "";

        @Option(
                names = "--period-end",
                paramLabel = "SECONDS",
                defaultValue = "0",
                description = "Of a renewal, when its period ends, in seconds since 1970 (default: 0).")
        private long periodEnd;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "What was said.")
        private String reason = "";

        @Override
        protected void execute() {
            Charge taken = read(charge, text -> new Charge(provider, text, periodEnd));
            change(payments -> payments.chargeBack(taken, actor(), reason));
        }
    }
}
