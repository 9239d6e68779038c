package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.app.command.Cli.Run;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wishes about credits that make no sense: one clear line, exit code 1 or 2, and not a row of the database changed. */
final class BadCreditsTest {
    /** A wish, the exit code, and what the line says. */
    private record Bad(String says, int code, List<String> words) {}

    private static final String LONG = "k".repeat(300);
    private static final String NUL = "a\0b";
    private static final String HALF = "half \uD800 a pair";
    private static final String STORABLE = "must not have the character NUL or half a surrogate pair";

    @TempDir
    private Path dir;

    private static Bad refused(String says, String... words) {
        return new Bad(says, 1, List.of(words));
    }

    private static Bad wrong(String says, String... words) {
        return new Bad(says, 2, List.of(words));
    }

    private static final List<Bad> TABLE = List.of(
            // amounts
            refused("more than 0", "credits", "grant", "eva", "0"),
            refused("more than 0", "credits", "grant", "eva", "--", "-5"),
            refused("at most two decimal places", "credits", "grant", "eva", "0.001"),
            refused("not an amount", "credits", "grant", "eva", "ten"),
            refused("not an amount", "credits", "grant", "eva", ""),
            refused("not an amount", "credits", "grant", "eva", NUL),
            refused("credits at once", "credits", "grant", "eva", "92233720368547758.07"),
            refused("at most two decimal places", "credits", "grant", "eva", "92233720368547758.08"),
            refused("at most two decimal places", "credits", "grant", "eva", "1e400"),
            refused("not 0", "credits", "adjust", "eva", "0", "--reason", "because"),
            refused("at most two decimal places", "credits", "adjust", "eva", "1.005", "--reason", "because"),
            refused("credits at once", "credits", "adjust", "eva", "92233720368547758.07", "--reason", "because"),
            refused(
                    "credits at once",
                    "credits",
                    "adjust",
                    "--reason",
                    "because",
                    "--",
                    "eva",
                    "-92233720368547758.08"),
            refused("eva has 21 credits, not 22", "credits", "adjust", "--reason", "because", "--", "eva", "-22"),
            // users
            refused("a user id has", "credits", "grant", "e v a", "5"),
            refused("a user id has", "credits", "grant", "", "5"),
            refused("a user id has", "credits", "grant", NUL, "5"),
            refused("a user id has", "credits", "grant", HALF, "5"),
            refused("a user id has", "credits", "grant", LONG, "5"),
            refused("a user id has", "credits", "adjust", "../eva", "5", "--reason", "because"),
            refused("a user id has", "credits", "show", "e/va"),
            refused("a user id has", "credits", "history", "e/va"),
            refused("a user id has", "credits", "draw", "e/va"),
            refused("a user id has", "users", "tier", "e/va", "gold"),
            refused("nobody has 0 credits, not 5", "credits", "adjust", "--reason", "because", "--", "nobody", "-5"),
            // reasons
            wrong("--reason", "credits", "adjust", "eva", "5"),
            refused("3 to 500 characters", "credits", "adjust", "eva", "5", "--reason", "  x "),
            refused("3 to 500 characters", "credits", "grant", "eva", "5", "--reason", ""),
            refused("3 to 500 characters", "credits", "adjust", "eva", "5", "--reason", LONG + LONG),
            refused(STORABLE, "credits", "adjust", "eva", "5", "--reason", NUL),
            refused(STORABLE, "credits", "grant", "eva", "5", "--reason", HALF),
            refused("3 to 500 characters", "users", "tier", "eva", "gold", "--reason", "no"),
            refused(STORABLE, "users", "tier", "eva", "gold", "--reason", NUL),
            // keys
            refused("1 to 200 characters", "credits", "grant", "eva", "5", "--idempotency-key", LONG),
            refused(
                    "1 to 200 characters",
                    "credits",
                    "adjust",
                    "eva",
                    "5",
                    "--reason",
                    "because",
                    "--idempotency-key",
                    LONG),
            refused(STORABLE, "credits", "grant", "eva", "5", "--idempotency-key", NUL),
            refused(STORABLE, "credits", "adjust", "eva", "5", "--reason", "because", "--idempotency-key", HALF),
            refused("was used for another grant", "credits", "grant", "eva", "5", "--idempotency-key", "used"),
            refused(
                    "was used for another adj",
                    "credits",
                    "adjust",
                    "eva",
                    "5",
                    "--reason",
                    "because",
                    "--idempotency-key",
                    "used"),
            // tiers and times
            refused("there is no tier 'platinum'", "users", "tier", "eva", "platinum"),
            refused("there is no tier ''", "users", "tier", "eva", ""),
            refused("must be a time", "users", "tier", "eva", "gold", "--until", "tomorrow"),
            refused("ends after now", "users", "tier", "eva", "gold", "--until", "2001-01-01T00:00:00Z"),
            // the rest
            refused("between 1 and 1000", "credits", "history", "eva", "--limit", "0"),
            refused("between 1 and 1000", "credits", "history", "eva", "--limit", "-1"),
            wrong("many", "credits", "history", "eva", "--limit", "many"),
            wrong("AMOUNT", "credits", "grant", "eva"),
            wrong("USER", "credits", "grant"));

    @Test
    void wish_thatMakesNoSense_isOneLineAndChangesNoRow() throws SQLException {
        Cli cli = Cli.withoutTrial(dir);
        cli.ok("credits grant eva 20 --idempotency-key used");
        cli.ok("credits adjust eva 1 --reason %s --idempotency-key used", "a mistake");
        cli.ok("users tier eva silver");
        cli.ok("credits draw ivan"); // so that the database is there
        Map<String, List<String>> before = rows();
        assertThat(before).containsKeys("credit_grant", "ledger_entry").hasSizeGreaterThan(15);

        for (Bad bad : TABLE) {
            List<String> words = new ArrayList<>(bad.words());
            words.addAll(
                    words.indexOf("--") < 0 ? words.size() : words.indexOf("--"), List.of("--data", dir.toString()));

            Run run = Cli.runAs(words);

            String name = bad.words().toString().replace('\0', '?');
            assertThat(run.code()).as(name + ": " + run.err()).isEqualTo(bad.code());
            assertThat(run.err().lines()).as(name).hasSize(1);
            assertThat(run.err())
                    .as(name)
                    .startsWith("tollgate: ")
                    .contains(bad.says())
                    .doesNotContain("Exception");
            assertThat(run.out()).as(name).isEmpty();
            assertThat(rows()).as(name).isEqualTo(before);
        }
        cli.ok("audit");
    }

    @Test
    void show_ofSomebodyNeverSeen_makesNobody() throws SQLException {
        Cli cli = Cli.withoutTrial(dir);
        cli.ok("credits grant eva 20");
        Map<String, List<String>> before = rows();

        assertThat(cli.json("credits show nobody").path("available").asInt()).isZero();
        cli.ok("credits history nobody");

        assertThat(rows()).isEqualTo(before);
    }

    /** Every row of every table. */
    private Map<String, List<String>> rows() throws SQLException {
        Map<String, List<String>> all = new TreeMap<>();
        List<String> names = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("tollgate.db"));
                Statement statement = connection.createStatement()) {
            try (ResultSet table =
                    statement.executeQuery("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")) {
                while (table.next()) {
                    names.add(table.getString(1));
                }
            }
            for (String name : names) {
                List<String> rows = new ArrayList<>();
                try (ResultSet row = statement.executeQuery("SELECT * FROM \"" + name + "\"")) {
                    while (row.next()) {
                        StringBuilder text = new StringBuilder();
                        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                            byte[] bytes = row.getBytes(i);
                            text.append(bytes == null ? "null" : new String(bytes, StandardCharsets.ISO_8859_1))
                                    .append('|');
                        }
                        rows.add(text.toString());
                    }
                }
                all.put(name, rows);
            }
        }
        return all;
    }
}
