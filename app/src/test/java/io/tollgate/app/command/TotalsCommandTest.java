package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happened day by day, and that it adds up. */
final class TotalsCommandTest {
    @TempDir
    private Path dir;

    private Cli cli = new Cli(Path.of(""));

    @BeforeEach
    void makeDirectory() {
        cli = new Cli(dir.resolve("data"));
    }

    @Test
    void totals_ofADayWithAHold_addUp() throws IOException {
        cli.ok("credits grant local 100");
        cli.ok("credits adjust local 2.5 --reason mistake");
        cli.ok("submit video-pan -i image=@%s", Cli.photo(dir.resolve("photo.jpg")));

        JsonNode totals = cli.json("credits totals");

        assertThat(totals.path("adds_up").asBoolean()).isTrue();
        assertThat(totals.path("days")).hasSize(7);
        JsonNode today = totals.path("days").path(6);
        assertThat(today.path("issued_promotional").decimalValue()).isEqualByComparingTo("120");
        assertThat(today.path("adjusted").decimalValue()).isEqualByComparingTo("2.5");
        assertThat(today.path("held").decimalValue()).isEqualByComparingTo("30");
        assertThat(today.path("end").path("available").decimalValue()).isEqualByComparingTo("92.5");
        assertThat(totals.path("accounts").path("held").decimalValue()).isEqualByComparingTo("30");
        assertThat(cli.ok("credits totals").out())
                .contains("issued 120 + adjusted 2.5 + credit back 0 - captured 0 - expired 0 - revoked 0 = 122.5")
                .contains("it adds up");
    }

    @Test
    void totals_ofBooksThatWereMeddledWith_sayWhereAndExitWith1() throws SQLException {
        cli.ok("credits grant local 100");
        try (Connection database =
                        DriverManager.getConnection("jdbc:sqlite:" + cli.data().resolve("tollgate.db"));
                Statement statement = database.createStatement()) {
            statement.execute("DROP TRIGGER ledger_entry_no_update");
            statement.execute("UPDATE ledger_entry SET amount = 9000 WHERE amount = 10000");
        }

        Cli.Run run = cli.run("credits totals --json");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.json().path("adds_up").asBoolean()).isFalse();
        assertThat(run.json().path("problems")).hasSize(2);
        assertThat(run.err()).contains("changed by 90, but what happened makes 100");
    }

    @Test
    void totals_ofWrongDays_areRefusedInOneLine() {
        assertThat(cli.run("credits totals --from yesterday").err()).contains("must be a day such as");
        assertThat(cli.run("credits totals --from 2026-02-02 --to 2026-02-01").code())
                .isEqualTo(1);
        assertThat(cli.run("credits totals --from 1900-01-01").err()).contains("totals are of 1 to");
    }
}
