package io.tollgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/configuration.md} and the keys the same. */
final class ConfigurationPageTest {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    @Test
    void page_hasARowForEveryKey_andNoOther() throws IOException {
        List<String> expected =
                Keys.ALL.stream().map(ConfigurationPageTest::row).toList();

        List<String> rows = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(rows)
                .as("put these rows into docs/configuration.md:\n%s\n", String.join("\n", expected))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void defaults_areAllKeys() {
        assertThat(ConfigLoader.load(Optional.empty(), Map.of(), Map.of()).warnings())
                .isEmpty();
    }

    private static String row(Key<?> key) {
        return "| `" + key + "` | " + key.kind().name() + " | " + preset(key) + " | `" + key.environmentName() + "`"
                + (key.isSecret() ? ", `" + key.environmentName() + "_FILE`" : "") + " | " + key.meaning()
                + " Allowed: " + key.kind().allowed() + ". |";
    }

    private static String preset(Key<?> key) {
        Config reference = ConfigLoader.reference().resolve();
        String path = key.toString();
        if (path.contains(Key.NAME)) {
            return key.preset().map(preset -> "`" + preset + "`").orElse("");
        }
        return reference.hasPath(path)
                ? "`"
                        + reference
                                .getValue(path)
                                .render(ConfigRenderOptions.concise())
                                .replace("\"", "") + "`"
                : "";
    }
}
