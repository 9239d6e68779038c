package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Money as an operator handles it. */
final class PaymentsCommandTest {
    @TempDir
    private Path dir;

    private Cli cli = Cli.withoutTrial(Path.of(""));
    private String with = "";

    @BeforeEach
    void makeDirectory() throws IOException {
        cli = Cli.withoutTrial(dir.resolve("data"));
        Path config = Files.writeString(dir.resolve("tollgate.conf"), """
                packs.small { title = "50 credits", price = "4.99 EUR", credits = 50 }
                packs.large { title = "300 credits", price = "19.99 EUR", credits = 300 }
                """);
        with = " --config " + config;
    }

    /** Pays for the small pack, and says what the payment is called. */
    private String paid(String charge) {
        String payload =
                cli.json("credits buy local small" + with).path("payload").asText();
        return record(charge, payload).path("id").asText();
    }

    private JsonNode record(String charge, String payload) {
        return Cli.runAs(java.util.List.of(
                        "payments",
                        "record",
                        "--charge",
                        charge,
                        "--user",
                        "local",
                        "--money",
                        "4.99 EUR",
                        "--invoice",
                        payload,
                        "--json",
                        "--data",
                        cli.data().toString()))
                .json();
    }

    @Test
    void packs_areListed_theCheapestFirst() {
        assertThat(cli.json("credits packs" + with).path("packs").findValuesAsText("name"))
                .containsExactly("small", "large");
        assertThat(cli.ok("credits packs" + with).out()).contains("4.99 EUR").contains("50 credits");
        assertThat(cli.ok("credits packs").out()).contains("nothing is sold");
    }

    @Test
    void buy_payAndRefund_goesThroughTheBooks() {
        JsonNode invoice = cli.json("credits buy local small" + with);
        assertThat(cli.ok("credits buy local large" + with).out()).contains("19.99 EUR", "pay ", "payload  inv:");

        JsonNode payment = record("r-1", invoice.path("payload").asText());
        JsonNode again = record("r-1", invoice.path("payload").asText());

        assertThat(payment.path("state").asText()).isEqualTo("credited");
        assertThat(again.path("id")).isEqualTo(payment.path("id"));
        assertThat(cli.json("credits show local").path("available").asInt()).isEqualTo(50);
        String id = payment.path("id").asText();
        assertThat(cli.json("payments refund %s --reason unwanted", id)
                        .path("state")
                        .asText())
                .isEqualTo("refunded");
        assertThat(cli.json("credits show local").path("available").asInt()).isZero();
        Cli.Run twice = cli.run("payments refund %s --reason unwanted", id);
        assertThat(twice.code()).isEqualTo(1);
        assertThat(twice.err()).contains("is refunded; nothing was changed");
        assertThat(cli.json("payments list --state refunded --user local")
                        .path("payments")
                        .findValuesAsText("id"))
                .containsExactly(id);
        assertThat(cli.json("audit").path("ok").asBoolean()).isTrue();
    }

    @Test
    void refund_ofASpentPack_needsAnOverrideAndLeavesADebtThatIsShown() throws IOException {
        String id = paid("r-1");
        Path photo = Cli.photo(dir.resolve("photo.jpg"));
        String job =
                cli.json("submit image-enhance -i image=@%s", photo).path("id").asText();

        Cli.Run refused = cli.run("payments refund %s --reason unwanted", id);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("0 were spent, 10 are held").contains("--override");
        cli.ok("payments refund %s --reason unwanted --override", id);
        assertThat(cli.json("credits show local").path("debt").asInt()).isZero();
        cli.ok("jobs cancel %s", job);

        assertThat(cli.json("credits show local").path("available").asInt()).isZero();
        assertThat(cli.json("audit").path("ok").asBoolean()).isTrue();
    }

    @Test
    void chargeback_ofSpentCredits_showsTheDebtAndStopsJobs() throws IOException {
        paid("r-1");
        Path photo = Cli.photo(dir.resolve("photo.jpg"));
        cli.ok("submit image-enhance -i image=@%s --watch", photo);

        cli.ok("payments chargeback manual r-1 --reason disputed");

        assertThat(cli.json("credits show local").path("debt").asInt()).isEqualTo(-10);
        assertThat(cli.ok("credits show local").out()).contains("debt       -10");
        cli.ok("credits grant local 100");
        Cli.Run refused = cli.run("submit image-enhance -i image=@%s", photo);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("you owe 10 credits");
        paid("r-2");
        assertThat(cli.json("credits show local").path("debt").asInt()).isZero();
        assertThat(cli.json("credits show local").path("available").asInt()).isEqualTo(140);
        cli.ok("submit image-enhance -i image=@%s", photo);
    }

    @Test
    void record_withoutAnInvoice_waitsToBeMatched() {
        String id = record("r-1", "inv:unknown").path("id").asText();

        assertThat(cli.ok("payments list --state unmatched").out()).contains(id).contains("no invoice with this");
        assertThat(cli.json("payments match %s ann 40 --reason told-so", id)
                        .path("user_id")
                        .asText())
                .isEqualTo("ann");
        assertThat(cli.json("credits show ann").path("available").asInt()).isEqualTo(40);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "credits buy local huge | there is no pack 'huge'; there are [small, large]",
                "credits buy l/ocal small | a user id has",
                "payments list --state lost | there is no state 'lost'; there are credited, unmatched",
                "payments list --limit 0 | --limit must be between",
                "payments record --charge c --user local --money 4.99 | such as '4.99 EUR'",
                "payments record --charge c --user local --money -1EUR | such as '4.99 EUR'",
                "payments record --provider X --charge c --user local --money 1EUR | a provider is",
                "payments match nonsense ann 5 --reason because | is not a payment's id",
                "payments match 01900000-0000-7000-8000-000000000001 ann 0 --reason because | more than 0 credits",
                "payments match 01900000-0000-7000-8000-000000000001 ann 5 --reason because | there is no payment",
                "payments refund 01900000-0000-7000-8000-000000000001 --reason because | there is no payment",
                "payments refund 01900000-0000-7000-8000-000000000001 --reason x | reason must have 3 to 500",
                "payments chargeback manual nothing --reason because | there is no payment manual nothing",
            })
    void badInput_isRefusedInOneLine(String line, String problem) {
        Cli.Run run = cli.run(line + with);

        assertThat(run.code()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).contains(problem);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(cli.json("audit").path("counts").path("payments").asInt()).isZero();
    }

    @Test
    void refund_withoutAReason_isAMistakeInTheCommand() {
        assertThat(cli.run("payments refund 01900000-0000-7000-8000-000000000001")
                        .code())
                .isEqualTo(2);
    }
}
