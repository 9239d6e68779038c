package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users that come from another system, and go to one. */
final class ImportExportTest {
    @TempDir
    private Path dir;

    private Cli cli = new Cli(Path.of(""));

    @BeforeEach
    void makeDirectory() {
        cli = new Cli(dir.resolve("data"));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(dir.resolve("users"), text);
    }

    private JsonNode imported(Path file) {
        return cli.json("credits import %s --origin old-bot", file);
    }

    @Test
    void import_ofACsv_isDoneOnce() throws IOException {
        Path file = file("""
                user,balance,tier,tier_until
                eva,12.34,,
                adam,0,gold,2099-01-31T00:00:00Z
                tg:42,7,silver,
                nobody,0.00,,
                """);

        JsonNode dry = cli.json("credits import %s --origin old-bot --dry-run", file);
        assertThat(dry.path("users").asInt()).isEqualTo(4);
        assertThat(cli.json("credits show eva").path("grants")).isEmpty();

        JsonNode first = imported(file);
        cli.ok("users tier tg:42 standard");
        JsonNode again = imported(file);

        assertThat(List.of(
                        first.path("made").asInt(),
                        first.path("there").asInt(),
                        first.path("empty").asInt()))
                .containsExactly(3, 0, 1);
        assertThat(List.of(again.path("made").asInt(), again.path("there").asInt()))
                .containsExactly(0, 3);
        assertThat(first.path("credits").decimalValue()).isEqualByComparingTo("19.34");
        JsonNode eva = cli.json("credits show eva");
        assertThat(eva.path("grants").path(0).path("remaining").decimalValue()).isEqualByComparingTo("12.34");
        assertThat(eva.path("grants").path(0).path("source").asText()).isEqualTo("opening");
        assertThat(eva.path("grants").path(0).path("reason").asText()).doesNotContain("eva");
        assertThat(cli.json("users show adam").path("tier").asText()).isEqualTo("gold");
        assertThat(cli.json("users show tg:42").path("tier").asText())
                .as("not set back")
                .isEqualTo("standard");
        assertThat(cli.json("credits totals")
                        .path("days")
                        .path(6)
                        .path("issued_opening")
                        .decimalValue())
                .isEqualByComparingTo("19.34");
        assertThat(cli.json("audit").path("ok").asBoolean()).isTrue();
    }

    @Test
    void import_withAnotherBalanceThanBefore_leavesThatUserAndSaysSo() throws IOException {
        imported(file("user,balance\neva,5\n"));

        Cli.Run run = cli.run("credits import %s --origin old-bot --json", file("user,balance\neva,6\nadam,1\n"));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.json().path("made").asInt()).isEqualTo(1);
        assertThat(run.err()).contains("eva was brought along from old-bot with something else before");
        assertThat(cli.json("credits show eva")
                        .path("grants")
                        .path(0)
                        .path("remaining")
                        .asInt())
                .isEqualTo(5);
        assertThat(cli.json("credits import %s --origin another", file("user,balance\neva,6\n"))
                        .path("made")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void export_andImportIntoAnother_isTheSame() throws IOException {
        imported(file("""
                [
                  {"user": "eva", "balance": 12.34, "tier": "gold", "tier_until": "2099-01-31T00:00:00Z"},
                  {"user": "@adam", "balance": "7"}
                ]
                """));
        for (String format : List.of("csv", "json")) {
            Path out = dir.resolve("out." + format);

            assertThat(cli.json("credits export --format %s %s", format, out)
                            .path("users")
                            .asInt())
                    .isEqualTo(2);
            Cli other = new Cli(dir.resolve("other-" + format));
            assertThat(other.json("credits import %s --origin this", out)
                            .path("made")
                            .asInt())
                    .isEqualTo(2);
            assertThat(other.ok("credits export").out())
                    .isEqualTo(cli.ok("credits export").out());
        }
        assertThat(cli.ok("credits export").out().lines())
                .containsExactly(
                        "user,tier,tier_until,available,held,debt",
                        "@adam,standard,,7,0,0",
                        "eva,gold,2099-01-31T00:00:00Z,12.34,0,0");
        JsonNode json = cli.json("credits export");
        assertThat(json.path(1).path("grants").path(0).path("remaining").decimalValue())
                .isEqualByComparingTo("12.34");
    }

    @Test
    void export_ofNobody_isAHeaderOrAnEmptyList() {
        assertThat(cli.ok("credits export").out()).isEqualTo("user,tier,tier_until,available,held,debt\n");
        assertThat(cli.json("credits export")).isEmpty();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "user,balance;eva,1.234 | line 2: credits have at most two decimal places",
                "user,balance;eva,-1 | line 2: a balance is 0 to",
                "user,balance;eva,1e9 | line 2: not a balance: '1e9'",
                "user,balance;eva,NaN | line 2: not a balance",
                "user,balance;eva,99999999999 | line 2: a balance is 0 to",
                "user,balance;eva, | line 2: a balance is missing",
                "user,balance;e va,1 | line 2: not a user: 'e va'",
                "user,balance;erased:1,1 | line 2: nobody can be called erased:1",
                "user,balance;eva,1;;eva,2 | line 4: eva is in line 2 already",
                "user,balance,tier;eva,1,platinum | line 2: there is no tier 'platinum'",
                "user,balance,tier,tier_until;eva,1,gold,soon | line 2: tier_until is a time",
                "user,balance,tier,tier_until;eva,1,gold,2001-01-01T00:00:00Z | line 2: a tier ends after now",
                "user,balance,tier,tier_until;eva,1,,2099-01-01T00:00:00Z | line 2: tier_until without a tier",
                "user,available,held,debt;eva,1,3,0 | line 2: held is 3",
                "user,balance,color;eva,1,red | line 1: there is no column 'color'",
                "eva,1;adam,2 | line 1: there is no column 'eva'",
                "user;eva | line 1: the first line names the columns",
                "user,balance;eva,1,2,3 | line 2: not CSV",
                "user,balance;\"eva,1 | not CSV",
                "[{'user':'eva','balance':1},;{'user':'eva','balance':1}] | line 2: eva is in line 1 already",
                "[{'user':'eva','user':'adam','balance':1}] | line 1: not JSON",
                "[{'user':'eva','balance':{}}] | line 1: 'balance' is a single value",
                "[{'user':'eva','balance':1.5e1}] | line 1: not a balance",
                "[{'user':'eva','balance':1}, 7] | the list has something else",
                "[{'user':'eva','balance':1}] 7 | something follows the list",
                "[{'user':'eva','balance':1} | not JSON",
                "{'user':'eva','balance':1} | line 1: the file is a list of objects",
            })
    void import_ofAWrongFile_namesTheLineAndChangesNothing(String text, String problem) throws IOException {
        Path file = file("\uFEFF" + text.replace(';', '\n').replace('\'', '"') + "\n");

        Cli.Run run = cli.run("credits import %s --origin old-bot", file);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains(problem).contains("nothing was changed");
        assertThat(cli.ok("credits export").out().lines()).hasSize(1);
    }

    @Test
    void import_ofAFileWithManyProblems_tellsThemAll() throws IOException {
        Path file = file("user,balance\n" + "e va,x\n".repeat(60));

        JsonNode json =
                cli.run("credits import %s --origin old-bot --json", file).json();

        assertThat(json.path("problem_count").asInt()).isEqualTo(120);
        assertThat(json.path("problems")).hasSize(OpeningFile.MOST_PROBLEMS);
    }

    @Test
    void import_ofHostileBytes_isRefusedInOneLine() throws IOException {
        byte[] latin = "user,balance\nev\u00e4,1\n".getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(dir.resolve("latin"), latin);

        Cli.Run run = cli.run("credits import %s --origin old-bot", file);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("is not UTF-8");
        assertThat(cli.run("credits import %s --origin old-bot", file("user,balance\n\u001b[31meva\u0000,1\n"))
                        .err())
                .contains("not a user")
                .doesNotContain("\u001b")
                .doesNotContain("\u0000");
        assertThat(cli.run("credits import %s --origin old-bot", dir).err()).contains("there is no file");
        assertThat(cli.run("credits import %s --origin a/b", file).err()).contains("--origin has");
        assertThat(cli.run("credits import %s", file).code()).isEqualTo(2);
    }
}
