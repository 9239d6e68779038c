package io.tollgate.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.app.config.LoadedConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class TollgateCommandLineTest {
    @TempDir
    private Path dir;

    /** What a command does that the tests need. */
    @Command(name = "probe", description = "Probes.")
    static final class Probe extends TollgateCommand {
        @Parameters(arity = "0..1", defaultValue = "show")
        private String what = "show";

        @Option(names = "--count", defaultValue = "1")
        private int count = 1;

        @Override
        protected void execute() throws Exception {
            switch (what) {
                case "show" -> show();
                case "refuse" -> throw new CommandFailed("user ann has 3 credits, 10 are needed");
                case "secret" -> throw new CommandFailed("can't reach jdbc:postgresql://me:geheim@db/x");
                case "break" -> throw new IOException("line one\nline \u001b[2Jtwo");
                case "who" -> output().say(user().value());
                default -> throw new IllegalStateException(what);
            }
        }

        private void show() {
            LoadedConfig loaded = config();
            LoggerFactory.getLogger(Probe.class).info("shown");
            Object document = new Shown(loaded.config().dataDir(), count);
            output().result(document, List.of("data in " + loaded.config().dataDir()));
        }
    }

    private record Shown(Path dataDir, int count) {}

    private final Screen screen = new Screen(false);

    private int run(String... arguments) {
        return run(Map.of(), arguments);
    }

    private int run(Map<String, String> environment, String... arguments) {
        return new TollgateCommandLine(screen.terminal(), environment, List.of(new Probe())).run(arguments);
    }

    @Test
    void version_isPrinted() {
        assertThat(run("--version")).isZero();
        assertThat(screen.out()).isEqualTo("tollgate " + Version.current() + "\n");
        assertThat(screen.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "probe --help"})
    void help_isPrintedToStandardOutput(String line) {
        assertThat(run(line.split(" "))).isZero();
        assertThat(screen.out()).contains("Usage: tollgate", "--json", "--config", "Exit codes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "prove", "--frob", "probe --frob", "probe --count x", "probe a b", "probe --config"})
    void wrongUsage_oneLineAndExit2(String line) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
        assertThat(screen.err().lines())
                .singleElement()
                .asString()
                .startsWith("tollgate: ")
                .contains("--help");
        assertThat(screen.out()).isEmpty();
    }

    @Test
    void refused_oneLineAndExit1() {
        assertThat(run("probe", "refuse")).isEqualTo(1);
        assertThat(screen.err()).isEqualTo("tollgate: user ann has 3 credits, 10 are needed\n");
        assertThat(screen.out()).isEmpty();
    }

    @Test
    void broken_oneLineWithoutTraceOrControlCharacters() {
        assertThat(run("probe", "break")).isEqualTo(1);
        assertThat(screen.err()).isEqualTo("tollgate: java.io.IOException: line one·line ·[2Jtwo\n");
    }

    @Test
    void broken_secretInTheMessage_isHidden() {
        assertThat(run("probe", "secret")).isEqualTo(1);
        assertThat(screen.err()).contains("jdbc:postgresql://me:(hidden)@db/x").doesNotContain("geheim");
    }

    @Test
    void wrongConfig_allProblemsAndExit1() throws IOException {
        Path file = Files.writeString(dir.resolve("t.conf"), "http.port = x\nnod = y\n");

        assertThat(run("probe", "--config", file.toString())).isEqualTo(1);
        assertThat(screen.err().lines()).hasSize(2).allMatch(line -> line.startsWith("tollgate: " + file + ":"));
    }

    @Test
    void missingConfig_exit1() {
        assertThat(run(Map.of("TOLLGATE_CONFIG", dir.resolve("none").toString()), "probe"))
                .isEqualTo(1);
        assertThat(screen.err()).contains("there is no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--data %s --json probe --count 7", "probe --data %s --json --count 7"})
    void json_optionsBeforeOrAfterTheCommand_oneDocumentOnStandardOutput(String line) {
        assertThat(run(String.format(line, dir).split(" "))).isZero();
        assertThat(screen.out()).isEqualToIgnoringWhitespace("{\"data_dir\":\"" + dir + "\",\"count\":7}");
        assertThat(screen.err()).contains("shown");
    }

    @Test
    void people_getLines_andLogsAsAsked() {
        assertThat(run("probe", "--data", "x", "--log-format", "json", "--log-level", "info"))
                .isZero();
        assertThat(screen.out()).isEqualTo("data in x\n");
        assertThat(screen.err()).startsWith("{").contains("\"message\":\"shown\"");
    }

    @Test
    void logLevel_aboveTheLine_hidesIt() {
        assertThat(run("probe", "--log-level", "warn")).isZero();
        assertThat(screen.err()).isEmpty();
    }

    @Test
    void user_isLocalUnlessSaid() {
        assertThat(run("probe", "who")).isZero();
        assertThat(run("probe", "who", "--user", "ann")).isZero();
        assertThat(run("probe", "who", "--user", "a b")).isEqualTo(1);
        assertThat(screen.out()).isEqualTo("local\nann\n");
        assertThat(screen.err()).startsWith("tollgate: --user: a user id has");
    }
}
