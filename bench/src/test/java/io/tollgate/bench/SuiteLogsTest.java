package io.tollgate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads what the tests of all modules before this one logged, down to the details, and looks for secrets by their
 * shape. Modules write it to {@code target/suite.log}; this module is built last.
 */
final class SuiteLogsTest {
    private static final Pattern SECRET = Pattern.compile(String.join(
            "|",
            "tg_live_[0-9A-Za-z]{16,}", // a key
            "whsec_[0-9A-Za-z+/=]{16,}", // what messages are signed with
            "(?i)bearer [0-9A-Za-z._~+/-]{16,}", // somebody's key, or a proxy's
            "[?&]signature=[0-9A-Za-z_-]{16,}", // an address that opens a file
            "(?<![0-9])[0-9]{8,10}:[0-9A-Za-z_-]{35}\\b")); // a Telegram bot's token

    @Test
    void logs_ofAllModules_haveNoSecret() throws IOException {
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            List<Path> logs = modules.map(module -> module.resolve("target/suite.log"))
                    .filter(Files::isRegularFile)
                    .toList();
            for (Path log : logs) {
                assertThat(secrets(log)).as(log.toString()).isEmpty();
            }
        }
    }

    @Test
    void secrets_ofEveryShape_areFound(@TempDir Path dir) throws IOException {
        List<String> lines = List.of(
                "DEBUG io.tollgate.http call key=\"tg_live_" + "a1".repeat(16) + "\"",
                "INFO  x secret whsec_" + "QUJD".repeat(8),
                "WARN  x Authorization: Bearer abcdefghijklmnop",
                "INFO  x GET /api/v2/assets/1/content?expires=1&signature=" + "b".repeat(22),
                "INFO  x POST /bot12345678:" + "c".repeat(35) + "/getMe");
        Path log = Files.write(dir.resolve("suite.log"), lines);

        assertThat(secrets(log)).isEqualTo(lines);
        assertThat(secrets(Files.writeString(log, "INFO  x a key tg_live_… of ann, Bearer ***, signature=***")))
                .isEmpty();
    }

    private static List<String> secrets(Path log) throws IOException {
        List<String> found = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(log), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (SECRET.matcher(line).find()) {
                    found.add(line);
                }
            }
        }
        return found;
    }
}
