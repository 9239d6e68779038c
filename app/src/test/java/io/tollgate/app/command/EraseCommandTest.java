package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user who wants to be forgotten. */
final class EraseCommandTest {
    @TempDir
    private Path dir;

    private Cli cli = new Cli(Path.of(""));

    @BeforeEach
    void makeDirectory() {
        cli = new Cli(dir.resolve("data"));
    }

    @Test
    void erase_ofAUser_leavesNoFileAndNoRow() throws IOException {
        Path photo = Cli.photo(dir.resolve("photo.jpg"));
        cli.ok("credits grant boris 100");
        cli.ok("submit image-enhance -i image=@%s -i scale=2 --watch --out %s --user boris", photo, dir.resolve("out"));
        String waiting = cli.json("submit video-pan -i image=@%s --user boris", photo)
                .path("id")
                .asText();

        Cli.Run busy = cli.run("users erase boris --reason request");
        assertThat(busy.code()).isEqualTo(1);
        assertThat(busy.err())
                .contains("1 live jobs, 1 open holds and 0 pending refunds; cancel or settle them first.");
        cli.ok("jobs cancel %s --user boris", waiting);
        String pseudonym =
                cli.json("users erase boris --reason request").path("pseudonym").asText();

        assertThat(pseudonym).startsWith("erased:");
        assertThat(cli.json("credits show %s", pseudonym).path("available").asInt())
                .as("100 and a trial of 20, less 10")
                .isEqualTo(110);
        assertThat(cli.json("credits show boris").path("grants")).isEmpty();
        assertThat(cli.json("jobs list --user boris").path("jobs")).isEmpty();
        assertThat(cli.json("storage").path("kinds")).isEmpty();
        assertThat(cli.json("audit").path("ok").asBoolean()).isTrue();
        assertThat(cli.json("credits totals").path("adds_up").asBoolean()).isTrue();
        try (Stream<Path> files = Files.walk(cli.data().resolve("media"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain("boris");
            }
        }
        assertThat(cli.run("users erase boris --reason request").err()).contains("there is no user boris");
        for (String line : List.of(
                "submit video-pan -i image=@" + photo + " --user " + pseudonym,
                "credits grant " + pseudonym + " 5",
                "users tier " + pseudonym + " gold")) {
            Cli.Run refused = cli.run(line);
            assertThat(refused.code()).as(line).isEqualTo(1);
            assertThat(refused.err()).as(line).contains(pseudonym);
        }
    }
}
