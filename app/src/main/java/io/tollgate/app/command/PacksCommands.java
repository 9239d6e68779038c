package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.payment.Pack;
import io.tollgate.credits.payment.Payments;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What is sold, and how to buy it: words behind {@code credits}. */
final class PacksCommands {
    private PacksCommands() {}

    private record PackDocument(String name, String title, BigDecimal price, String currency, Amount credits) {
        static PackDocument of(Pack pack) {
            return new PackDocument(
                    pack.name(),
                    pack.title(),
                    pack.price().amount(),
                    pack.price().currency(),
                    pack.credits());
        }
    }

    private record PacksDocument(List<PackDocument> packs) {}

    /** What is sold. */
    @Command(name = "packs", description = "Lists the packs of credits that are sold.")
    static final class ListPacks extends LocalCommand {
        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.READ)) {
                List<Pack> packs = container.payments().packs().all();
                Table table = new Table("pack", "credits", "price", "title");
                packs.forEach(pack -> table.row(pack.name(), pack.credits(), pack.price(), pack.title()));
                PacksDocument document =
                        new PacksDocument(packs.stream().map(PackDocument::of).toList());
                if (packs.isEmpty()) {
                    output().result(document, List.of("nothing is sold; set packs in the configuration"));
                } else {
                    output().result(document, table);
                }
            }
        }
    }

    /** Asks for money. */
    @Command(name = "buy", description = "Opens an invoice for a pack of credits, and says how to pay it.")
    static final class Buy extends UserCommand {
        @Parameters(index = "1", paramLabel = "PACK", description = "Its name; 'credits packs' lists them.")
        private String pack = "";

        private record InvoiceDocument(
                InvoiceId id,
                String payload,
                UserId userId,
                String pack,
                BigDecimal price,
                String currency,
                Amount credits,
                Instant expiresAt,
                String provider,
                String howToPay,
                Optional<URI> link) {}

        @Override
        protected void execute() {
            whose();
            try (ServiceContainer container = open(Access.WRITE)) {
                Payments.Bought bought = await(container.payments().buy(whose(), pack));
                Invoice invoice = bought.invoice();
                List<String> lines = new ArrayList<>();
                lines.add("invoice  " + invoice.id());
                lines.add("for      " + invoice.credits() + " credits, " + invoice.price());
                lines.add("until    " + Words.time(invoice.expiresAt()) + " UTC");
                lines.add("payload  " + invoice.payload());
                lines.add("pay      " + bought.how().text());
                bought.how().link().ifPresent(link -> lines.add("link     " + link));
                output().result(
                                new InvoiceDocument(
                                        invoice.id(),
                                        invoice.payload(),
                                        invoice.user(),
                                        invoice.pack(),
                                        invoice.price().amount(),
                                        invoice.price().currency(),
                                        invoice.credits(),
                                        invoice.expiresAt(),
                                        bought.provider(),
                                        bought.how().text(),
                                        bought.how().link()),
                                lines);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }
    }
}
