package io.tollgate.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OutputTest {
    private record Sample(
            UserId userId,
            Amount price,
            Amount whole,
            Duration waited,
            Instant createdAt,
            Lane lane,
            ModelName model,
            Optional<String> present,
            Optional<String> absent,
            List<Amount> all) {}

    private final Screen screen = new Screen(false);

    @Test
    void json_spellsOurTypesAsTheContractDoes() {
        Sample sample = new Sample(
                new UserId("ann"),
                Amount.parse("9.5"),
                Amount.credits(1000),
                Duration.ofMillis(90_500),
                Instant.parse("2026-01-02T03:04:05.678Z"),
                Lane.VIP,
                new ModelName("flux-2"),
                Optional.of("x"),
                Optional.empty(),
                List.of(Amount.credits(1)));

        new Output(screen.terminal(), true).result(sample, new Table("never"));

        assertThat(screen.out()).isEqualToIgnoringWhitespace("""
                        {"user_id": "ann", "price": 9.5, "whole": 1000, "waited": 90.5,
                         "created_at": "2026-01-02T03:04:05.678Z", "lane": "vip", "model": "flux-2", "present": "x",
                         "absent": null, "all": [1]}
                        """);
        assertThat(screen.err()).isEmpty();
    }

    @Test
    void json_secondDocument_isRefused() {
        Output output = new Output(screen.terminal(), true);
        output.result(1, List.of());

        assertThatThrownBy(() -> output.result(2, List.of())).isInstanceOf(IllegalStateException.class);
        assertThat(screen.out().strip()).isEqualTo("1");
    }

    @Test
    void say_withJson_isSilent() {
        new Output(screen.terminal(), true).say("hello");
        new Output(screen.terminal(), false).say("hello\u001b[2J");

        assertThat(screen.out()).isEqualTo("hello·[2J\n");
    }

    @Test
    void table_widthsOfAllScripts_lineUp() {
        List<String> lines = new Table("NAME", "CREDITS", "NOTE")
                .row("ann", 5, "ok")
                .row("写真", "1000.25", "")
                .row("e\u0301va", "-3", "a\nb\u202e")
                .lines();

        assertThat(lines)
                .containsExactly(
                        "NAME  CREDITS  NOTE", //
                        "ann         5  ok",
                        "写真  1000.25",
                        "e\u0301va        -3  a·b·");
    }

    @Test
    void table_rowOfAnotherWidth_isRefused() {
        assertThatThrownBy(() -> new Table("A", "B").row("only one")).isInstanceOf(IllegalArgumentException.class);
    }
}
