package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tollgate.app.Main;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes no more: submissions are refused, nothing is half done, and the node resumes by itself. */
final class DiskTest {
    private static final int MANY = 20;
    /** With {@code -Pproof} longer than it takes to give up outputs that can't be stored, or a lease. */
    private static final Duration AWAY = Duration.ofSeconds(Proof.ASKED_FOR ? 8 : 1);

    @TempDir
    Path directory;

    @FunctionalInterface
    private interface Deed {
        void on(ChildProcess node) throws Exception;
    }

    @Test
    void files_thatMayNotGrowForAWhile_pauseTheNode() throws Exception {
        assumeTrue(Proof.ASKED_FOR, "only with -Pproof");
        Path data = Files.createDirectory(directory.resolve("data"));

        List<String> refusals = refusals(
                data,
                node -> ChildProcess.run("prlimit", "--pid", String.valueOf(node.pid()), "--fsize=0:unlimited"),
                node -> ChildProcess.run(
                        "prlimit", "--pid", String.valueOf(node.pid()), "--fsize=unlimited:unlimited"));

        assertThat(refusals).isNotEmpty();
    }

    @Test
    void disk_thatIsFullForAWhile_pausesTheNode() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        assumeTrue(mount("-t", "tmpfs", "-o", "size=128m", "tmpfs", data.toString()), "only root can mount a disk");
        try {
            Path ballast = data.resolve("ballast");

            List<String> refusals = refusals(data, node -> fill(ballast), node -> Files.delete(ballast));

            assertThat(refusals).anyMatch(why -> why.contains("full"));
        } finally {
            ChildProcess.run("umount", data.toString());
        }
    }

    @Test
    void disk_thatIsReadOnly_isReadAndNotWritten() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        try (SurvivingServer server = new SurvivingServer(0, 6);
                Node node = Node.open(data, server.port())) {
            node.awaitIdle();
        }
        assumeTrue(mount("--bind", data.toString(), data.toString()), "only root can mount a disk");
        try {
            ChildProcess.run("mount", "-o", "remount,ro,bind", data.toString());
            Path errors = directory.resolve("errors.log");

            assertThat(exitCode(errors, "audit", data)).isZero();
            assertThat(exitCode(errors, "serve", data)).isEqualTo(1);
            assertThat(Files.readString(errors).strip()).hasLineCount(1).containsIgnoringCase("read-only");
        } finally {
            ChildProcess.run("umount", data.toString());
        }
    }

    /** Takes the disk away and gives it back, under load. Returns what submitters were told meanwhile. */
    private List<String> refusals(Path data, Deed takeAway, Deed giveBack) throws Exception {
        try (SurvivingServer server = new SurvivingServer(0, 6)) {
            List<String> acknowledged;
            List<String> refusals;
            try (ChildProcess node = ChildProcess.start(
                    directory.resolve("node.log"),
                    CrashNode.class,
                    data.toString(),
                    String.valueOf(server.port()),
                    "load")) {
                node.awaitLine("END ");
                takeAway.on(node);
                node.awaitLine("REFUSED ");
                Instant end = Instant.now().plus(AWAY);
                Bounded.await(
                        "the disk is away for a while", () -> Instant.now().isAfter(end));
                giveBack.on(node);
                node.skipSaid();
                for (int i = 0; i < MANY; i++) {
                    node.awaitLine("END ");
                }
                node.kill();
                acknowledged = node.seen("ACK ");
                refusals = node.seen("REFUSED ");
            }
            try (Node node = Node.open(data, server.port())) {
                node.awaitIdle();
            }
            assertThat(new Aftermath(data, server.counts())
                            .acknowledged(acknowledged.subList(0, acknowledged.size() - 1)) // the last may be cut
                            .faults())
                    .isEmpty();
            return refusals;
        }
    }

    private static int exitCode(Path errors, String command, Path data) throws Exception {
        try (ChildProcess process = ChildProcess.start(errors, Main.class, command, "--data", data.toString())) {
            process.awaitLineOrEnd("Tollgate runs");
            return process.exitCode();
        }
    }

    private static void fill(Path ballast) throws IOException {
        byte[] some = new byte[1 << 16]; // what is written in part fills the rest
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(some);
            }
        } catch (IOException full) {
            assertThat(Files.size(ballast)).isPositive();
        }
    }

    private static boolean mount(String... arguments) throws InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "mount";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            ChildProcess.run(command);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
