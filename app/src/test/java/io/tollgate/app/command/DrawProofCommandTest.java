package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A draw that everybody can check. */
final class DrawProofCommandTest {
    @TempDir
    private Path dir;

    private Cli cli = new Cli(Path.of(""));
    private Path config = Path.of("");

    @BeforeEach
    void makeDirectory() throws IOException {
        cli = new Cli(dir.resolve("data"));
        config = Files.writeString(dir.resolve("tollgate.conf"), """
                lucky-draw { A { chance = 40, percent-off = 20 }, B { chance = 60, percent-off = 5 } }
                lucky-draw-proof = true
                """);
    }

    @Test
    void drawProof_ofToday_isAHashThatStaysAndNoSecret() {
        JsonNode before = cli.json("credits draw-proof --config %s", config);
        cli.ok("credits draw eva --config %s", config);
        JsonNode after =
                cli.json("credits draw-proof %s --config %s", before.path("day").asText(), config);

        assertThat(before.path("hash").asText()).matches("[0-9a-f]{64}");
        assertThat(before.path("secret").isNull()).isTrue();
        assertThat(after).isEqualTo(before);
        assertThat(cli.json("audit").path("ok").asBoolean()).isTrue();
    }

    @Test
    void drawProof_ofADayWithoutASecretOrOfNoDay_saysSoInOneLine() {
        assertThat(cli.run("credits draw-proof 2020-01-01 --config %s", config).err())
                .contains("no draw of 2020-01-01 was made of a secret");
        assertThat(cli.run("credits draw-proof tomorrow --config %s", config).err())
                .contains("must be a day such as");
        assertThat(cli.run("credits draw-proof").err()).contains("lucky-draw-proof = true");
    }
}
