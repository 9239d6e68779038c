package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kills a loaded node at random moments, again and again, and looks whether anything was lost or done twice: G1–G4. */
final class CrashTest {
    private static final int KILLS = Integer.getInteger("tollgate.kills", 12);
    private static final int LINES_AT_MOST = 120;
    private static final int ID_LENGTH = 36;

    @TempDir
    Path directory;

    @ParameterizedTest(name = "{0}, a kill for {1} of each {2}")
    @CsvSource({"load, 3, 4", "wild, 1, 4"})
    void killedAgainAndAgain_losesNothingAndDoesNothingTwice(String load, int share, int of) throws Exception {
        long seed = Long.getLong("tollgate.seed", System.nanoTime());
        Random random = new Random(seed);
        int kills = KILLS * share / of;
        Set<String> acknowledged = new HashSet<>();
        try (ServerProcess server = ServerProcess.start(directory)) {
            for (int kill = 0; kill < kills; kill++) {
                try (ChildProcess node = node(server, load)) {
                    node.awaitLine("READY");
                    int lines = random.nextInt(LINES_AT_MOST);
                    for (int i = 0; i < lines; i++) {
                        node.nextLine();
                    }
                    node.kill();
                    node.seen("ACK ").stream()
                            .filter(id -> id.length() == ID_LENGTH) // the last line may be cut by the kill
                            .forEach(acknowledged::add);
                }
            }
            try (ChildProcess last = node(server, "finish")) {
                last.awaitLine("IDLE");
            }

            assertThat(acknowledged).as("seed %d: acknowledged jobs", seed).isNotEmpty();
            Aftermath aftermath = new Aftermath(directory.resolve("data"), server.counts()).acknowledged(acknowledged);
            assertThat(aftermath.faults()).as("seed %d", seed).isEmpty();
            System.out.printf(
                    "%s: %d kills, %d jobs of which %d acknowledged, nothing lost, nothing run twice%n",
                    load, kills, aftermath.jobs(), acknowledged.size());
        }
    }

    private ChildProcess node(ServerProcess server, String what) throws Exception {
        return ChildProcess.start(
                directory.resolve("node.log"),
                CrashNode.class,
                directory.resolve("data").toString(),
                String.valueOf(server.port()),
                what);
    }
}
