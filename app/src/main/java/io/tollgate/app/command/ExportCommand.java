package io.tollgate.app.command;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.CreditService;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.Holdings;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who has what, for another system. */
@Command(name = "export", description = "Writes what every user has, as CSV or JSON, to a file or to standard output.")
final class ExportCommand extends LocalCommand {
    private static final int PAGE = 500;
    private static final CsvSchema COLUMNS = CsvSchema.builder()
            .addColumn("user")
            .addColumn("tier")
            .addColumn("tier_until")
            .addColumn("available")
            .addColumn("held")
            .addColumn("debt")
            .build()
            .withHeader();

    /** How it is written. */
    enum Format {
        CSV,
        JSON
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "csv or json; json has the grants too (default: csv, or json with --json).")
    private @Nullable Format format;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "Where to; without it standard output.")
    private @Nullable Path file;

    private record Document(Path file, String format, long users) {}

    @Override
    protected void execute() throws IOException {
        boolean forPrograms = output().isJson() && file == null;
        Format as = format == null ? (forPrograms ? Format.JSON : Format.CSV) : format;
        try (ServiceContainer container = open(Access.READ)) {
            CreditService credits = container.tollgate().credits();
            if (file == null) {
                OutputStream out = unclosed(terminal().out());
                write(as, out, credits);
                terminal().out().flush();
                return;
            }
            Path whole = file.toAbsolutePath();
            Path part = whole.resolveSibling(whole.getFileName() + ".part");
            long users;
            try (OutputStream out = Files.newOutputStream(part)) {
                users = write(as, out, credits);
            }
            Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
            output().result(
                            new Document(whole, as.name().toLowerCase(Locale.ROOT), users),
                            List.of("wrote " + users + " users to " + whole));
        }
    }

    private static long write(Format as, OutputStream out, CreditService credits) throws IOException {
        return switch (as) {
            case CSV -> csv(out, credits);
            case JSON -> json(out, credits);
        };
    }

    private interface Line {
        void write(Holdings holdings) throws IOException;
    }

    /** Page by page, so that a million users need no more room than some. */
    private static long forEach(CreditService credits, Line line) throws IOException {
        Optional<UserId> after = Optional.empty();
        long users = 0;
        while (true) {
            List<Holdings> page = credits.holdings(after, PAGE);
            for (Holdings holdings : page) {
                if (!holdings.account().user().isErased()) {
                    line.write(holdings);
                    users++;
                }
            }
            if (page.size() < PAGE) {
                return users;
            }
            after = Optional.of(page.get(PAGE - 1).account().user());
        }
    }

    private static long csv(OutputStream out, CreditService credits) throws IOException {
        CsvMapper mapper = CsvMapper.builder().build();
        try (CsvGenerator to = mapper.getFactory().createGenerator(out)) {
            to.enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN.mappedFeature());
            to.setSchema(COLUMNS);
            return forEach(credits, holdings -> {
                to.writeStartObject();
                head(to, holdings, credits);
                to.writeEndObject();
            }); // the header comes with the first line, or at the end
        }
    }

    private static long json(OutputStream out, CreditService credits) throws IOException {
        JsonMapper mapper = JsonMapper.builder()
                .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                .build();
        try (JsonGenerator to = mapper.getFactory().createGenerator(out)) {
            to.useDefaultPrettyPrinter();
            to.writeStartArray();
            long users = forEach(credits, holdings -> {
                to.writeStartObject();
                head(to, holdings, credits);
                to.writeArrayFieldStart("grants");
                for (Grant grant : holdings.grants()) {
                    grant(to, grant);
                }
                to.writeEndArray();
                to.writeEndObject();
            });
            to.writeEndArray();
            to.writeRaw('\n');
            return users;
        }
    }

    private static void head(JsonGenerator to, Holdings holdings, CreditService credits) throws IOException {
        Account account = holdings.account();
        to.writeStringField("user", account.user().value());
        to.writeStringField("tier", account.tier());
        time(to, "tier_until", account.tierUntil());
        to.writeNumberField("available", holdings.spendableAt(credits.now()).toCredits());
        to.writeNumberField("held", account.held().toCredits());
        to.writeNumberField("debt", account.debt().toCredits());
    }

    private static void grant(JsonGenerator to, Grant grant) throws IOException {
        to.writeStartObject();
        to.writeStringField("source", grant.source().name().toLowerCase(Locale.ROOT));
        to.writeNumberField("granted", grant.granted().toCredits());
        to.writeNumberField("remaining", grant.remaining().toCredits());
        to.writeNumberField("held", grant.held().toCredits());
        time(to, "expires_at", grant.expiresAt());
        to.writeEndObject();
    }

    private static void time(JsonGenerator to, String name, Optional<Instant> time) throws IOException {
        if (time.isPresent()) {
            to.writeStringField(name, time.get().toString());
        } else {
            to.writeNullField(name);
        }
    }

    /** The terminal stays open when the writer is closed. */
    private static OutputStream unclosed(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                out.write(bytes, from, count);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }
}
