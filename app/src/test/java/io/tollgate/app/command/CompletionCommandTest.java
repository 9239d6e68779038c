package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script is put into a shell, and the shell asked. */
final class CompletionCommandTest {
    private static final Path BASH = Path.of("/bin/bash");

    @TempDir
    private Path dir;

    private List<String> completed(String... words) throws IOException, InterruptedException {
        Cli.Run run = Cli.runAs(List.of("completion"));
        assertThat(run.code()).isZero();
        Path script = Files.writeString(dir.resolve("completion.sh"), run.out());
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            line.append(" '").append(word).append('\'');
        }
        Path answer = dir.resolve("answer");
        Process shell = new ProcessBuilder(
                        BASH.toString(),
                        "--norc",
                        "-c",
                        "source " + script + "; COMP_WORDS=(" + line + "); COMP_CWORD=" + (words.length - 1)
                                + "; _complete_tollgate 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\"")
                .redirectErrorStream(true)
                .redirectOutput(answer.toFile())
                .start();
        assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return Files.readString(answer, StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .toList();
    }

    @Test
    void script_inAShell_completesCommandsAndOptions() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BASH));

        assertThat(completed("tollgate", "sub")).containsExactlyInAnyOrder("submit", "submissions");
        assertThat(completed("tollgate", "jobs", "w")).containsExactlyInAnyOrder("watch", "why");
        assertThat(completed("tollgate", "submit", "--id")).containsExactly("--idempotency-key");
        assertThat(completed("tollgate", "jobs", "list", "--u")).contains("--url", "--user");
    }

    @Test
    void json_isOneDocument() {
        assertThat(Cli.runAs(List.of("completion", "--json"))
                        .json()
                        .path("script")
                        .asText())
                .contains("_complete_tollgate");
    }
}
