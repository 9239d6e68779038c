package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.app.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that want to write in one data directory. */
final class TwoNodesTest {
    @TempDir
    Path directory;

    @Test
    void secondNode_onDirectoryInUse_isRefusedInOneLineUntilTheFirstIsGone() throws Exception {
        Path data = directory.resolve("data");
        try (SurvivingServer server = new SurvivingServer(0, 6)) {
            try (ChildProcess first = ChildProcess.start(
                    directory.resolve("node.log"),
                    CrashNode.class,
                    data.toString(),
                    String.valueOf(server.port()),
                    "finish")) {
                first.awaitLine("IDLE");

                Path errors = directory.resolve("second.log");
                try (ChildProcess second = ChildProcess.start(errors, Main.class, "serve", "--data", data.toString())) {
                    assertThat(second.awaitLineOrEnd("Tollgate runs")).isFalse();
                    assertThat(second.exitCode()).isEqualTo(1);
                }
                assertThat(Files.readString(errors).strip())
                        .hasLineCount(1)
                        .contains("in use", "crash node", String.valueOf(first.pid()));
                try (ChildProcess reader = ChildProcess.start(errors, Main.class, "audit", "--data", data.toString())) {
                    assertThat(reader.awaitLineOrEnd("never said")).isFalse();
                    assertThat(reader.exitCode()).isZero();
                }
                first.kill();
            }
            try (Node next = Node.open(data, server.port())) {
                next.awaitIdle();
            }
        }
    }
}
