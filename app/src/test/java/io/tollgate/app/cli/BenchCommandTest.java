package io.tollgate.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No time is asserted: only that all is measured, and nothing left. */
@Timeout(120)
final class BenchCommandTest {
    @TempDir
    private Path dir;

    private final Screen screen = new Screen(false);

    private int run(String... arguments) {
        return new TollgateCommandLine(screen.terminal(), Map.of(), List.of(new BenchCommand())).run(arguments);
    }

    @Test
    void bench_withTinyCounts_printsEveryMeasureAndLeavesNoFiles() throws Exception {
        int exit =
                run("bench", "--json", "--data", dir.toString(), "--seconds", "1", "--queued", "100", "--starts", "10");

        assertThat(exit).as(screen.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(screen.out());
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        assertThat(names)
                .containsExactly(
                        "submit_per_s_1",
                        "submit_per_s_64",
                        "complete_per_s_1",
                        "complete_per_s_64",
                        "start_ms_p50",
                        "start_ms_p99",
                        "position_us_p99",
                        "queued",
                        "heap_bytes_per_queued_job",
                        "machine");
        assertThat(names.subList(0, 8))
                .allSatisfy(
                        name -> assertThat(json.get(name).asDouble()).as(name).isPositive());
        try (var left = Files.list(dir)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void bench_ofMissingDirectory_makesNone() {
        int exit = run("bench", "--data", dir.resolve("none").toString(), "--seconds", "0");

        assertThat(exit).isEqualTo(TollgateCommandLine.FAILED);
        assertThat(screen.err()).contains("--seconds must be 1 to 10, not 0");
        assertThat(dir.resolve("none")).doesNotExist();
    }
}
